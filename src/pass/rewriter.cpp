#include "pass/rewriter.h"

#include "simd/cast.h"

namespace sardonyx {

bool Rewriter::allow() {
  if (budget_ == 0) return false;
  --budget_;
  ++rewrites_;
  return true;
}

Result<ValueId> Rewriter::add(std::string_view domain, std::string_view op, ValueIds inputs, std::vector<Attr> attrs,
                              std::string name) {
  const OpDef* def = ops_.find(domain, op);
  if (def == nullptr) return fail(Code::kOpUnknown, "this build lacks the operator ", op);
  std::vector<std::string> outputs;
  outputs.push_back(name);
  SDX_TRY(const NodeId n,
          graph_.add_node(def, std::move(name), std::move(inputs), std::move(attrs), std::move(outputs)));
  return graph_.node(n).outputs[0];
}

Result<ValueId> Rewriter::constant_ints(std::span<const int64_t> v) {
  SDX_TRY(Tensor t, Tensor::vector_i64(v));
  return graph_.add_constant(std::move(t));
}

void Rewriter::replace(ValueId from, ValueId to) {
  if (graph_.is_output(from) && graph_.value(to).producer != kNone && !graph_.is_output(to))
    graph_.value(to).name = graph_.value(from).name;
  graph_.replace_uses(from, to);
}

void Rewriter::erase_if_unused(NodeId first) {
  std::vector<NodeId> stack{first};
  while (!stack.empty()) {
    const NodeId n = stack.back();
    stack.pop_back();
    if (n == kNone || graph_.node(n).dead) continue;
    bool needed = graph_.node(n).outputs.empty();  // it is there for what it does
    for (ValueId v : graph_.node(n).outputs) needed = needed || !unused(v);
    if (needed) continue;
    const ValueIds inputs = graph_.node(n).inputs;
    graph_.erase(n);
    for (ValueId v : inputs)
      if (v != kNone) stack.push_back(graph_.value(v).producer);
  }
}

const Node* Rewriter::producer(ValueId v) const {
  const NodeId n = producer_id(v);
  return n == kNone ? nullptr : &graph_.node(n);
}

std::optional<double> Rewriter::scalar(ValueId v) const {
  if (v == kNone) return std::nullopt;
  const Tensor* t = constant(v);
  if (t == nullptr || t->count() != 1) return std::nullopt;
  const simd::CastFn cast = simd::cast(t->dtype(), DType::kF64);
  if (cast == nullptr) return std::nullopt;
  double out = 0;
  cast(t->data(), &out, 1, {});
  return out;
}

}  // namespace sardonyx
