// The history rules that many operators share (declared in ir/upgrade_ctx.h).

#include "ir/upgrade_ctx.h"
#include "tensor/element.h"

namespace sardonyx {
namespace {

Result<Tensor> as_input(UpgradeCtx& u, const Attr& a, bool vector) {
  switch (a.type) {
    case AttrType::kInts: return Tensor::vector_i64(a.ints);
    case AttrType::kInt: return vector ? Tensor::vector_i64(std::span(&a.i, 1)) : Tensor::scalar_i64(a.i);
    case AttrType::kFloats: {
      const int64_t n = static_cast<int64_t>(a.floats.size());
      return Tensor::of<float>(DType::kF32, std::span(&n, 1), a.floats);
    }
    case AttrType::kFloat: {
      const DType like = u.has(0) ? u.fact(0).dtype() : DType::kUndefined;
      return make_scalar(like == DType::kUndefined ? DType::kF32 : like, static_cast<double>(a.f));
    }
    default:
      return fail(Code::kAttr, "attribute ", quoted(a.name), " is ", attr_type_name(a.type),
                  ", expected a number or numbers");
  }
}

}  // namespace

Status rule_drop_attr(UpgradeCtx& u, const Upgrade& r) {
  u.drop_attr(r.name);
  return {};
}

Status rule_attr_to_input(UpgradeCtx& u, const Upgrade& r) {
  const Attr* a = u.attr(r.name);
  if (a == nullptr) return {};
  if (u.has(r.index)) return fail(Code::kAttr, "attribute ", quoted(r.name), " and input ", r.index, " are both given");
  SDX_TRY(Tensor t, as_input(u, *a, r.name2 == "vector"));
  u.set_input(r.index, u.constant(std::move(t)));
  u.drop_attr(r.name);
  return {};
}

Status rule_set_attr_int(UpgradeCtx& u, const Upgrade& r) {
  if (u.attr(r.name) == nullptr) u.set_attr(Attr::of_int(std::string(r.name), r.index));
  return {};
}

// Before opset 7, B broadcasts to A only if asked, and `axis` says where B's first axis lies in A; without it B is a
// suffix of A, as now.
Status rule_legacy_broadcast(UpgradeCtx& u, const Upgrade&) {
  const Attr* flag = u.attr("broadcast");
  const Attr* axis_attr = u.attr("axis");
  const bool on = flag != nullptr && flag->i != 0;
  const bool placed = on && axis_attr != nullptr;
  int64_t axis = placed ? axis_attr->i : 0;
  u.drop_attr("broadcast");
  u.drop_attr("axis");
  if (!placed || !u.has(0) || !u.has(1)) return {};
  if (!u.fact(0).has_rank || !u.fact(1).has_rank)
    return fail(Code::kShape, "broadcast along axis ", axis, " (opset ", u.opset(), ") needs inputs of known rank");
  const int64_t rank_a = static_cast<int64_t>(u.fact(0).shape.size()),
                rank_b = static_cast<int64_t>(u.fact(1).shape.size());
  if (axis < 0) axis += rank_a;
  const int64_t trailing = rank_a - axis - rank_b;
  if (axis < 0 || trailing < 0)
    return fail(Code::kRange, "axis ", axis, " does not fit: input 0 has rank ", rank_a, " and input 1 rank ", rank_b);
  if (trailing == 0 || rank_b == 0) return {};
  SmallVec<int64_t, 8> axes;
  for (int64_t i = 0; i < trailing; ++i) axes.push_back(rank_b + i);
  SDX_TRY(const ValueId aligned, u.emit("Unsqueeze", {u.draft().inputs[1], u.ints(axes)}));
  u.set_input(1, aligned);
  return {};
}

}  // namespace sardonyx
