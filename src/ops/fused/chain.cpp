// ai.sardonyx.Chain: element-wise operators over blocks that stay in the cache, with X's extents; A and B broadcast to
// X.
#include "ops/fused/chain.h"

#include <cstdio>
#include <cstdlib>

#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {

namespace {

constexpr ChainOp kOps[] = {{.name = "Add", .binary = true},
                            {.name = "Sub", .binary = true},
                            {.name = "Mul", .binary = true},
                            {.name = "Div", .binary = true},
                            {.name = "Pow", .binary = true},
                            {.name = "PRelu", .binary = true},
                            {.name = "Relu"},
                            {.name = "LeakyRelu", .p0 = "alpha"},
                            {.name = "Elu", .p0 = "alpha"},
                            {.name = "Swish", .p0 = "alpha"},
                            {.name = "HardSigmoid", .p0 = "alpha", .p1 = "beta"},
                            {.name = "HardSwish"},
                            {.name = "Sigmoid"},
                            {.name = "Tanh"},
                            {.name = "Gelu"},
                            {.name = "GeluTanh", .op = "Gelu"},
                            {.name = "Mish"},
                            {.name = "Softplus"},
                            {.name = "Erf"},
                            {.name = "Exp"},
                            {.name = "Log"},
                            {.name = "Sqrt"},
                            {.name = "Reciprocal"},
                            {.name = "Abs"},
                            {.name = "Neg"},
                            {.name = "Floor"},
                            {.name = "Ceil"},
                            {.name = "Round"},
                            {.name = "Sin"},
                            {.name = "Cos"},
                            {.name = "Clip"}};

constexpr ParamDef kIn[] = {{"X", "T"}, {"A", "T", kOptional}, {"B", "T", kOptional}};
constexpr AttrDef kAttrs[] = {attr_required("steps", AttrType::kStrings)};

Result<std::vector<ChainStep>> steps_of(const Node& n) {
  const Attr* a = n.find_attr("steps");
  return parse_chain(a == nullptr ? std::span<const std::string>() : std::span<const std::string>(a->strings));
}

Status infer(InferCtx& c) {
  SDX_TRY(const std::vector<ChainStep> steps, steps_of(c.node()));
  for (const ChainStep& s : steps)
    for (int i : {s.a, s.b})
      if (i > 0 && !c.has(i))
        return fail(Code::kAttr, "step ", quoted(to_string(s)), " reads an input that is not given");
  SDX_TRY(Shape x, c.shape(0));
  for (int i : {1, 2}) {
    if (!c.has(i)) continue;
    SDX_TRY(const Shape other, c.shape(i));
    SDX_TRY(const Shape both, c.broadcast(x, other));
    if (both.size() != x.size())
      return c.shape_error("input ", i, " is ", c.text(other), ", which does not broadcast to X ", c.text(x));
    for (size_t a = 0; a < x.size(); ++a)
      if (c.sym().equal(both[a], x[a]) == std::optional(false))
        return c.shape_error("input ", i, " is ", c.text(other), ", which does not broadcast to X ", c.text(x));
  }
  return c.set(0, c.dtype(0), std::move(x));
}

Status expand(BodyCtx& b) {
  SDX_TRY(const std::vector<ChainStep> steps, steps_of(b.node()));
  BodyCtx::Ref v = b.in(0);
  for (const ChainStep& s : steps) {
    const ChainOp& op = *find_chain_op(s.op);
    const auto operand = [&](int i) { return i == 0 ? v : b.in(i); };
    std::vector<Attr> attrs;
    if (!op.p0.empty()) attrs.push_back(Attr::of_float(std::string(op.p0), s.p0));
    if (!op.p1.empty()) attrs.push_back(Attr::of_float(std::string(op.p1), s.p1));
    if (s.op == "GeluTanh") attrs.push_back(Attr::of_string("approximate", "tanh"));
    if (s.op == "Clip")
      v = b.op("Clip", {v, b.scalar(static_cast<double>(s.p0), v), b.scalar(static_cast<double>(s.p1), v)});
    else if (op.binary)
      v = b.op(s.op, {operand(s.a), operand(s.b)});
    else
      v = b.op(op.op.empty() ? op.name : op.op, {v}, std::move(attrs));
  }
  return b.outputs({v});
}

}  // namespace

const ChainOp* find_chain_op(std::string_view name) {
  for (const ChainOp& op : kOps)
    if (op.name == name) return &op;
  return nullptr;
}

Result<std::vector<ChainStep>> parse_chain(std::span<const std::string> texts) {
  std::vector<ChainStep> steps;
  for (const std::string& text : texts) {
    const size_t end = std::min(text.find(' '), text.size());
    const ChainOp* op = find_chain_op(std::string_view(text).substr(0, end));
    if (op == nullptr) return fail(Code::kAttr, "step ", quoted(text), " has no operator of a chain");
    ChainStep s;
    s.op = op->name;
    const std::string_view rest = std::string_view(text).substr(end);
    if (op->binary) {
      const bool fits = rest.size() == 4 && rest[0] == ' ' && rest[2] == ' ';
      const auto operand = [](char c) { return c == 'v' ? 0 : c == '1' ? 1 : c == '2' ? 2 : -1; };
      if (fits) s.a = operand(rest[1]), s.b = operand(rest[3]);
      if (s.a < 0 || s.b < 0 || (s.a > 0 && s.b > 0))
        return fail(Code::kAttr, "step ", quoted(text), " needs two operands of v, 1 and 2, one of them v");
    } else {
      const std::string numbers(rest);
      char* next = nullptr;
      s.p0 = std::strtof(numbers.c_str(), &next);
      s.p1 = std::strtof(next, nullptr);
    }
    steps.push_back(s);
  }
  if (steps.empty()) return fail(Code::kAttr, "steps is empty; a chain has at least one");
  return steps;
}

std::string to_string(const ChainStep& s) {
  constexpr const char* names[] = {"v", "1", "2"};
  const ChainOp* op = find_chain_op(s.op);
  if (op != nullptr && op->binary) return cat(s.op, " ", names[s.a], " ", names[s.b]);
  const bool first = op != nullptr && (!op->p0.empty() || s.op == "Clip");
  const bool second = op != nullptr && (!op->p1.empty() || s.op == "Clip");
  char numbers[64] = "";
  if (second)
    std::snprintf(numbers, sizeof numbers, " %.9g %.9g", static_cast<double>(s.p0), static_cast<double>(s.p1));
  else if (first)
    std::snprintf(numbers, sizeof numbers, " %.9g", static_cast<double>(s.p0));
  return cat(s.op, numbers);
}

SDX_OP(sdx_Chain) = {.name = "Chain",
                     .domain = "ai.sardonyx",
                     .since = 1,
                     .types = kFloatT,
                     .inputs = kIn,
                     .outputs = kOutY,
                     .attrs = kAttrs,
                     .infer = infer,
                     .expand = expand};

}  // namespace sardonyx
