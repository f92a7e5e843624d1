// Convolutions and matrix products of bytes with exact int32 sums, cut into independent tasks. Channels-last, as in
// conv.h, whose ConvArgs describe the extents (not transposed; its pointers and its epilogue are not read).
// A matrix product is a convolution with kernel 1: m pixels, k input channels, n output channels (qmatmul_shape).
//
//   QConvArgs c = {...};
//   qconv_pack(qgemm(), c, weights, ..., dst);                          // once
//   c.columns = qconv_columns(qgemm(), c, params, memory);              // per run: scales and zero points may change
//   qconv_run(qgemm(), c, begin, end, scratch);                         // any split of [0, qconv_tasks())
//
// A sum becomes int32 as it is; float as act(sum * scale + bias); or a byte: round half to even of sum * scale in f32,
// plus the zero point, clipped. Padding stands for x's zero point. Nothing is allocated or owned; scratch is per
// thread, 64-byte aligned. y must not overlap x. Results do not depend on the target, but for activations.
#pragma once
#include <cstddef>
#include <cstdint>

#include "simd/conv.h"

namespace sardonyx::simd {

enum class QOut : uint8_t { kI32, kF32, kU8, kI8 };

struct QOutput {
  QOut kind = QOut::kI32;
  int32_t zero = 0, low = 0, high = 0;  // bytes: zero point and clip, in the quantised range
  Act act = Act::kNone;                 // kF32
  float p0 = 0, p1 = 0;
};

// What each output channel brings. The order and the padding of the arrays belong to the table.
struct QColumns {
  const int32_t* init = nullptr;    // what sums start with: the bias and the share of x's zero point
  const int32_t* b_zero = nullptr;  // zero points of the weights; null if all are 0
  const float* scale = nullptr;     // not for kI32
  const float* bias = nullptr;      // kF32, may be null
};

struct QConvArgs {
  ConvArgs shape;
  bool x_signed = false, w_signed = true;
  uint8_t x_pad = 0;  // the byte that stands for x's zero point
  const uint8_t* x = nullptr;
  const int8_t* packed_w = nullptr;
  void* y = nullptr;
  QOutput out = {};
  QColumns columns = {};
};

struct QParams {
  int32_t x_zero = 0;
  float x_scale = 1, y_scale = 1;  // y_scale is not read for kF32
  const float* w_scale = nullptr;  // 1 or out_channels of them; null for kI32
  const void* w_zero = nullptr;    // of the weights' type; null: all 0
  int64_t w_scales = 1, w_zeros = 1;
  const int32_t* bias = nullptr;      // added to the sums
  const float* float_bias = nullptr;  // kF32
};

struct QGemmTable;  // qgemm_kernel.h
const QGemmTable& qgemm();
const QGemmTable* qgemm_for(Target t);

ConvArgs qmatmul_shape(int64_t m, int64_t n, int64_t k);

// Weights are [out_channels, in_channels / groups, kD, kH, kW], or, for qmatmul_shape and `b`, [k, n] with rows ldb
// apart or [n, k] if trans. Packing may be shared among threads.
size_t qconv_packed_bytes(const QGemmTable& f, const QConvArgs& c);
int64_t qconv_pack_tasks(const QGemmTable& f, const QConvArgs& c);
void qconv_pack(const QGemmTable& f, const QConvArgs& c, const void* w, int64_t begin, int64_t end, void* dst);
void qmatmul_pack(const QGemmTable& f, const QConvArgs& c, const void* b, int64_t ldb, bool trans, int64_t begin,
                  int64_t end, void* dst);

size_t qconv_columns_bytes(const QGemmTable& f, const QConvArgs& c);
QColumns qconv_columns(const QGemmTable& f, const QConvArgs& c, const QParams& p, void* memory);

int64_t qconv_tasks(const QGemmTable& f, const QConvArgs& c);
size_t qconv_scratch_bytes(const QGemmTable& f, const QConvArgs& c);
void qconv_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch);

}  // namespace sardonyx::simd
