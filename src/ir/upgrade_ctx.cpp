#include "ir/upgrade_ctx.h"

#include "ir/import_node.h"
#include "ir/opset.h"
#include "tensor/element.h"

namespace sardonyx {

Attr* UpgradeCtx::attr(std::string_view name) {
  for (Attr& a : draft_.attrs)
    if (a.name == name) return &a;
  return nullptr;
}

void UpgradeCtx::drop_attr(std::string_view name) {
  std::erase_if(draft_.attrs, [&](const Attr& a) { return a.name == name; });
}

void UpgradeCtx::set_attr(Attr a) {
  if (Attr* old = attr(a.name)) {
    *old = std::move(a);
  } else {
    draft_.attrs.push_back(std::move(a));
  }
}

void UpgradeCtx::set_input(int i, ValueId v) {
  const size_t at = static_cast<size_t>(i);
  if (draft_.inputs.size() <= at) draft_.inputs.resize(at + 1, kNone);
  draft_.inputs[at] = v;
}

ValueId UpgradeCtx::ints(std::span<const int64_t> v) {
  auto t = Tensor::vector_i64(v);
  return t.ok() ? graph_.add_constant(std::move(*t)) : kNone;
}

ValueId UpgradeCtx::scalar_like(int input, double v) {
  const DType type = has(input) ? fact(input).dtype() : DType::kUndefined;
  auto t = make_scalar(type == DType::kUndefined ? DType::kF32 : type, v);
  return t.ok() ? graph_.add_constant(std::move(*t)) : kNone;
}

std::string UpgradeCtx::fresh_name(std::string_view op) const {
  std::string_view base = draft_.name;
  for (const std::string& o : draft_.outputs)
    if (!o.empty()) {
      base = o;
      break;
    }
  return cat(base, "/", op, "_", graph_.value_count());
}

Result<ValueId> UpgradeCtx::emit(std::string_view op, ValueIds inputs, std::vector<Attr> attrs) {
  const OpName name = split_op_name(op);
  const OpDef* def = ops_.find(name.domain, name.name);
  if (def == nullptr)
    return fail(Code::kOpUnknown, "its form in newer opsets needs the operator ", quoted(op),
                ", which this build lacks");
  while (!inputs.empty() && inputs.back() == kNone) inputs.pop_back();
  std::string out = fresh_name(name.name);
  SDX_TRY(const NodeId id,
          graph_.add_node(def, draft_.name.empty() ? out : draft_.name, std::move(inputs), std::move(attrs), {out}));
  return graph_.node(id).outputs[0];
}

Status UpgradeCtx::then(std::string_view op, ValueIds more_inputs, std::vector<Attr> attrs) {
  for (size_t o = 1; o < draft_.outputs.size(); ++o)
    if (!draft_.outputs[o].empty()) return fail(Code::kOpset, "output ", o, " has no counterpart in newer opsets");
  const std::string qualified = draft_.domain.empty() ? draft_.op : cat(draft_.domain, ".", draft_.op);
  SDX_TRY(const ValueId first, emit(qualified, std::move(draft_.inputs), std::move(draft_.attrs)));
  const OpName next = split_op_name(op);
  draft_.domain = next.domain;
  draft_.op = next.name;
  draft_.inputs = {first};
  for (ValueId v : more_inputs) draft_.inputs.push_back(v);
  draft_.attrs = std::move(attrs);
  draft_.opset = newest_opset(next.domain);
  return {};
}

}  // namespace sardonyx
