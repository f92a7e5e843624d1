// What matrix products and convolutions can take over from the nodes after them: an activation, a residual sum.
#pragma once
#include <optional>

#include "pass/rewriter.h"

namespace sardonyx {

struct Activation {
  std::string name;  // as in ops/fused/activation.h
  float p0 = 0, p1 = 0;
  ValueId result = kNone;  // the value that the activation computes
};
// The activation that is applied to v, if that is the only thing done with v.
std::optional<Activation> activation_of(const Rewriter& r, ValueId v);

struct Sum {
  ValueId other = kNone, result = kNone;
};
// The other operand of an Add that is the only user of v and keeps its element type.
std::optional<Sum> sum_with(const Rewriter& r, ValueId v);

// True if both have the same extents for certain.
bool equal_shapes(const Rewriter& r, ValueId a, ValueId b);

std::vector<Attr> with_activation(std::vector<Attr> attrs, const std::optional<Activation>& act);

}  // namespace sardonyx
