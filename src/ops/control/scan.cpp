// Scan runs a body once per step along an axis of its scan inputs. States keep their extents; the body's other outputs
// are stacked.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/control/bodies.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"V", kAnyType}};
constexpr ParamDef kIn[] = {{"initial_state_and_scan_inputs", "V", kVariadic | kHeterogeneous}};
constexpr ParamDef kOut[] = {{"final_state_and_scan_outputs", "V", kVariadic | kHeterogeneous}};
constexpr AttrDef kAttrs[] = {attr_required("body", AttrType::kGraph),
                              attr_required("num_scan_inputs", AttrType::kInt),
                              attr_optional("scan_input_axes", AttrType::kInts),
                              attr_optional("scan_input_directions", AttrType::kInts),
                              attr_optional("scan_output_axes", AttrType::kInts),
                              attr_optional("scan_output_directions", AttrType::kInts)};

Status check_list(const InferCtx& c, std::string_view name, int count, bool flags) {
  if (!c.has_attr(name)) return {};
  const std::span<const int64_t> list = c.attr_ints(name);
  if (static_cast<int>(list.size()) != count)
    return fail(Code::kAttr, name, " has ", list.size(), " entries, expected ", count);
  for (int64_t v : list)
    if (flags && v != 0 && v != 1) return fail(Code::kAttr, name, " has ", v, ", expected 0 (forward) or 1 (backward)");
  return {};
}

int64_t entry(const InferCtx& c, std::string_view list, int i) {
  return c.has_attr(list) ? c.attr_ints(list)[static_cast<size_t>(i)] : 0;
}

struct Counts {
  int states, scans, stacked;
};

Result<Counts> count(const InferCtx& c, const BodyView& body) {
  const int64_t scans = c.attr_int("num_scan_inputs");
  if (scans < 1 || scans > c.inputs())
    return fail(Code::kAttr, "num_scan_inputs is ", scans, ", expected 1 to the number of inputs, ", c.inputs());
  const Counts n = {c.inputs() - static_cast<int>(scans), static_cast<int>(scans),
                    body.outputs() - (c.inputs() - static_cast<int>(scans))};
  if (body.formal_inputs(c.node()) != c.inputs())
    return fail(Code::kType, "body has ", body.formal_inputs(c.node()), " inputs, expected ", c.inputs(), ": ",
                n.states, " states and ", n.scans, " scan inputs");
  if (n.stacked < 0 || c.outputs() > body.outputs())
    return fail(Code::kType, "body has ", body.outputs(), " outputs, expected at least ",
                std::max(n.states, c.outputs()));
  SDX_RETURN_IF_ERROR(check_list(c, "scan_input_axes", n.scans, false));
  SDX_RETURN_IF_ERROR(check_list(c, "scan_input_directions", n.scans, true));
  SDX_RETURN_IF_ERROR(check_list(c, "scan_output_axes", n.stacked, false));
  SDX_RETURN_IF_ERROR(check_list(c, "scan_output_directions", n.stacked, true));
  return n;
}

// The number of steps, on which all scan inputs must agree.
Result<Dim> step_count(InferCtx& c, const Counts& n) {
  std::optional<Dim> steps;
  for (int i = 0; i < n.scans; ++i) {
    const Fact& f = c.in(n.states + i);
    if (!f.has_rank) continue;
    SDX_TRY(const int axis, c.axis(entry(c, "scan_input_axes", i), rank_of(f.shape), "scan_input_axes entry"));
    const Dim d = f.shape[static_cast<size_t>(axis)];
    if (!steps) {
      steps = d;
    } else {
      SDX_TRY(steps, c.must_equal(*steps, d, "lengths of the scan inputs"));
    }
  }
  return steps ? *steps : c.fresh();
}

Status set_state(InferCtx& c, const BodyView& body, int o) {
  const Fact &start = c.in(o), &after = body.out(o);
  SDX_TRY(Type type, common_type(start.type, after.type, cat("state ", o)));
  if (!start.has_rank) return set_output(c, o, std::move(type), nullptr);
  if (after.has_rank) {
    bool fits = after.shape.size() == start.shape.size();
    for (size_t a = 0; fits && a < start.shape.size(); ++a)
      fits = !start.shape[a].known() || !after.shape[a].known() || start.shape[a] == after.shape[a];
    if (!fits)
      return c.shape_error("state ", o, " starts as ", c.text(start.shape), " and the body makes it ",
                           body.text(after.shape));
  }
  return set_output(c, o, std::move(type), &start.shape);
}

Status set_stacked(InferCtx& c, const BodyView& body, int o, const Counts& n, Dim steps, const OuterSymbols& outer) {
  const Fact& f = body.out(o);
  if (!f.has_rank) return set_output(c, o, f.type, nullptr);
  const int64_t given = entry(c, "scan_output_axes", o - n.states);
  SDX_TRY(const int axis, c.axis(given, rank_of(f.shape) + 1, "scan_output_axes entry"));
  Shape out;
  for (Dim d : f.shape) out.push_back(d.known() || (body.same_table() && outer.explains(d)) ? d : c.fresh());
  out.insert(static_cast<size_t>(axis), steps);
  return set_output(c, o, f.type, &out);
}

Status infer(InferCtx& c) {
  SDX_TRY(const Graph* graph, body_named(c.node(), "body"));
  const BodyView body(c, *graph);
  SDX_TRY(const Counts n, count(c, body));
  SDX_TRY(const Dim steps, step_count(c, n));
  OuterSymbols outer(c.sym());
  for (int i = 0; body.same_table() && i < c.inputs(); ++i) outer.add(c.in(i));
  for (int i = c.inputs(); body.same_table() && i < static_cast<int>(graph->inputs.size()); ++i) outer.add(body.in(i));
  for (int o = 0; o < c.outputs(); ++o) {
    SDX_RETURN_IF_ERROR(o < n.states ? set_state(c, body, o) : set_stacked(c, body, o, n, steps, outer));
  }
  return {};
}

// Opset 8 scans axis 1 of batches, each sample with a length of its own: another operator today.
Status become_batch_scan(UpgradeCtx& u, const Upgrade&) {
  u.draft().domain = "ai.sardonyx";
  u.draft().op = "BatchScan";
  return {};
}

constexpr Upgrade kHistory[] = {{9, become_batch_scan}};

}  // namespace

SDX_OP(Scan) = {.name = "Scan",
                .since = 25,
                .types = kTypes,
                .inputs = kIn,
                .outputs = kOut,
                .attrs = kAttrs,
                .infer = infer,
                .history = kHistory,
                .traits = kControlFlow,
                .first = 8};

}  // namespace sardonyx
