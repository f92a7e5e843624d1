// MelWeightMatrix: triangular filters, evenly spaced on the mel scale, over the bins of a spectrum.
#include <cmath>
#include <vector>

#include "cpu/common/element.h"
#include "kernel/kernel.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

double to_mel(double hz) { return 2595 * std::log10(1 + hz / 700); }
double to_hz(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

class MelWeightMatrix final : public Kernel {
 public:
  explicit MelWeightMatrix(const KernelQuery& q) : type_(q.out_dtype(0)) {}
  Status run(RunCtx& c) const override {
    double given[5];
    for (int i = 0; i < 5; ++i) simd::cast(c.dtype(i), DType::kF64)(c.in(i), &given[i], 1, {});
    const int64_t bands = static_cast<int64_t>(given[0]), bins = c.out_dims(0)[0];
    const double length = given[1], rate = given[2], low = to_mel(given[3]), high = to_mel(given[4]);
    if (!(rate > 0)) return fail(Code::kRange, "sample_rate is ", rate, "; it must be positive");
    // Edges of the bands as bins: band b rises from edge b to edge b + 1 and falls to edge b + 2.
    std::vector<int64_t> edge(static_cast<size_t>(bands) + 2);
    for (size_t k = 0; k < edge.size(); ++k) {
      const double mel = low + (high - low) / static_cast<double>(edge.size()) * static_cast<double>(k);
      edge[k] = static_cast<int64_t>(std::floor((length + 1) * to_hz(mel) / rate));
    }
    std::vector<double> out(static_cast<size_t>(bins * bands));
    for (int64_t b = 0; b < bands; ++b) band(edge.data() + b, b, bands, bins, out);
    simd::cast(DType::kF64, type_)(out.data(), c.out(0), bins * bands, {});
    return {};
  }

 private:
  static void band(const int64_t* edge, int64_t b, int64_t bands, int64_t bins, std::vector<double>& out) {
    const auto put = [&](int64_t bin, double v) {
      if (bin >= 0 && bin < bins) out[static_cast<size_t>(bin * bands + b)] = v;
    };
    const int64_t rise = edge[1] - edge[0], fall = edge[2] - edge[1];
    if (rise == 0) put(edge[1], 1);
    for (int64_t k = edge[0]; rise > 0 && k <= edge[1]; ++k)
      put(k, static_cast<double>(k - edge[0]) / static_cast<double>(rise));
    for (int64_t k = edge[1]; fall > 0 && k < edge[2]; ++k)
      put(k, static_cast<double>(edge[2] - k) / static_cast<double>(fall));
  }
  DType type_;
};

}  // namespace

SDX_KERNEL(cpu, MelWeightMatrix, any) = {.make = make_kernel<MelWeightMatrix>};

}  // namespace sardonyx
