// The fused matrix product and convolution of ai.sardonyx.
#include "cpu/common/activation.h"
#include "cpu/math/matmul_f32.h"
#include "cpu/nn/conv_f32.h"

namespace sardonyx {
namespace {

bool is_column_bias(const KernelQuery& q) {
  const Fact &bias = q.in(2), &y = q.out(0);
  if (!bias.has_rank || !y.has_rank || bias.shape.empty() || y.shape.empty()) return false;
  for (size_t a = 0; a + 1 < bias.shape.size(); ++a)
    if (!bias.shape[a].is(1)) return false;
  return bias.shape.back() == y.shape.back();
}

Reason refuse_matmul(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  // Other biases take the place in the epilogue that the residual needs.
  if (q.has(2) && q.has(3) && !is_column_bias(q)) return "with a residual, the bias must be one number per column";
  return act_of(q) ? kAccept : Reason("this activation is not fused");
}
Reason refuse_conv(const KernelQuery& q) {
  if (q.attr_int("input_first") != 0 || q.attr_int("output_first") != 0) return "input and output differ in layout";
  return act_of(q) ? refuse_conv_f32(q) : Reason("this activation is not fused");
}

Result<KernelPtr> make_matmul(const KernelQuery& q) {
  MatmulSpec s;
  s.trans_a = q.attr_int("transA") != 0, s.trans_b = q.attr_int("transB") != 0;
  s.alpha = q.attr_float("alpha");
  if (q.has(2)) s.bias = 2;
  if (q.has(3)) s.residual = 3;
  s.act = *act_of(q), s.p0 = q.attr_float("p0"), s.p1 = q.attr_float("p1");
  return make_matmul_f32(q, s);
}
Reason refuse_winograd(const KernelQuery& q) {
  if (q.attr_int("input_first") != 0 || q.attr_int("output_first") != 0) return "input and output differ in layout";
  return act_of(q) ? refuse_conv_winograd(q) : Reason("this activation is not fused");
}
ConvSpec conv_spec(const KernelQuery& q) {
  ConvSpec s;
  s.channels_last = q.attr_int("channels_last") != 0;
  if (q.has(3)) s.residual = 3;
  s.act = *act_of(q), s.p0 = q.attr_float("p0"), s.p1 = q.attr_float("p1");
  return s;
}
Result<KernelPtr> make_conv(const KernelQuery& q) { return make_conv_f32(q, conv_spec(q)); }
Result<KernelPtr> make_winograd(const KernelQuery& q) { return make_conv_winograd(q, conv_spec(q)); }

Result<KernelPtr> make_conv_transpose(const KernelQuery& q) {
  return make_conv_f32(q, {.channels_last = true, .transposed = true});
}

}  // namespace

SDX_KERNEL(cpu, sdx_ConvTranspose, f32) = {.priority = 10, .refuse = refuse_conv_f32, .make = make_conv_transpose};
SDX_KERNEL(cpu, sdx_MatMul, f32) = {.priority = 10, .refuse = refuse_matmul, .make = make_matmul};
SDX_KERNEL(cpu, sdx_Conv, winograd) = {.priority = 20, .refuse = refuse_winograd, .make = make_winograd};
SDX_KERNEL(cpu, sdx_Conv, f32) = {.priority = 10, .refuse = refuse_conv, .make = make_conv};

}  // namespace sardonyx
