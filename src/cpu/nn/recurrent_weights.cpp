#include "cpu/nn/recurrent_weights.h"

#include "base/checked.h"
#include "simd/choose.h"
#include "simd/gemm.h"

namespace sardonyx {
namespace {

// Columns of the recurrent product that all cells make at once.
int64_t joint_columns(RecurrentCell cell, int64_t hidden) {
  return (cell == RecurrentCell::kGru ? 2 : gate_count(cell)) * hidden;
}

void pack(int64_t k, int64_t n, const float* weights, void* dst) {
  const simd::GemmTable& f = simd::gemm();
  simd::gemm_pack_b(f, k, n, weights, k, true, 0, simd::gemm_b_panels(f, n), static_cast<float*>(dst));
}

}  // namespace

RecurrentSizes recurrent_sizes(RecurrentCell cell, int64_t input, int64_t hidden) {
  const auto bytes = [](int64_t k, int64_t n) { return simd::gemm_packed_b_bytes(simd::gemm(), k, n); };
  RecurrentSizes s;
  s.input = bytes(input, gate_count(cell) * hidden);
  s.recurrent = s.candidate = round_up(bytes(hidden, joint_columns(cell, hidden)), kAlignment);
  if (cell == RecurrentCell::kGru) s.recurrent += round_up(bytes(hidden, hidden), kAlignment);
  return s;
}

void pack_input_weights(RecurrentCell cell, int64_t input, int64_t hidden, const float* weights, void* dst) {
  pack(input, gate_count(cell) * hidden, weights, dst);
}

void pack_recurrent_weights(RecurrentCell cell, int64_t hidden, const float* weights, void* dst) {
  const int64_t joint = joint_columns(cell, hidden);
  pack(hidden, joint, weights, dst);
  if (cell == RecurrentCell::kGru)
    pack(hidden, hidden, weights + joint * hidden,
         static_cast<std::byte*>(dst) + recurrent_sizes(cell, 0, hidden).candidate);
}

Result<RecurrentWeights> pack_constant_weights(const KernelQuery& q, RecurrentCell cell) {
  RecurrentWeights packed;
  const Tensor *w = q.constant(1), *r = q.constant(2);
  if (w == nullptr || r == nullptr) return packed;
  const int64_t directions = w->dims()[0], input = w->dims()[2], hidden = r->dims()[2], g = gate_count(cell) * hidden;
  const RecurrentSizes each = recurrent_sizes(cell, input, hidden);
  const std::string_view target = simd::target_name(simd::best_target());
  const auto at = [](void* dst, int64_t d, size_t bytes) {
    return static_cast<std::byte*>(dst) + static_cast<size_t>(d) * bytes;
  };
  const size_t count = static_cast<size_t>(directions);
  SDX_TRY(packed.input, q.pack(1, cat("recurrent_w:", target), each.input * count, [&](void* dst) {
    for (int64_t d = 0; d < directions; ++d)
      pack_input_weights(cell, input, hidden, w->as<float>() + d * g * input, at(dst, d, each.input));
  }));
  const std::string layout = cat("recurrent_r", static_cast<int>(cell), ":", target);
  SDX_TRY(packed.recurrent, q.pack(2, layout, each.recurrent * count, [&](void* dst) {
    for (int64_t d = 0; d < directions; ++d)
      pack_recurrent_weights(cell, hidden, r->as<float>() + d * g * hidden, at(dst, d, each.recurrent));
  }));
  return packed;
}

}  // namespace sardonyx
