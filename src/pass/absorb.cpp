#include "pass/absorb.h"

#include <cmath>

namespace sardonyx {

namespace {

std::optional<Activation> from_node(const Rewriter& r, const Node& n) {
  if (!n.op->domain.empty() || n.outputs[0] == kNone) return std::nullopt;
  const std::string_view op = n.op->name;
  const auto number = [&](std::string_view name, float missing) {
    const Attr* a = n.find_attr(name);
    return a ? a->f : missing;
  };
  Activation a{std::string(op), 0, 0, n.outputs[0]};
  if (op == "Relu" || op == "Sigmoid" || op == "Tanh" || op == "HardSwish") return a;
  if (op == "Swish" && number("alpha", 1) == 1) return a.name = "Silu", a;
  if (op == "LeakyRelu") return a.p0 = number("alpha", 0.01f), a;
  if (op == "HardSigmoid") return a.p0 = number("alpha", 0.2f), a.p1 = number("beta", 0.5f), a;
  if (op == "Gelu") {
    const Attr* kind = n.find_attr("approximate");
    return a.name = kind && kind->s == "tanh" ? "GeluTanh" : "Gelu", a;
  }
  if (op == "Clip") {
    const ValueId lo = n.inputs.size() > 1 ? n.inputs[1] : kNone, hi = n.inputs.size() > 2 ? n.inputs[2] : kNone;
    const auto low = lo == kNone ? std::optional<double>(-INFINITY) : r.scalar(lo);
    const auto high = hi == kNone ? std::optional<double>(INFINITY) : r.scalar(hi);
    if (!low || !high) return std::nullopt;
    return a.p0 = static_cast<float>(*low), a.p1 = static_cast<float>(*high), a;
  }
  return std::nullopt;
}

// x * Sigmoid(x) and x * HardSigmoid(x, 1/6, 1/2).
std::optional<Activation> gated(const Rewriter& r, Graph& g, ValueId v) {
  const auto& users = g.value(v).users;
  if (users.size() != 2 || g.is_output(v)) return std::nullopt;
  NodeId gate = users[0], product = users[1];
  if (r.is(gate, "Mul")) std::swap(gate, product);
  if (!r.is(product, "Mul") || !(r.is(gate, "Sigmoid") || r.is(gate, "HardSigmoid")) ||
      !r.single_use(g.node(gate).outputs[0]))
    return std::nullopt;
  const ValueIds& in = g.node(product).inputs;
  const ValueId s = g.node(gate).outputs[0];
  if (!((in[0] == v && in[1] == s) || (in[0] == s && in[1] == v))) return std::nullopt;
  const ValueId y = g.node(product).outputs[0];
  if (r.is(gate, "Sigmoid")) return Activation{"Silu", 0, 0, y};
  const Attr *alpha = g.node(gate).find_attr("alpha"), *beta = g.node(gate).find_attr("beta");
  const bool hard_swish = alpha && std::fabs(alpha->f - 1.0f / 6) < 1e-6f && (!beta || beta->f == 0.5f);
  return hard_swish ? std::optional(Activation{"HardSwish", 0, 0, y}) : std::nullopt;
}

}  // namespace

std::optional<Activation> activation_of(const Rewriter& r, ValueId v) {
  Graph& g = const_cast<Rewriter&>(r).graph();
  if (auto a = gated(r, g, v)) return a;
  if (!r.single_use(v)) return std::nullopt;
  const Node& n = g.node(g.value(v).users[0]);
  return n.inputs[0] == v ? from_node(r, n) : std::nullopt;
}

std::optional<Sum> sum_with(const Rewriter& r, ValueId v) {
  Graph& g = const_cast<Rewriter&>(r).graph();
  if (!r.single_use(v)) return std::nullopt;
  const NodeId user = g.value(v).users[0];
  if (!r.is(user, "Add")) return std::nullopt;
  const Node& n = g.node(user);
  const ValueId other = n.inputs[0] == v ? n.inputs[1] : n.inputs[0];
  if (other == v) return std::nullopt;
  return Sum{other, n.outputs[0]};
}

bool equal_shapes(const Rewriter& r, ValueId a, ValueId b) {
  const Graph& g = const_cast<Rewriter&>(r).graph();
  return g.fact(a).has_rank && g.fact(b).has_rank && g.fact(a).shape == g.fact(b).shape;
}

std::vector<Attr> with_activation(std::vector<Attr> attrs, const std::optional<Activation>& act) {
  if (!act) return attrs;
  attrs.push_back(Attr::of_string("activation", act->name));
  if (act->p0 != 0) attrs.push_back(Attr::of_float("p0", act->p0));
  if (act->p1 != 0) attrs.push_back(Attr::of_float("p1", act->p1));
  return attrs;
}

}  // namespace sardonyx
