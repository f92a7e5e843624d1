// Patterns: fusions as text. A pass hands its patterns to rewrite_patterns(), which replaces what they match.
//
//   pattern layer_norm                       # names the pattern in notes
//   match {
//     d = Sub(x, ReduceMean(x, axes))        # statements; the last one is the root
//     v = ReduceMean(Mul(d, d) | Pow(d, 2), axes2)     # `|` separates alternatives
//     y = Add(Mul(Div(d, Sqrt(Add(v, epsilon))), w), b)
//   }
//   where last_axes(axes, x), last_axes(axes2, x), extents_from(w, x, axes), extents_from(b, x, axes)
//   replace { y = LayerNormalization<axis = @axes, epsilon = @epsilon>(x, w, b) }
//
// A name stands for one value throughout. A number is a constant of one element, within 1e-4 relative (halves: 4e-3).
// Operators with two exchangeable inputs match either way. Attributes that are not written must have their defaults;
// `name = @n` takes any value and calls it n. What is matched between the names and the root must not be used
// elsewhere. The replacement is a body in the text format; @n there is an attribute taken above, a number that a
// condition computed, or the value of the constant scalar n. It is kept only if it has the root's type and extents.
#pragma once
#include "pass/rewriter.h"

namespace sardonyx {

// Tries every pattern of the text at every node, results before their operands, earlier patterns first.
Status rewrite_patterns(Rewriter& r, std::string_view text);

}  // namespace sardonyx
