#include "plan/planner.h"

#include <algorithm>
#include <cmath>

#include "base/memory.h"

namespace sardonyx {

namespace {

constexpr int64_t kMostEvaluated = 1 << 14;  // elements of a value computed while planning
constexpr double kChunkCost = 30000;         // scalar operations that are worth handing to another thread

Tensor wrap(const Slot& s) {
  const size_t bytes = storage_bytes(s.dtype, elements(*s.dims));
  return Tensor(s.dtype, *s.dims, Buffer::wrap(s.data, bytes));
}

PlanValue plan_value(const Fact& f) {
  PlanValue p;
  p.dtype = f.dtype();
  p.tensor = f.type.is_tensor();
  p.known = p.tensor && f.has_rank && all_known(f.shape);
  if (p.known)
    for (Dim d : f.shape) p.dims.push_back(d.value());
  p.constant = f.constant;
  return p;
}

template <class T>
void store(const Dims& d, Tensor& t) {
  for (size_t i = 0; i < d.size(); ++i) t.as<T>()[i] = static_cast<T>(d[i].value());
}

// The contents that inference found, as a tensor; invalid if they are not all integers.
Result<Tensor> tensor_of_ints(const Fact& f, std::span<const int64_t> dims) {
  if (!f.ints || !all_known(*f.ints)) return Tensor();
  SDX_TRY(Tensor t, Tensor::make(f.dtype(), dims));
  switch (f.dtype()) {
    case DType::kI64: store<int64_t>(*f.ints, t); return t;
    case DType::kI32: store<int32_t>(*f.ints, t); return t;
    case DType::kBool: store<bool>(*f.ints, t); return t;
    default: return Tensor();
  }
}

}  // namespace

// Gives inference the contents of earlier tensors; notes when it asks for one that this segment has yet to compute.
class Planner::Reader final : public InferCtx::Reader {
 public:
  Reader(Planner& p, const Node& n) : p_(p), n_(n) {}
  const Tensor* read(int input) override {
    Entry& e = p_.entry(n_.inputs[static_cast<size_t>(input)]);
    if (e.fact.constant.valid()) return &e.fact.constant;
    if (e.local) {
      asked_too_early = true;
      return nullptr;
    }
    if (!e.plan.tensor || e.plan.dtype == DType::kString) return nullptr;
    const Slot& s = p_.inputs_.slot(e.value);
    if (s.data == nullptr && elements(*s.dims) != 0) {  // planning ahead, without inputs
      blind = true;
      return nullptr;
    }
    auto copy = wrap(s).clone();
    if (!copy.ok()) return nullptr;
    e.fact.constant = e.plan.constant = *copy;
    p_.plan_->depends.push_back({e.value, *copy});
    return &e.fact.constant;
  }
  bool asked_too_early = false;
  bool blind = false;

 private:
  Planner& p_;
  const Node& n_;
};

Planner::Planner(const Program& program, int32_t first_step, const PlanInputs& inputs, ThreadPool* pool)
    : program_(program),
      graph_(*program.graph),
      first_(first_step),
      end_(first_step),
      inputs_(inputs),
      pool_(pool),
      plan_(std::make_shared<Plan>()),
      index_(program.graph->value_count(), kNone) {
  plan_->first_step = first_step;
}

Planner::Entry& Planner::add_entry(ValueId v) {
  index_[static_cast<size_t>(v)] = static_cast<int32_t>(entries_.size());
  Entry& e = entries_.emplace_back();
  e.value = v;
  e.root = static_cast<int32_t>(entries_.size()) - 1;
  return e;
}

Planner::Entry& Planner::entry(ValueId v) {
  if (const int32_t at = index_[static_cast<size_t>(v)]; at != kNone) return entries_[static_cast<size_t>(at)];
  Entry& e = add_entry(v);
  e.where = Bind::Where::kShared;
  if (graph_.is_constant(v)) {
    e.fact = graph_.fact(v);
    e.plan = plan_value(e.fact);
    return e;
  }
  const Slot& s = inputs_.slot(v);
  if (s.dims != nullptr) {
    e.fact = Fact::of(s.dtype, to_shape(*s.dims));
  } else {
    e.fact.type = graph_.fact(v).type;
  }
  e.plan = plan_value(e.fact);
  return e;
}

Status Planner::walk() {
  const int32_t count = static_cast<int32_t>(program_.steps.size());
  for (end_ = first_; end_ < count; ++end_) {
    auto outcome = plan_step(end_);
    if (!outcome.ok())
      return outcome.take_status().at_origin(graph_.origin(program_.steps[static_cast<size_t>(end_)].node));
    if (*outcome == Outcome::kStopBefore) {
      SDX_CHECK(end_ > first_);
      return {};
    }
    if (*outcome == Outcome::kStopAfter) {
      ++end_;
      return {};
    }
  }
  return {};
}

Status Planner::infer(int32_t s, std::span<const Fact* const> in, std::vector<Fact>& out, bool& stop_before) {
  const Node& n = graph_.node(program_.steps[static_cast<size_t>(s)].node);
  Reader reader(*this, n);
  bool was_deferred = false;
  SDX_RETURN_IF_ERROR(infer_node(n, in, out, sym_, &reader, &was_deferred));
  if (reader.blind) return deferred();
  bool open = was_deferred;
  for (size_t o = 0; o < out.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    Fact& f = out[o];
    if (f.type.kind == Type::Kind::kUnknown) f.type = graph_.fact(n.outputs[o]).type;
    if (f.type.is_tensor() && (!f.has_rank || !all_known(f.shape))) open = true;
  }
  stop_before = open && reader.asked_too_early;
  return {};
}

bool Planner::all_contents_known(const Node& n) {
  if (n.captures > 0 || !n.bodies.empty() || n.op->has(kNondeterministic)) return false;
  bool any = false;
  for (ValueId v : n.inputs) {
    if (v == kNone) continue;
    if (!entry(v).fact.constant.valid()) return false;
    any = true;
  }
  return any;
}

// Computes small outputs whose inputs' contents are known, so that the step need not run. False if it has to.
Result<bool> Planner::evaluate(int32_t s, std::vector<Fact>& out) {
  const Step& step = program_.steps[static_cast<size_t>(s)];
  const Node& n = graph_.node(step.node);
  bool by_inference = !out.empty();
  std::vector<Tensor> found(out.size());
  for (size_t o = 0; o < out.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    const PlanValue p = plan_value(out[o]);
    if (!p.known || elements(p.dims) > kMostEvaluated) return false;
    SDX_TRY(found[o], tensor_of_ints(out[o], p.dims));
    by_inference = by_inference && found[o].valid();
  }
  if (!by_inference) {
    if (!all_contents_known(n)) return false;
    std::vector<Value> in;
    for (ValueId v : n.inputs) in.push_back(v == kNone ? Value() : Value(entry(v).fact.constant));
    auto r = run_once(graph_, step.node, step.kernel.get(), in, nullptr);
    if (!r.ok()) return r.take_status();
    for (size_t o = 0; o < out.size(); ++o) {
      if (n.outputs[o] == kNone) continue;
      if (!(*r)[o].is_tensor()) return false;
      found[o] = (*r)[o].tensor();
    }
  }
  for (size_t o = 0; o < out.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    Entry& e = add_entry(n.outputs[o]);
    e.local = true;
    e.fact = Fact::of(found[o]);
    e.plan = plan_value(e.fact);
    e.where = Bind::Where::kConstant;
  }
  return true;
}

Result<Planner::Outcome> Planner::plan_step(int32_t s) {
  const Step& step = program_.steps[static_cast<size_t>(s)];
  const Node& n = graph_.node(step.node);
  SmallVec<const Fact*, 8> in;
  for (size_t i = 0; i < n.inputs.size(); ++i) {
    const ValueId v = n.inputs[i];
    const Entry* e = v == kNone ? nullptr : &entry(v);
    if (e && e->plan.tensor && !e->plan.known) return Outcome::kStopBefore;
    if (static_cast<int>(i) < n.formal_inputs()) in.push_back(e ? &e->fact : nullptr);
  }
  std::vector<Fact> out(n.outputs.size());
  bool stop_before = false;
  SDX_RETURN_IF_ERROR(infer(s, in, out, stop_before));
  if (stop_before) return Outcome::kStopBefore;
  SDX_TRY(const bool done, evaluate(s, out));
  if (done) return Outcome::kGoOn;

  bool open = false;
  for (size_t o = 0; o < out.size(); ++o) {
    if (n.outputs[o] == kNone) continue;
    Entry& e = add_entry(n.outputs[o]);
    e.local = true;
    e.fact = std::move(out[o]);
    e.plan = plan_value(e.fact);
    e.first = s;
    e.last = std::max(s, program_.last_use[static_cast<size_t>(n.outputs[o])]);
    if (e.plan.known) {
      SDX_TRY(e.bytes, checked_storage_bytes(e.plan.dtype, e.plan.dims));
      if (e.bytes > memory_limit())
        return fail(Code::kMemory, "output ", o, " has extents ", to_string(e.plan.dims), ", which needs ", e.bytes,
                    " bytes; this machine has ", memory_limit());
      e.where = e.plan.dtype == DType::kString ? Bind::Where::kStrings : Bind::Where::kArena;
    } else {
      e.where = Bind::Where::kObject;
      open = open || e.plan.tensor;
    }
  }
  if (step.kernel == nullptr) {
    make_view(s, n.inputs[0], n.outputs[0]);
  } else {
    SDX_RETURN_IF_ERROR(prepare(s));
  }
  return open ? Outcome::kStopAfter : Outcome::kGoOn;
}

Status Planner::prepare(int32_t s) {
  const Step& step = program_.steps[static_cast<size_t>(s)];
  const Node& n = graph_.node(step.node);
  SmallVec<const PlanValue*, 8> in;
  SmallVec<PlanValue*, 8> out;
  for (ValueId v : n.inputs) in.push_back(v == kNone ? nullptr : &entry(v).plan);
  for (ValueId v : n.outputs) out.push_back(v == kNone ? nullptr : &entry(v).plan);
  const int threads = pool_ ? pool_->threads() : 1;
  PrepareCtx c(in, out, threads);
  SDX_RETURN_IF_ERROR(step.kernel->prepare(c));

  PlannedStep p;
  p.step = s;
  p.tasks = c.task_count;
  const double cost = std::max(1.0, c.task_cost);
  const double total = cost * static_cast<double>(c.task_count);
  if (threads == 1 || total < 2 * kChunkCost) {
    p.grain = std::max<int64_t>(1, c.task_count);
  } else {
    p.grain = std::max<int64_t>({1, static_cast<int64_t>(std::ceil(kChunkCost / cost)), c.task_count / (threads * 32)});
  }
  p.scratch = c.scratch_shared;
  p.thread_scratch = (c.scratch_thread + kAlignment - 1) / kAlignment * kAlignment;
  plan_->scratch = std::max(plan_->scratch, p.scratch);
  plan_->thread_scratch = std::max(plan_->thread_scratch, p.thread_scratch);
  p.work = c.work_blob.get();
  if (c.work_blob) plan_->blobs.push_back(std::move(c.work_blob));
  for (auto& a : c.arrays) plan_->arrays.push_back(std::move(a));
  for (const auto& a : c.aliases)
    make_view(s, n.inputs[static_cast<size_t>(a.in)], n.outputs[static_cast<size_t>(a.out)]);
  for (const auto& r : c.reuse)
    if (try_reuse(s, n, r.in, r.out)) break;
  plan_->steps.push_back(p);
  return {};
}

PlanPtr Planner::finish(std::vector<int64_t> key) {
  plan_->end_step = end_;
  plan_->key = std::move(key);
  use_output_buffers();
  place_arena();
  emit_binds();
  return plan_;
}

}  // namespace sardonyx
