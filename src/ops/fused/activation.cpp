// scan: no operators
#include "ops/fused/activation.h"

namespace sardonyx {

BodyCtx::Ref apply_activation(BodyCtx& b, BodyCtx::Ref x) {
  const std::string_view a = b.attr_string("activation");
  const float p0 = b.attr_float("p0"), p1 = b.attr_float("p1");
  if (a.empty()) return x;
  if (a == "Clip") return b.op("Clip", {x, b.scalar(static_cast<double>(p0), x), b.scalar(static_cast<double>(p1), x)});
  if (a == "LeakyRelu") return b.op("LeakyRelu", {x}, {Attr::of_float("alpha", p0)});
  if (a == "HardSigmoid") return b.op("HardSigmoid", {x}, {Attr::of_float("alpha", p0), Attr::of_float("beta", p1)});
  if (a == "Silu") return b.op("Mul", {x, b.op("Sigmoid", {x})});
  if (a == "GeluTanh") return b.op("Gelu", {x}, {Attr::of_string("approximate", "tanh")});
  return b.op(a, {x});
}

}  // namespace sardonyx
