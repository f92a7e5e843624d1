// History rule of the Lp pools: opset 1 wrote p as a float.
#pragma once
#include <cmath>

#include "ir/upgrade_ctx.h"

namespace sardonyx {

inline Status rule_whole_p(UpgradeCtx& u, const Upgrade&) {
  const Attr* p = u.attr("p");
  if (p == nullptr || p->type != AttrType::kFloat) return {};
  if (p->f != std::floor(p->f)) return fail(Code::kAttr, "p is ", p->f, "; only whole numbers are supported");
  u.set_attr(Attr::of_int("p", static_cast<int64_t>(p->f)));
  return {};
}
inline constexpr Upgrade kWholePHistory[] = {{2, rule_whole_p}};

}  // namespace sardonyx
