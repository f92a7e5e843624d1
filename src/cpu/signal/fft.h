// Fast Fourier transforms of any length, in double. Lengths whose prime factors are small go through Stockham's mixed
// radices; others through Bluestein's convolution of a power of two. The error of a transform stays within a few ulps
// of double times log2(n). Plans are plain data, immutable, shared by threads.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>

namespace sardonyx {

struct Complex {
  double re = 0, im = 0;
};

struct FftPlan {
  int64_t n = 0;
  int radices[64] = {};  // their product is the transformed length: n, or `convolved`
  int stages = 0;
  int64_t convolved = 0;            // of Bluestein's convolution, 0 if there is none
  const Complex* roots = nullptr;   // exp(∓2πi k / length)
  const Complex* chirp = nullptr;   // [n] exp(∓πi k² / n)
  const Complex* filter = nullptr;  // [convolved] transform of the conjugate chirp, scaled by 1 / convolved
};

// Memory for that many numbers, which must live as long as the plan.
using ComplexAllocator = std::function<Complex*(size_t)>;

// inverse: the sign of the exponent; nothing is scaled. n >= 1.
FftPlan plan_fft(int64_t n, bool inverse, const ComplexAllocator& allocate);
// Numbers of scratch that fft needs.
size_t fft_scratch(const FftPlan& plan);
// In place on n numbers.
void fft(const FftPlan& plan, Complex* data, Complex* scratch);

// The transforms of two real signals, from that of first + i second: bin k of each.
void split_real_pair(const Complex* both, int64_t n, int64_t k, Complex& first, Complex& second);

}  // namespace sardonyx
