// Activations that older opsets had to write out.
#include "pass/pattern.h"

namespace sardonyx {

constexpr std::string_view kActivations = R"(
pattern hard_swish
match { y = Mul(x, HardSigmoid<alpha = 0.16666667, beta = 0.5>(x)) }
replace { y = HardSwish(x) }

pattern hard_swish_clip
match {
  c = Clip(Add(x, 3), 0, 6)
  y = Div(Mul(x, c), 6) | Mul(x, Div(c, 6)) | Mul(Mul(x, c), 0.16666667) | Mul(x, Mul(c, 0.16666667))
}
replace { y = HardSwish(x) }

pattern swish
match { y = Mul(x, Sigmoid(x)) }
replace { y = Swish(x) }

pattern swish_alpha
match { y = Mul(x, Sigmoid(Mul(x, alpha))) }
replace { y = Swish<alpha = @alpha>(x) }

pattern mish
match { y = Mul(x, Tanh(Softplus(x) | Log(Add(Exp(x), 1)))) }
replace { y = Mish(x) }

pattern softplus
match { y = Log(Add(Exp(x), 1)) }
replace { y = Softplus(x) }
)";

Status pass_fuse_activations(Rewriter& r) { return rewrite_patterns(r, kActivations); }

}  // namespace sardonyx
