// Which products of bytes are not computed by QProduct, and why.
#include "cpu/quant/product.h"

namespace sardonyx {
namespace {

bool is_scalar(const KernelQuery& q, int i) {
  if (i < 0 || !q.has(i)) return true;
  const Fact& f = q.in(i);
  return f.has_rank && (f.shape.empty() || (f.shape.size() == 1 && f.shape[0].is(1)));
}
bool is_vector(const KernelQuery& q, int i) { return i < 0 || !q.has(i) || (q.rank(i) >= 0 && q.rank(i) <= 1); }

bool is_byte(DType t) { return t == DType::kU8 || t == DType::kI8; }

}  // namespace

Reason refuse_product(const KernelQuery& q, const ProductSpec& s) {
  if (!is_byte(q.dtype(s.x)) || !is_byte(q.dtype(s.w))) return "bytes only";
  for (int i : {s.x_scale, s.w_scale, s.y_scale})
    if (i >= 0 && q.has(i) && q.dtype(i) != DType::kF32) return "f32 scales only";
  if (!is_scalar(q, s.x_scale) || !is_scalar(q, s.x_zero)) return "one scale and zero point for all rows";
  if (!is_scalar(q, s.y_scale) || !is_scalar(q, s.y_zero)) return "one scale and zero point for the result";
  if (!is_vector(q, s.w_scale) || !is_vector(q, s.w_zero)) return "at most one scale and zero point per column";
  const int rank = q.rank(s.w);
  if (s.conv && (rank < 3 || rank > 5)) return "one to three spatial axes";
  if (!s.conv && (rank < 0 || q.rank(s.x) < 0)) return "the ranks are unknown";
  const bool bytes = is_byte(q.out_dtype(0));
  if (bytes && s.act != simd::Act::kNone && s.act != simd::Act::kRelu && s.act != simd::Act::kClip)
    return "this activation is not computed on bytes";
  if (s.bias >= 0 && q.has(s.bias) && q.dtype(s.bias) != (q.out_dtype(0) == DType::kF32 ? DType::kF32 : DType::kI32))
    return "the bias must be float for float results and int32 for others";
  return kAccept;
}

}  // namespace sardonyx
