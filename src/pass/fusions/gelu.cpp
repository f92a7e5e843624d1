// GELU as exporters write it, with the error function or its tanh approximation, in each order of the products.
#include "pass/pattern.h"

namespace sardonyx {

constexpr std::string_view kGelu = R"(
pattern gelu_erf
match {
  s = Add(Erf(Div(x, 1.41421356) | Mul(x, 0.70710678)), 1)
  y = Mul(Mul(x, s), 0.5) | Mul(Mul(x, 0.5), s) | Mul(x, Mul(s, 0.5)) | Div(Mul(x, s), 2)
}
replace { y = Gelu(x) }

pattern gelu_tanh
match {
  cube = Pow(x, 3) | Mul(Mul(x, x), x) | Mul(x, Pow(x, 2))
  u = Mul(Add(x, Mul(cube, 0.044715)), 0.79788456)
    | Mul(Mul(x, 0.79788456), Add(Mul(Mul(x, x) | Pow(x, 2), 0.044715), 1))
    | Mul(Mul(x, Add(Mul(Mul(x, x) | Pow(x, 2), 0.044715), 1)), 0.79788456)
  s = Add(Tanh(u), 1)
  y = Mul(Mul(x, s), 0.5) | Mul(Mul(x, 0.5), s) | Mul(x, Mul(s, 0.5)) | Div(Mul(x, s), 2)
}
replace { y = Gelu<approximate = "tanh">(x) }
)";

Status pass_fuse_gelu(Rewriter& r) { return rewrite_patterns(r, kGelu); }

}  // namespace sardonyx
