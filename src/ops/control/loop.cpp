// Loop runs a body while its condition holds, at most M times. Values are carried from one iteration to the next; the
// last outputs of the body are stacked over the iterations.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/control/bodies.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"I", kInt64Type},
                              {"B", kBoolType},
                              {.name = "V",
                               .tensors = kAnyType,
                               .sequences = kAnyType,
                               .optionals = kAnyType,
                               .optional_sequences = kNumericTypes | kComplexTypes | kBoolType | kStringType}};
constexpr ParamDef kIn[] = {
    {"M", "I", kOptional}, {"cond", "B", kOptional}, {"v_initial", "V", kVariadic | kHeterogeneous}};
constexpr ParamDef kOut[] = {{"v_final_and_scan_outputs", "V", kVariadic | kHeterogeneous}};
constexpr AttrDef kAttrs[] = {attr_required("body", AttrType::kGraph)};

bool is_true(const Tensor& t) { return t.valid() && t.count() == 1 && *t.as<uint8_t>() != 0; }

// The number of iterations, if M alone decides it.
Dim iterations(InferCtx& c, const BodyView& body) {
  const bool starts = !c.has(1) || is_true(c.in(1).constant);
  const bool goes_on = is_true(body.out(0).constant) || body.hands_through(0, 1);
  if (!starts || !goes_on || !c.has(0) || !c.in(0).ints || c.in(0).ints->size() != 1) return c.fresh();
  const Dim m = (*c.in(0).ints)[0];
  return m.known() ? Dim(std::max<int64_t>(m.value(), 0)) : m;
}

// Extents of a carried value after the loop: those that one iteration hands on unchanged, and those that start and end
// agree on.
Status set_carried(InferCtx& c, const BodyView& body, int o) {
  const Fact* start = c.has(o + 2) ? &c.in(o + 2) : nullptr;
  const Fact &before = body.in(o + 2), &after = body.out(o + 1);
  SDX_TRY(Type type, common_type(start != nullptr ? start->type : Type(), after.type, cat("loop-carried value ", o)));
  if (after.type.kind != Type::Kind::kUnknown) type = after.type;  // optional only if the body makes it so
  if (start == nullptr || !start->has_rank || !after.has_rank || start->shape.size() != after.shape.size())
    return set_output(c, o, std::move(type), nullptr);
  Shape out;
  const bool comparable = before.has_rank && before.shape.size() == after.shape.size();
  for (size_t a = 0; a < after.shape.size(); ++a) {
    const Dim first = start->shape[a], last = after.shape[a];
    const bool kept =
        (comparable && before.shape[a] == last) || (first == last && (first.known() || body.same_table()));
    out.push_back(kept ? first : c.fresh());
  }
  return set_output(c, o, std::move(type), &out);
}

Status set_stacked(InferCtx& c, const BodyView& body, int o, int from, Dim count, const OuterSymbols& outer) {
  const Fact& f = body.out(from);
  if (f.type.kind != Type::Kind::kTensor && f.type.kind != Type::Kind::kUnknown)
    return fail(Code::kType, "output ", from, " of body is ", to_string(f.type),
                ", only tensors can be stacked over the iterations");
  if (!f.has_rank) return set_output(c, o, f.type, nullptr);
  Shape out = {count};
  for (Dim d : f.shape) out.push_back(d.known() || (body.same_table() && outer.explains(d)) ? d : c.fresh());
  return set_output(c, o, f.type, &out);
}

Status infer(InferCtx& c) {
  for (int i = 0; i < 2; ++i) {
    if (c.has(i) && c.in(i).has_rank && c.sym().equal(c.sym().product(c.in(i).shape), 1) == false)
      return c.shape_error(i == 0 ? "M" : "cond", " has shape ", c.text(c.in(i).shape), ", expected one element");
  }
  SDX_TRY(const Graph* graph, body_named(c.node(), "body"));
  const BodyView body(c, *graph);
  const int carried = std::max(c.inputs() - 2, 0);
  if (body.formal_inputs(c.node()) != carried + 2)
    return fail(Code::kType, "body has ", body.formal_inputs(c.node()), " inputs, expected ", carried + 2,
                ": iteration, condition and ", carried, " carried values");
  if (body.outputs() < carried + 1 || body.outputs() < c.outputs() + 1)
    return fail(Code::kType, "body has ", body.outputs(), " outputs, expected ", std::max(carried, c.outputs()) + 1,
                ": the condition, ", carried, " carried values and the stacked ones");
  OuterSymbols outer(c.sym());
  for (int i = carried + 2; body.same_table() && i < static_cast<int>(graph->inputs.size()); ++i) outer.add(body.in(i));
  const Dim count = iterations(c, body);
  for (int o = 0; o < c.outputs(); ++o) {
    SDX_RETURN_IF_ERROR(o < carried ? set_carried(c, body, o) : set_stacked(c, body, o, o + 1, count, outer));
  }
  return {};
}

}  // namespace

SDX_OP(Loop) = {.name = "Loop",
                .since = 25,
                .types = kTypes,
                .inputs = kIn,
                .outputs = kOut,
                .attrs = kAttrs,
                .min_inputs = 0,  // trailing absent ones may be left out
                .infer = infer,
                .traits = kControlFlow | kDataDependent};

}  // namespace sardonyx
