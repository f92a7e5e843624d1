// Scaled dot-product attention as exporters write it: scores from queries and transposed keys, scaled and masked,
// softmax over the keys, times the values. Internal to the fuse_attention pass.
#pragma once
#include "pass/rewriter.h"

namespace sardonyx {

// A value seen through a Transpose that is not there: base's axes in the order of perm.
struct Permuted {
  ValueId base = kNone;
  std::vector<int64_t> perm;
  bool identity() const;
};

// Something that is added to the scores: a value, or Where(condition, …) that hides scores.
struct ScoreMask {
  ValueId bias = kNone;       // added as it is, or:
  ValueId condition = kNone;  // hides with `hidden` where it is false (where true if `inverted`)
  ValueId hidden = kNone;
  bool inverted = false;
};

struct AttentionMatch {
  ValueId q = kNone, v = kNone, result = kNone;
  Permuted k;  // [.., keys, size]
  std::vector<ScoreMask> masks;
  double scale = 1;
};

// The attention whose softmax is node `softmax`; nullopt if it is something else. `reason` says why a near match is
// none.
std::optional<AttentionMatch> match_attention(const Rewriter& r, NodeId softmax, std::string& reason);

// The axes of a Transpose; empty if the node is none.
std::vector<int64_t> transpose_perm(const Rewriter& r, NodeId n);
// v without products with a constant number around it; the number goes into scale.
ValueId strip_scale(const Rewriter& r, ValueId v, double& scale);

}  // namespace sardonyx
