// MaxUnpool and Col2Im: values are placed, or summed, at positions that another operator took them from.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

// Indices address the extents that kernel, strides and pads imply; a larger output_shape holds those in its corner.
class MaxUnpool final : public Kernel {
 public:
  explicit MaxUnpool(const KernelQuery& q)
      : type_(q.dtype(0)),
        kernel_(q.attr_ints("kernel_shape")),
        strides_(q.attr_ints("strides")),
        pads_(q.attr_ints("pads")) {}
  Status prepare(PrepareCtx& c) const override {
    const size_t spatial = c.in_dims(0).size() - 2;
    int64_t* implied = c.array<int64_t>(spatial + 2);
    implied[0] = c.in_dims(0)[0], implied[1] = c.in_dims(0)[1];
    for (size_t a = 0; a < spatial; ++a) {
      const int64_t stride = strides_.empty() ? 1 : strides_[a],
                    pad = pads_.empty() ? 0 : pads_[a] + pads_[a + spatial];
      implied[a + 2] = (c.in_dims(0)[a + 2] - 1) * stride + kernel_[a] - pad;
    }
    c.work<const int64_t*>() = implied;
    return {};
  }
  Status run(RunCtx& c) const override {
    const std::span<const int64_t> implied(c.work<const int64_t*>(), c.in_dims(0).size());
    const int64_t most = elements(implied), *index = c.in<int64_t>(1);
    zero_elements(type_, c.out(0), 0, c.out_count(0));
    return visit_storage(type_, [&]<class T>(std::type_identity<T>) -> Status {
      for (int64_t i = 0; i < c.in_count(0); ++i) {
        if (index[i] < 0 || index[i] >= most)
          return fail(Code::kRange, "I[", i, "] is ", index[i], ", outside [0,", most - 1, "]");
        int64_t rest = index[i], at = 0, step = 1;
        bool inside = true;
        for (size_t a = implied.size(); a-- > 0;) {
          const int64_t p = rest % implied[a];
          rest /= implied[a];
          inside = inside && p < c.out_dims(0)[a];
          at += p * step;
          step *= c.out_dims(0)[a];
        }
        if (inside) c.out<T>(0)[at] = c.in<T>(0)[i];
      }
      return {};
    });
  }

 private:
  DType type_;
  std::vector<int64_t> kernel_, strides_, pads_;
};

class Col2Im final : public Kernel {
 public:
  explicit Col2Im(const KernelQuery& q)
      : type_(q.dtype(0)),
        dilations_(q.attr_ints("dilations")),
        pads_(q.attr_ints("pads")),
        strides_(q.attr_ints("strides")) {}
  Status prepare(PrepareCtx& c) const override {
    SDX_TRY(const auto image, c.ints(1));
    SDX_TRY(const auto block, c.ints(2));
    const size_t n = image.size();
    int64_t* w = c.array<int64_t>(3 * n);
    for (size_t a = 0; a < n; ++a) {
      w[a] = image[a], w[n + a] = block[a];
      const int64_t reach = (block[a] - 1) * entry(dilations_, a, 1) + 1;
      w[2 * n + a] = (image[a] + entry(pads_, a, 0) + entry(pads_, a + n, 0) - reach) / entry(strides_, a, 1) + 1;
    }
    c.work<Work>() = {static_cast<int>(n), w};
    c.tasks(c.out_count(0) ? c.out_dims(0)[0] * c.out_dims(0)[1] : 0, static_cast<double>(c.in_count(0)));
    return {};
  }
  Status run(RunCtx& c) const override {
    return visit_number(type_, [&]<class T>(std::type_identity<T>) {
      c.parallel([&](Range r, int) {
        for (int64_t plane = r.begin; plane < r.end; ++plane) run_plane<T>(c, plane);
      });
      return Status();
    });
  }

 private:
  struct Work {
    int spatial;
    const int64_t* extents;  // of image, block and the grid of blocks
  };
  static int64_t entry(const std::vector<int64_t>& list, size_t a, int64_t missing) {
    return list.empty() ? missing : list[a];
  }
  template <class T>
  void run_plane(RunCtx& c, int64_t plane) const {
    const Work& w = c.work<Work>();
    const int n = w.spatial;
    const int64_t *image = w.extents, *block = image + n, *grid = block + n;
    const int64_t size = product({image, static_cast<size_t>(n)}, 0, n),
                  taps = product({block, static_cast<size_t>(n)}, 0, n),
                  cells = product({grid, static_cast<size_t>(n)}, 0, n);
    const T* in = c.in<T>(0) + plane * taps * cells;
    T* out = c.out<T>(0) + plane * size;
    std::fill(out, out + size, T(0));
    for (int64_t t = 0; t < taps; ++t)
      for (int64_t cell = 0; cell < cells; ++cell) {
        int64_t tap_rest = t, cell_rest = cell, at = 0, step = 1;
        bool inside = true;
        for (int a = n - 1; a >= 0; --a) {
          const size_t k = static_cast<size_t>(a);
          const int64_t p = cell_rest % grid[a] * entry(strides_, k, 1) - entry(pads_, k, 0) +
                            tap_rest % block[a] * entry(dilations_, k, 1);
          tap_rest /= block[a], cell_rest /= grid[a];
          inside = inside && p >= 0 && p < image[a];
          at += p * step;
          step *= image[a];
        }
        if (inside) out[at] = T(out[at] + in[t * cells + cell]);
      }
  }

  DType type_;
  std::vector<int64_t> dilations_, pads_, strides_;
};

}  // namespace

SDX_KERNEL(cpu, MaxUnpool, any) = {.make = make_kernel<MaxUnpool>};
SDX_KERNEL(cpu, Col2Im, any) = {.make = make_kernel<Col2Im>};

}  // namespace sardonyx
