#include "cpu/quant/product_weights.h"

#include <algorithm>

#include "simd/choose.h"

namespace sardonyx {
namespace {

// The extents that packing depends on.
simd::QConvArgs packing_args(const KernelQuery& q, const ProductSpec& spec, const Tensor& w) {
  simd::QConvArgs a;
  a.x_signed = q.dtype(spec.x) == DType::kI8, a.w_signed = w.dtype() == DType::kI8;
  const Extents& d = w.dims();
  if (!spec.conv) {
    const int64_t rows = d[d.size() - 2], cols = d.back();
    a.shape = simd::qmatmul_shape(1, spec.trans_w ? rows : cols, spec.trans_w ? cols : rows);
    return a;
  }
  a.shape.groups = q.attr_int("group");
  a.shape.in_channels = d[1] * a.shape.groups, a.shape.out_channels = d[0];
  for (size_t i = 2; i < d.size(); ++i) a.shape.kernel[i + 3 - d.size()] = d[i];
  return a;
}

Result<BufferPtr> pack_weights(const KernelQuery& q, const ProductSpec& spec, const simd::QConvArgs& a) {
  const Tensor& w = *q.constant(spec.w);
  const simd::QGemmTable& f = simd::qgemm();
  const std::string layout = cat("qproduct:", simd::target_name(simd::best_target()),
                                 spec.conv      ? ":c"
                                 : spec.trans_w ? ":t"
                                                : ":n",
                                 a.w_signed ? "s" : "u", ":g", a.shape.groups);
  return q.pack(spec.w, layout, simd::qconv_packed_bytes(f, a), [&](void* dst) {
    for_all(q.pool(), simd::qconv_pack_tasks(f, a), std::max<int64_t>(1, 65536 / (a.shape.in_channels * 32 + 1)),
            [&](Range r, int) {
              if (spec.conv)
                simd::qconv_pack(f, a, w.data(), r.begin, r.end, dst);
              else
                simd::qmatmul_pack(f, a, w.data(), w.dims().back(), spec.trans_w, r.begin, r.end, dst);
            });
  });
}

bool constant_or_absent(const KernelQuery& q, int i) { return i < 0 || !q.has(i) || q.constant(i) != nullptr; }

// What the columns bring, if every part of it is constant.
Status prepare_columns(const KernelQuery& q, const ProductSpec& s, simd::QConvArgs a, ProductWeights& out) {
  for (int i : {s.x_scale, s.x_zero, s.w_scale, s.w_zero, s.y_scale, s.bias})
    if (!constant_or_absent(q, i)) return {};
  const DType type = q.out_dtype(0);
  a.out.kind = type == DType::kF32 ? simd::QOut::kF32 : type == DType::kI32 ? simd::QOut::kI32 : simd::QOut::kU8;
  a.packed_w = static_cast<const int8_t*>(out.weights->data());
  simd::QParams p;
  const auto constant = [&](int i) { return i < 0 ? nullptr : q.constant(i); };
  if (const Tensor* t = constant(s.x_zero)) p.x_zero = byte_value(t->data(), a.x_signed);
  if (const Tensor* t = constant(s.x_scale)) p.x_scale = *t->as<float>();
  if (const Tensor* t = constant(s.y_scale)) p.y_scale = *t->as<float>();
  if (const Tensor* t = constant(s.w_scale)) p.w_scale = t->as<float>(), p.w_scales = t->count();
  if (const Tensor* t = constant(s.w_zero)) p.w_zero = t->data(), p.w_zeros = t->count();
  if (const Tensor* t = constant(s.bias)) {
    if (type == DType::kF32)
      p.float_bias = t->as<float>();
    else
      p.bias = t->as<int32_t>();
  }
  SDX_TRY(out.columns_memory, Buffer::heap(simd::qconv_columns_bytes(simd::qgemm(), a)));
  out.columns = simd::qconv_columns(simd::qgemm(), a, p, out.columns_memory->data());
  return {};
}

}  // namespace

Result<ProductWeights> pack_product(const KernelQuery& q, const ProductSpec& spec) {
  ProductWeights packed;
  const Tensor* w = q.constant(spec.w);
  if (w == nullptr || w->count() == 0 || w->rank() < 2 || (!spec.conv && w->rank() != 2)) return packed;
  const simd::QConvArgs a = packing_args(q, spec, *w);
  SDX_TRY(packed.weights, pack_weights(q, spec, a));
  SDX_RETURN_IF_ERROR(prepare_columns(q, spec, a, packed));
  return packed;
}

}  // namespace sardonyx
