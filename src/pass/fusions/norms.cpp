// Normalisations written out: over the last axes, and over groups of channels.
#include "pass/pattern.h"

namespace sardonyx {

// The second form of layer normalisation is that of TensorFlow's moments.
constexpr std::string_view kLayerNorm = R"(
pattern layer_norm
match {
  d = Sub(x, ReduceMean(x, axes))
  s = Sqrt(Add(ReduceMean(Mul(d, d) | Pow(d, 2), axes2), epsilon))
  n = Div(d, s) | Mul(d, Reciprocal(s)) | Mul(d, Div(1, s))
  y = Add(Mul(n, w), b)
}
where last_axes(axes, x), same_axes(axes, axes2, x), extents_from(w, x, axes), extents_from(b, x, axes)
replace { y = LayerNormalization<axis = @axes, epsilon = @epsilon>(x, w, b) }

pattern layer_norm_moments
match {
  m = ReduceMean(x, axes)
  d = Sub(x, m)
  i = Reciprocal(Sqrt(Add(ReduceMean(Mul(d, d) | Pow(d, 2), axes2), epsilon)))
  t = Mul(i, w)
  y = Add(Mul(x, t), Sub(b, Mul(m, t)))
}
where last_axes(axes, x), same_axes(axes, axes2, x), extents_from(w, x, axes), extents_from(b, x, axes)
replace { y = LayerNormalization<axis = @axes, epsilon = @epsilon>(x, w, b) }

pattern layer_norm_without_bias
match {
  d = Sub(x, ReduceMean(x, axes))
  s = Sqrt(Add(ReduceMean(Mul(d, d) | Pow(d, 2), axes2), epsilon))
  n = Div(d, s) | Mul(d, Reciprocal(s)) | Mul(d, Div(1, s))
  y = Mul(n, w)
}
where last_axes(axes, x), same_axes(axes, axes2, x), extents_from(w, x, axes)
replace { y = LayerNormalization<axis = @axes, epsilon = @epsilon>(x, w) }
)";

constexpr std::string_view kRmsNorm = R"(
pattern rms_norm
match {
  v = Add(ReduceMean(Mul(x, x) | Pow(x, 2), axes), epsilon)
  n = Div(x, Sqrt(v)) | Mul(x, Reciprocal(Sqrt(v)) | Div(1, Sqrt(v)) | Pow(v, -0.5))
  y = Mul(n, w)
}
where last_axes(axes, x), extents_from(w, x, axes)
replace { y = RMSNormalization<axis = @axes, epsilon = @epsilon>(x, w) }
)";

// PyTorch exports GroupNorm with an InstanceNormalization over [batch, groups, rest].
constexpr std::string_view kGroupNorm = R"(
pattern group_norm
match {
  g = Reshape(x, split)
  n = InstanceNormalization<epsilon = @epsilon>(g, ones, zeros)
  r = Reshape(n, back)
  y = Add(Mul(r, w), b)
}
where groups_of(g, x), all_ones(ones), all_zeros(zeros), same_extents(r, x), per_channel(w, x), per_channel(b, x)
replace { y = GroupNormalization<num_groups = @g, epsilon = @epsilon>(x, Reshape(w, [-1]), Reshape(b, [-1])) }
)";

Status pass_fuse_layer_norm(Rewriter& r) { return rewrite_patterns(r, kLayerNorm); }
Status pass_fuse_rms_norm(Rewriter& r) { return rewrite_patterns(r, kRmsNorm); }
Status pass_fuse_group_norm(Rewriter& r) { return rewrite_patterns(r, kGroupNorm); }

}  // namespace sardonyx
