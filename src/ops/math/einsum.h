// The equation of Einsum, read once: for inference, for the body and for kernels.
#pragma once
#include <string>
#include <vector>

#include "ir/infer_ctx.h"

namespace sardonyx {

class BodyCtx;

struct EinsumEquation {
  // One label per axis; '.' stands for all axes of an ellipsis.
  std::vector<std::string> terms;
  std::string output;
};
// kAttr if the text is malformed or has another number of terms than `inputs`. Without "->" the output is the ellipsis
// and then every label that occurs once, in alphabetical order.
Result<EinsumEquation> parse_einsum(std::string_view equation, int inputs);

// Replaces each ellipsis by labels of its own ('\1' is the outermost of the widest), so that every axis has one label.
// kShape if a rank does not fit its term.
Status expand_ellipses(EinsumEquation& eq, std::span<const int> ranks);

Status expand_einsum(BodyCtx& b);

}  // namespace sardonyx
