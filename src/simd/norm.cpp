#include "simd/norm.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/norm.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/compat-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::VFromD<D>;

constexpr int64_t kChunk = 1024;  // elements summed in f32 before joining a double

// Sum of (x - shift), or of its square.
template <bool kSquare>
HWY_INLINE float ChunkSum(D d, const float* p, int64_t n, V shift) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  auto a = hn::Zero(d), b = a, c = a, e = a;
  const auto step = [&](V acc, V x) HWY_ATTR {
    const auto y = hn::Sub(x, shift);
    return kSquare ? hn::MulAdd(y, y, acc) : hn::Add(acc, y);
  };
  int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = step(a, hn::LoadU(d, p + i));
    b = step(b, hn::LoadU(d, p + i + lanes));
    c = step(c, hn::LoadU(d, p + i + 2 * lanes));
    e = step(e, hn::LoadU(d, p + i + 3 * lanes));
  }
  for (; i + lanes <= n; i += lanes) a = step(a, hn::LoadU(d, p + i));
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    b = step(b, hn::IfThenElse(hn::FirstN(d, rest), compat::LoadN(d, p + i, rest), shift));
  }
  return compat::ReduceSum(d, hn::Add(hn::Add(a, b), hn::Add(c, e)));
}

template <bool kSquare>
HWY_INLINE double Sum(const float* p, int64_t n, float shift) {
  const D d;
  const auto s = hn::Set(d, shift);
  double total = 0;
  for (int64_t i = 0; i < n; i += kChunk)
    total += static_cast<double>(ChunkSum<kSquare>(d, p + i, n - i < kChunk ? n - i : kChunk, s));
  return total;
}

struct MeanVar {
  double mean, var;
};

// Two passes: the squares are taken about the mean as rounded to f32, and what that rounding leaves is taken off again.
// Sums are about the first element, so that a large common offset costs no digits.
HWY_INLINE MeanVar RowMoments(const float* p, int64_t n) {
  const double count = static_cast<double>(n);
  const double base = p[0] - p[0] == 0 ? static_cast<double>(p[0]) : 0.0;
  const double mean = base + Sum<false>(p, n, static_cast<float>(base)) / count;
  const float rounded = static_cast<float>(mean);
  const double off = mean - static_cast<double>(rounded);
  const double var = Sum<true>(p, n, rounded) / count - off * off;
  return {mean, var < 0 ? 0.0 : var};
}

// out = (x - mean) * scale * gamma + beta, gamma and beta optional. x - mean is taken in two exact parts.
template <bool kGamma, bool kBeta>
HWY_INLINE void Affine(const float* in, const float* gamma, const float* beta, float* out, int64_t n, double mean,
                       float scale) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const float high = static_cast<float>(mean);
  const auto m = hn::Set(d, high), low = hn::Set(d, static_cast<float>(mean - static_cast<double>(high)));
  const auto s = hn::Set(d, scale);
  const auto value = [&](V x, V g, V b) HWY_ATTR {
    auto y = hn::Mul(hn::Sub(hn::Sub(x, m), low), s);
    if (kGamma && kBeta) return hn::MulAdd(y, g, b);
    if (kGamma) y = hn::Mul(y, g);
    return kBeta ? hn::Add(y, b) : y;
  };
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const auto g = kGamma ? hn::LoadU(d, gamma + i) : s, b = kBeta ? hn::LoadU(d, beta + i) : s;
    hn::StoreU(value(hn::LoadU(d, in + i), g, b), d, out + i);
  }
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    const auto g = kGamma ? compat::LoadN(d, gamma + i, rest) : s, b = kBeta ? compat::LoadN(d, beta + i, rest) : s;
    compat::StoreN(value(compat::LoadN(d, in + i, rest), g, b), d, out + i, rest);
  }
}

HWY_NOINLINE void ApplyAffine(const float* in, const float* gamma, const float* beta, float* out, int64_t n,
                              double mean, float scale) {
  if (gamma != nullptr && beta != nullptr) return Affine<true, true>(in, gamma, beta, out, n, mean, scale);
  if (gamma != nullptr) return Affine<true, false>(in, gamma, beta, out, n, mean, scale);
  if (beta != nullptr) return Affine<false, true>(in, gamma, beta, out, n, mean, scale);
  Affine<false, false>(in, gamma, beta, out, n, mean, scale);
}

HWY_NOINLINE void LayerNorm(const float* in, const float* gamma, const float* beta, float* out, float* mean,
                            float* inv_std, int64_t rows, int64_t cols, float eps) {
  for (int64_t r = 0; r < rows && cols > 0; ++r, in += cols, out += cols) {
    const MeanVar m = RowMoments(in, cols);
    const float scale = static_cast<float>(1 / __builtin_sqrt(m.var + static_cast<double>(eps)));
    ApplyAffine(in, gamma, beta, out, cols, m.mean, scale);
    if (mean != nullptr) mean[r] = static_cast<float>(m.mean);
    if (inv_std != nullptr) inv_std[r] = scale;
  }
}

HWY_NOINLINE void RmsNorm(const float* in, const float* gamma, float* out, float* inv_rms, int64_t rows, int64_t cols,
                          float eps) {
  for (int64_t r = 0; r < rows && cols > 0; ++r, in += cols, out += cols) {
    const double square = Sum<true>(in, cols, 0.0f) / static_cast<double>(cols);
    const float scale = static_cast<float>(1 / __builtin_sqrt(square + static_cast<double>(eps)));
    ApplyAffine(in, gamma, nullptr, out, cols, 0.0, scale);
    if (inv_rms != nullptr) inv_rms[r] = scale;
  }
}

HWY_INLINE void AddRows(const float* a, const float* b, const float* bias, float* out, int64_t n) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < n; i += lanes) {
    const size_t rest = static_cast<size_t>(n - i);
    auto v = hn::Add(compat::LoadN(d, a + i, rest), compat::LoadN(d, b + i, rest));
    if (bias != nullptr) v = hn::Add(v, compat::LoadN(d, bias + i, rest));
    compat::StoreN(v, d, out + i, rest);
  }
}

// The sum lands in sum_out, or else in out, where the normalisation then works in place.
void SkipLayerNorm(const float* in, const float* skip, const float* bias, const float* gamma, const float* beta,
                   float* out, float* sum_out, int64_t rows, int64_t cols, float eps) {
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t at = r * cols;
    float* sum = (sum_out != nullptr ? sum_out : out) + at;
    AddRows(in + at, skip + at, bias, sum, cols);
    LayerNorm(sum, gamma, beta, out + at, nullptr, nullptr, 1, cols, eps);
  }
}
void SkipRmsNorm(const float* in, const float* skip, const float* bias, const float* gamma, float* out, float* sum_out,
                 int64_t rows, int64_t cols, float eps) {
  for (int64_t r = 0; r < rows; ++r) {
    const int64_t at = r * cols;
    float* sum = (sum_out != nullptr ? sum_out : out) + at;
    AddRows(in + at, skip + at, bias, sum, cols);
    RmsNorm(sum, gamma, out + at, nullptr, 1, cols, eps);
  }
}

void Moments(const float* in, int64_t n, float* mean, float* var) {
  const MeanVar m = RowMoments(in, n);
  *mean = static_cast<float>(m.mean);
  *var = static_cast<float>(m.var);
}

void ScaleShift(const float* in, float* out, int64_t n, float scale, float shift) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto s = hn::Set(d, scale), t = hn::Set(d, shift);
  int64_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::MulAdd(hn::LoadU(d, in + i), s, t), d, out + i);
  if (i < n) {
    const size_t rest = static_cast<size_t>(n - i);
    compat::StoreN(hn::MulAdd(compat::LoadN(d, in + i, rest), s, t), d, out + i, rest);
  }
}

void ColumnSums(const float* in, const float* base, float* sum, float* square, int64_t rows, int64_t cols) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < cols; i += lanes) {
    const size_t n = static_cast<size_t>(cols - i < lanes ? cols - i : lanes);
    const auto b = compat::LoadN(d, base + i, n);
    auto s = hn::Zero(d), q = hn::Zero(d);
    for (int64_t r = 0; r < rows; ++r) {
      const auto x = hn::Sub(compat::LoadN(d, in + r * cols + i, n), b);
      s = hn::Add(s, x);
      q = hn::MulAdd(x, x, q);
    }
    compat::StoreN(s, d, sum + i, n);
    compat::StoreN(q, d, square + i, n);
  }
}

void ScaleShiftRows(const float* in, float* out, int64_t rows, int64_t cols, const float* scale, const float* shift) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t r = 0; r < rows; ++r, in += cols, out += cols) {
    int64_t i = 0;
    for (; i + lanes <= cols; i += lanes) {
      hn::StoreU(hn::MulAdd(hn::LoadU(d, in + i), hn::LoadU(d, scale + i), hn::LoadU(d, shift + i)), d, out + i);
    }
    if (i < cols) {
      const size_t rest = static_cast<size_t>(cols - i);
      const auto s = compat::LoadN(d, scale + i, rest), t = compat::LoadN(d, shift + i, rest);
      compat::StoreN(hn::MulAdd(compat::LoadN(d, in + i, rest), s, t), d, out + i, rest);
    }
  }
}

constexpr NormTable kNormTable = {LayerNorm, RmsNorm,    SkipLayerNorm, SkipRmsNorm,
                                  Moments,   ScaleShift, ColumnSums,    ScaleShiftRows};

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(norm, NormTable, kNormTable)
}  // namespace sardonyx::simd
#endif
