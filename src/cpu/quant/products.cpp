// Integer and quantised matrix products and convolutions.
#include "cpu/common/activation.h"
#include "cpu/quant/product.h"

namespace sardonyx {
namespace {

constexpr ProductSpec kInteger = {.x_zero = 2, .w_zero = 3};
constexpr ProductSpec kQLinear = {
    .x_scale = 1, .x_zero = 2, .w = 3, .w_scale = 4, .w_zero = 5, .y_scale = 6, .y_zero = 7};

ProductSpec conv_integer() {
  ProductSpec s = kInteger;
  s.conv = true;
  return s;
}
ProductSpec qlinear_conv() {
  ProductSpec s = kQLinear;
  s.conv = true, s.bias = 8;
  return s;
}
ProductSpec fused(const KernelQuery& q, bool conv) {
  ProductSpec s = kQLinear;
  s.conv = conv, s.bias = 8;
  s.channels_last = conv && q.attr_int("channels_last") != 0;
  s.trans_w = !conv && q.attr_int("transB") != 0 && q.rank(3) >= 2;
  s.act = act_of(q).value_or(simd::Act::kNone), s.p0 = q.attr_float("p0"), s.p1 = q.attr_float("p1");
  return s;
}
Reason refuse_fused(const KernelQuery& q, bool conv) {
  return act_of(q) ? refuse_product(q, fused(q, conv)) : Reason("this activation is not fused");
}

}  // namespace

SDX_KERNEL(cpu, MatMulInteger, bytes) = {.priority = 10,
                                         .refuse = [](const KernelQuery& q) { return refuse_product(q, kInteger); },
                                         .make = [](const KernelQuery& q) { return make_product(q, kInteger); }};
SDX_KERNEL(cpu, ConvInteger, bytes) = {.priority = 10,
                                       .refuse = [](const KernelQuery& q) { return refuse_product(q, conv_integer()); },
                                       .make = [](const KernelQuery& q) { return make_product(q, conv_integer()); }};
SDX_KERNEL(cpu, QLinearMatMul, bytes) = {.priority = 10,
                                         .refuse = [](const KernelQuery& q) { return refuse_product(q, kQLinear); },
                                         .make = [](const KernelQuery& q) { return make_product(q, kQLinear); }};
SDX_KERNEL(cpu, QLinearConv, bytes) = {.priority = 10,
                                       .refuse = [](const KernelQuery& q) { return refuse_product(q, qlinear_conv()); },
                                       .make = [](const KernelQuery& q) { return make_product(q, qlinear_conv()); }};
SDX_KERNEL(cpu, sdx_QMatMul, bytes) = {.priority = 10,
                                       .refuse = [](const KernelQuery& q) { return refuse_fused(q, false); },
                                       .make = [](const KernelQuery& q) { return make_product(q, fused(q, false)); }};
SDX_KERNEL(cpu, sdx_QConv, bytes) = {.priority = 10,
                                     .refuse = [](const KernelQuery& q) { return refuse_fused(q, true); },
                                     .make = [](const KernelQuery& q) { return make_product(q, fused(q, true)); }};

}  // namespace sardonyx
