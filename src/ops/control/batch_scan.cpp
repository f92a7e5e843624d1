// BatchScan: Scan as opset 8 had it. Every value has a batch axis first; scan inputs are cut along axis 1, each sample
// up to its own length; what lies beyond it is zero in the stacked outputs.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/control/bodies.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"I", kInt64Type}, {"V", kAnyType}};
constexpr ParamDef kIn[] = {{"sequence_lens", "I", kOptional},
                            {"initial_state_and_scan_inputs", "V", kVariadic | kHeterogeneous}};
constexpr ParamDef kOut[] = {{"final_state_and_scan_outputs", "V", kVariadic | kHeterogeneous}};
constexpr AttrDef kAttrs[] = {attr_required("body", AttrType::kGraph), attr_optional("directions", AttrType::kInts),
                              attr_required("num_scan_inputs", AttrType::kInt)};

struct Common {
  std::optional<Dim> batch, steps;
};

Result<Common> common_extents(InferCtx& c, int states) {
  Common e;
  const auto agree = [&](std::optional<Dim>& all, Dim d, std::string_view what) -> Status {
    if (all) {
      SDX_TRY(all, c.must_equal(*all, d, what));
    } else {
      all = d;
    }
    return {};
  };
  for (int i = 1; i < c.inputs(); ++i) {
    if (!c.has(i) || !c.in(i).has_rank) continue;
    const Shape& s = c.in(i).shape;
    const size_t least = i - 1 < states ? 1 : 2;
    if (s.size() < least)
      return c.shape_error("input ", i, " ", c.text(s), " has rank ", s.size(), ", expected ", least, " or more");
    SDX_RETURN_IF_ERROR(agree(e.batch, s[0], "batch extents"));
    if (least == 2) SDX_RETURN_IF_ERROR(agree(e.steps, s[1], "lengths of the scan inputs"));
  }
  return e;
}

Status infer(InferCtx& c) {
  SDX_TRY(const Graph* graph, body_named(c.node(), "body"));
  const BodyView body(c, *graph);
  const int64_t scans = c.attr_int("num_scan_inputs");
  if (scans < 1 || scans > c.inputs() - 1)
    return fail(Code::kAttr, "num_scan_inputs is ", scans, ", expected 1 to ", c.inputs() - 1);
  const int states = c.inputs() - 1 - static_cast<int>(scans);
  if (body.formal_inputs(c.node()) != c.inputs() - 1 || body.outputs() < std::max(states, c.outputs()))
    return fail(Code::kType, "body has ", body.formal_inputs(c.node()), " inputs and ", body.outputs(),
                " outputs, expected ", c.inputs() - 1, " and at least ", std::max(states, c.outputs()));
  if (c.has_attr("directions") && c.attr_ints("directions").size() != static_cast<size_t>(scans))
    return fail(Code::kAttr, "directions has ", c.attr_ints("directions").size(), " entries, expected ", scans);
  SDX_TRY(const Common e, common_extents(c, states));
  OuterSymbols outer(c.sym());
  for (int i = 1; body.same_table() && i < c.inputs(); ++i)
    if (c.has(i)) outer.add(c.in(i));
  for (int i = c.inputs() - 1; body.same_table() && i < static_cast<int>(graph->inputs.size()); ++i)
    outer.add(body.in(i));
  for (int o = 0; o < c.outputs(); ++o) {
    const Fact& f = body.out(o);
    if (o < states && c.has(o + 1) && c.in(o + 1).has_rank) {
      SDX_TRY(Type type, common_type(c.in(o + 1).type, f.type, cat("state ", o)));
      SDX_RETURN_IF_ERROR(set_output(c, o, std::move(type), &c.in(o + 1).shape));
      continue;
    }
    if (!f.has_rank) {
      SDX_RETURN_IF_ERROR(set_output(c, o, f.type, nullptr));
      continue;
    }
    Shape out = {e.batch ? *e.batch : c.fresh()};
    if (o >= states) out.push_back(e.steps ? *e.steps : c.fresh());
    for (Dim d : f.shape) out.push_back(d.known() || (body.same_table() && outer.explains(d)) ? d : c.fresh());
    SDX_RETURN_IF_ERROR(set_output(c, o, f.type, &out));
  }
  return {};
}

}  // namespace

SDX_OP(sdx_BatchScan) = {.name = "BatchScan",
                         .domain = "ai.sardonyx",
                         .since = 1,
                         .types = kTypes,
                         .inputs = kIn,
                         .outputs = kOut,
                         .attrs = kAttrs,
                         .infer = infer,
                         .traits = kControlFlow};

}  // namespace sardonyx
