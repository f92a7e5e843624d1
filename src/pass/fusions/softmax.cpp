// Softmax and its logarithm written out.
#include "pass/pattern.h"

namespace sardonyx {

constexpr std::string_view kSoftmax = R"(
pattern softmax
match {
  e = Exp(Sub(x, ReduceMax(x, axes)))
  y = Div(e, ReduceSum(e, axes2))
}
where one_axis(axes, x), equal_ints(axes, axes2)
replace { y = Softmax<axis = @axes>(x) }

pattern log_softmax
match {
  d = Sub(x, ReduceMax(x, axes))
  y = Sub(d, Log(ReduceSum(Exp(d), axes2)))
}
where one_axis(axes, x), equal_ints(axes, axes2)
replace { y = LogSoftmax<axis = @axes>(x) }

pattern log_of_softmax
match { y = Log(Softmax<axis = @axis>(x)) }
replace { y = LogSoftmax<axis = @axis>(x) }
)";

Status pass_fuse_softmax(Rewriter& r) { return rewrite_patterns(r, kSoftmax); }

}  // namespace sardonyx
