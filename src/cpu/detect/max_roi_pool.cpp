// MaxRoiPool: maximum of every cell of a grid laid over each region of interest, whose corners are rounded to pixels.
#include <algorithm>
#include <cmath>

#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

struct Region {
  int64_t y, x, height, width;
};

class MaxRoiPool final : public Kernel {
 public:
  explicit MaxRoiPool(const KernelQuery& q) : scale_(q.attr_float("spatial_scale")) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents &out = c.out_dims(0), &x = c.in_dims(0);
    c.tasks(out[0] * out[1], static_cast<double>(x[2] * x[3]));
    return {};
  }

  Status run(RunCtx& c) const override {
    return visit_float(c.dtype(0), [&]<class T>(std::type_identity<T>) {
      SDX_RETURN_IF_ERROR(check(c, c.in<T>(1)));
      c.parallel([&](Range r, int) {
        for (int64_t t = r.begin; t < r.end; ++t) pool(c, c.in<T>(0), c.in<T>(1), c.out<T>(0), t);
      });
      return Status();
    });
  }

 private:
  template <class T>
  static Status check(RunCtx& c, const T* rois) {
    const int64_t batches = c.in_dims(0)[0];
    for (int64_t r = 0; r < c.in_dims(1)[0]; ++r) {
      const double batch = rois[r * 5];
      if (!(batch >= 0 && batch < static_cast<double>(batches)))
        return fail(Code::kRange, "rois[", r, ",0] is batch ", batch, ", outside [0,", batches - 1, "]");
      for (int k = 1; k < 5; ++k)
        if (!(std::abs(static_cast<double>(rois[r * 5 + k])) < 1e9))
          return fail(Code::kRange, "rois[", r, ",", k, "] is ", static_cast<double>(rois[r * 5 + k]),
                      ", not a coordinate");
    }
    return {};
  }

  template <class T>
  Region region(const T* roi) const {
    const auto corner = [&](int k) { return std::llround(static_cast<double>(roi[k]) * scale_); };
    const int64_t x = corner(1), y = corner(2);
    return {y, x, std::max<int64_t>(corner(4) - y + 1, 1), std::max<int64_t>(corner(3) - x + 1, 1)};
  }

  // First pixel of cell i of n, and the one behind its last.
  static std::pair<int64_t, int64_t> cell(int64_t begin, int64_t length, int64_t i, int64_t n, int64_t extent) {
    const int64_t from = i * length / n, to = ((i + 1) * length + n - 1) / n;
    return {std::clamp<int64_t>(begin + from, 0, extent), std::clamp<int64_t>(begin + to, 0, extent)};
  }

  template <class T>
  void pool(RunCtx& c, const T* in, const T* rois, T* out, int64_t t) const {
    const Extents &x = c.in_dims(0), &o = c.out_dims(0);
    const T* roi = rois + t / x[1] * 5;
    const T* image = in + (static_cast<int64_t>(static_cast<double>(roi[0])) * x[1] + t % x[1]) * x[2] * x[3];
    const Region r = region(roi);
    T* to = out + t * o[2] * o[3];
    for (int64_t h = 0; h < o[2]; ++h) {
      const auto [top, bottom] = cell(r.y, r.height, h, o[2], x[2]);
      for (int64_t w = 0; w < o[3]; ++w) {
        const auto [left, right] = cell(r.x, r.width, w, o[3], x[3]);
        *to++ = top < bottom && left < right ? most(image, x[3], top, bottom, left, right) : static_cast<T>(0.0f);
      }
    }
  }

  template <class T>
  static T most(const T* image, int64_t width, int64_t top, int64_t bottom, int64_t left, int64_t right) {
    T m = image[top * width + left];
    for (int64_t y = top; y < bottom; ++y)
      for (int64_t x = left; x < right; ++x)
        if (image[y * width + x] > m || image[y * width + x] != image[y * width + x]) m = image[y * width + x];
    return m;
  }
  float scale_;
};

}  // namespace

SDX_KERNEL(cpu, MaxRoiPool, any) = {.make = make_kernel<MaxRoiPool>};

}  // namespace sardonyx
