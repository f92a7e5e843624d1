// Where the values of a plan live: views, results in place, the caller's output buffers, the arena.
#include "plan/memory.h"
#include "plan/planner.h"

namespace sardonyx {

void Planner::make_view(int32_t, ValueId in, ValueId out) {
  Entry& from = entry(in);
  Entry& to = entry(out);
  Entry& root = entries_[static_cast<size_t>(from.root)];
  to.root = from.root;
  to.offset = from.offset;
  root.last = std::max(root.last, to.last);
}

bool Planner::try_reuse(int32_t s, const Node& n, int i, int o) {
  if (n.inputs[static_cast<size_t>(i)] == kNone || n.outputs[static_cast<size_t>(o)] == kNone) return false;
  const ValueId v = n.inputs[static_cast<size_t>(i)];
  Entry& from = entry(v);
  Entry& to = entry(n.outputs[static_cast<size_t>(o)]);
  Entry& root = entries_[static_cast<size_t>(from.root)];
  if (!root.local || root.where != Bind::Where::kArena || root.last > s || to.where != Bind::Where::kArena)
    return false;
  if (&entries_[static_cast<size_t>(to.root)] != &to || from.offset != 0 || to.bytes != root.bytes) return false;
  if (dtype_bits(from.plan.dtype) != dtype_bits(to.plan.dtype)) return false;
  for (ValueId other : n.inputs)
    if (other != kNone && other != v && entry(other).root == from.root) return false;
  to.root = from.root;
  to.offset = 0;
  root.last = std::max(root.last, to.last);
  return true;
}

void Planner::use_output_buffers() {
  for (size_t k = 0; k < graph_.outputs.size(); ++k) {
    const ValueId v = graph_.outputs[k];
    const int32_t at = index_[static_cast<size_t>(v)];
    if (at == kNone || !entries_[static_cast<size_t>(at)].local) continue;
    const Entry& e = entries_[static_cast<size_t>(at)];
    Entry& root = entries_[static_cast<size_t>(e.root)];
    if (!root.local || root.where != Bind::Where::kArena || e.offset != 0 || e.bytes != root.bytes) continue;
    root.where = Bind::Where::kOutput;
    root.output = static_cast<int32_t>(k);
  }
}

void Planner::place_arena() {
  std::vector<ArenaRequest> requests;
  std::vector<Entry*> owners;
  for (size_t i = 0; i < entries_.size(); ++i) {
    Entry& e = entries_[i];
    if (!e.local || e.where != Bind::Where::kArena || e.root != static_cast<int32_t>(i)) continue;
    requests.push_back({e.bytes, e.first, e.last >= end_ ? INT32_MAX : e.last, 0});
    owners.push_back(&e);
  }
  plan_->arena_bytes = place(requests);
  for (size_t i = 0; i < owners.size(); ++i) owners[i]->offset = requests[i].offset;
}

void Planner::emit_binds() {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const Entry& e = entries_[i];
    if (!e.local) continue;
    const Entry& root = entries_[static_cast<size_t>(e.root)];
    const bool own = e.root == static_cast<int32_t>(i);
    Bind b;
    b.value = e.value;
    b.dtype = e.plan.dtype;
    b.has_dims = e.plan.known;
    b.dims = e.plan.dims;
    if (e.where == Bind::Where::kConstant && own) {
      b.where = Bind::Where::kConstant;
      b.constant = e.fact.constant;
    } else if (root.local && root.where == Bind::Where::kArena) {
      b.where = Bind::Where::kArena;
      b.offset = own ? e.offset : root.offset + e.offset;
    } else if (root.local && root.where == Bind::Where::kOutput) {
      b.where = Bind::Where::kOutput;
      b.other = root.output;
      b.offset = own ? 0 : e.offset;
    } else if (own) {
      b.where = e.where;
    } else {
      b.where = Bind::Where::kShared;
      b.other = root.value;
      b.offset = e.offset;
    }
    plan_->binds.push_back(std::move(b));
  }
}

}  // namespace sardonyx
