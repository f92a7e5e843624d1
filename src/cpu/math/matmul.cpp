// MatMul and Gemm: f32 through the packed kernel; f64 and 32- and 64-bit integers through MatmulPlain; every other
// element type through MatmulAny.
#include "cpu/common/element.h"
#include "cpu/math/matmul_any.h"
#include "cpu/math/matmul_f32.h"
#include "cpu/math/matmul_plain.h"

namespace sardonyx {
namespace {

Reason refuse_f32(const KernelQuery& q) { return q.dtype(0) == DType::kF32 ? kAccept : Reason("f32 only"); }

MatmulSpec gemm_spec(const KernelQuery& q) {
  MatmulSpec s;
  s.trans_a = q.attr_int("transA") != 0, s.trans_b = q.attr_int("transB") != 0;
  s.alpha = q.attr_float("alpha"), s.beta = q.attr_float("beta");
  if (q.has(2)) s.bias = 2;
  return s;
}

}  // namespace

SDX_KERNEL(cpu, MatMul, f32) = {
    .priority = 10, .refuse = refuse_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_matmul_f32(q, {});
    }};
SDX_KERNEL(cpu, Gemm, f32) = {
    .priority = 10, .refuse = refuse_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_matmul_f32(q, gemm_spec(q));
    }};
SDX_KERNEL(cpu, MatMul, plain) = {
    .priority = 5,
    .refuse = [](const KernelQuery& q) { return refuse_matmul_plain(q, {}); },
    .make = [](const KernelQuery& q) -> Result<KernelPtr> { return make_matmul_plain(q, {}); }};
SDX_KERNEL(cpu, Gemm, plain) = {
    .priority = 5,
    .refuse = [](const KernelQuery& q) { return refuse_matmul_plain(q, gemm_spec(q)); },
    .make = [](const KernelQuery& q) -> Result<KernelPtr> { return make_matmul_plain(q, gemm_spec(q)); }};
SDX_KERNEL(cpu, MatMul, any) = {
    .priority = 1, .make = [](const KernelQuery& q) -> Result<KernelPtr> { return make_matmul_any(q, {}); }};
SDX_KERNEL(cpu, Gemm, any) = {
    .priority = 1, .make = [](const KernelQuery& q) -> Result<KernelPtr> { return make_matmul_any(q, gemm_spec(q)); }};

}  // namespace sardonyx
