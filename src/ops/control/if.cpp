// If runs one of two bodies. An output's extent is known where both branches agree on it.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/control/bodies.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"B", kBoolType},
                              {.name = "V",
                               .tensors = kAnyType,
                               .sequences = kAnyType,
                               .optionals = kAnyType,
                               .optional_sequences = kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kIn[] = {{"cond", "B"}};
constexpr ParamDef kOut[] = {{"outputs", "V", kVariadic | kHeterogeneous}};
constexpr AttrDef kAttrs[] = {attr_required("else_branch", AttrType::kGraph),
                              attr_required("then_branch", AttrType::kGraph)};

Status check_count(const InferCtx& c, const Graph& body, std::string_view name) {
  if (const int formal = BodyView(c, body).formal_inputs(c.node()); formal != 0)
    return fail(Code::kType, name, " has ", formal, " inputs, expected none: branches see the values around them");
  if (static_cast<int>(body.outputs.size()) >= c.outputs()) return {};
  return fail(Code::kType, name, " has ", body.outputs.size(), " outputs, the node ", c.outputs());
}

// 1 or 0 if the condition is a constant of one element, else -1.
int known_condition(const InferCtx& c) {
  const Tensor& t = c.in(0).constant;
  return t.valid() && t.count() == 1 ? *t.as<uint8_t>() != 0 : -1;
}

Shape agreed_shape(const InferCtx& c, const Shape& a, const Shape& b, bool same_table) {
  Shape out;
  for (size_t i = 0; i < a.size(); ++i) out.push_back(a[i] == b[i] && (a[i].known() || same_table) ? a[i] : c.fresh());
  return out;
}

Status infer(InferCtx& c) {
  if (c.in(0).has_rank && c.sym().equal(c.sym().product(c.in(0).shape), 1) == false)
    return c.shape_error("cond has shape ", c.text(c.in(0).shape), ", expected one element");
  SDX_TRY(const Graph* then_body, body_named(c.node(), "then_branch"));
  SDX_TRY(const Graph* else_body, body_named(c.node(), "else_branch"));
  SDX_RETURN_IF_ERROR(check_count(c, *then_body, "then_branch"));
  SDX_RETURN_IF_ERROR(check_count(c, *else_body, "else_branch"));
  const int taken = known_condition(c);
  const BodyView a(c, taken == 0 ? *else_body : *then_body), b(c, taken == 1 ? *then_body : *else_body);
  for (int o = 0; o < c.outputs(); ++o) {
    const Fact &x = a.out(o), &y = b.out(o);
    SDX_TRY(Type type, common_type(x.type, y.type, cat("output ", o, " of then_branch and else_branch")));
    const bool ranked = x.has_rank && y.has_rank && x.shape.size() == y.shape.size();
    const Shape shape = ranked ? agreed_shape(c, x.shape, y.shape, a.same_table()) : Shape();
    SDX_RETURN_IF_ERROR(set_output(c, o, std::move(type), ranked ? &shape : nullptr));
  }
  return {};
}

}  // namespace

SDX_OP(If) = {.name = "If",
              .since = 25,
              .types = kTypes,
              .inputs = kIn,
              .outputs = kOut,
              .attrs = kAttrs,
              .infer = infer,
              .traits = kControlFlow | kDataDependent};

}  // namespace sardonyx
