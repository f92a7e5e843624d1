// QuantizeLinear, DequantizeLinear between f32 and whole-byte integers, and DynamicQuantizeLinear.
#include <algorithm>
#include <cmath>

#include "cpu/common/axis.h"
#include "kernel/kernel.h"
#include "simd/quantize.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 16384;

// Work as rows of `n` elements: one scale per row, or one per element of the row.
struct Rows {
  int64_t rows, n;
  int64_t pieces, piece;       // a row is cut into pieces
  int64_t repeat, cycle;       // row r uses parameter r / repeat % cycle …
  int64_t axis_extent, block;  // … or, in blocks along an axis of axis_extent: see parameter()
  bool each;

  int64_t tasks() const { return rows * pieces; }
  // First parameter of row r, in units of one parameter (or of n, if each).
  int64_t parameter(int64_t r) const {
    if (block > 0) return r / axis_extent * ((axis_extent + block - 1) / block) + r % axis_extent / block;
    return r / repeat % cycle;
  }
};

Rows rows_of(const Extents& x, const Extents& scale, int64_t axis_attr, int64_t block) {
  const int64_t count = elements(x), scales = elements(scale);
  Rows r{1, count, 1, kChunk, 1, 1, 1, 0, false};
  if (!(scale.empty() || (scale.size() == 1 && scales == 1))) {
    const int rank = static_cast<int>(x.size()), axis = rank <= 1 ? 0 : wrap_axis(axis_attr, rank);
    const int64_t outer = product(x, 0, axis), extent = x[static_cast<size_t>(axis)],
                  inner = product(x, axis + 1, rank);
    if (block > 0) {
      r.rows = outer * extent, r.n = inner, r.each = true, r.axis_extent = extent, r.block = block;
    } else if (inner == 1) {
      r.rows = outer, r.n = extent, r.each = true, r.repeat = 1, r.cycle = 1;
    } else {
      r.rows = outer * extent, r.n = inner, r.cycle = extent;
    }
  }
  // Long rows are cut; short ones go to a task one by one.
  r.pieces = std::max<int64_t>(1, (r.n + kChunk - 1) / kChunk);
  return r;
}

struct Work {
  Rows rows;
  int64_t params;
};

template <class Q>
struct Functions;
#define SDX_QUANTIZE_FUNCTIONS(T, suffix)                                         \
  template <>                                                                     \
  struct Functions<T> {                                                           \
    static constexpr auto to = &simd::QuantizeTable::to_##suffix;                 \
    static constexpr auto to_each = &simd::QuantizeTable::to_##suffix##_each;     \
    static constexpr auto from = &simd::QuantizeTable::from_##suffix;             \
    static constexpr auto from_each = &simd::QuantizeTable::from_##suffix##_each; \
  };
SDX_QUANTIZE_FUNCTIONS(uint8_t, u8)
SDX_QUANTIZE_FUNCTIONS(int8_t, i8)
SDX_QUANTIZE_FUNCTIONS(uint16_t, u16)
SDX_QUANTIZE_FUNCTIONS(int16_t, i16)
#undef SDX_QUANTIZE_FUNCTIONS
template <>
struct Functions<int32_t> {
  static constexpr auto from = &simd::QuantizeTable::from_i32;
  static constexpr auto from_each = &simd::QuantizeTable::from_i32_each;
};

template <class F>
void visit_integer(DType t, F&& fn) {
  switch (t) {
    case DType::kU8: return fn(uint8_t());
    case DType::kI8: return fn(int8_t());
    case DType::kU16: return fn(uint16_t());
    case DType::kI16: return fn(int16_t());
    default: return fn(int32_t());
  }
}

class Linear final : public Kernel {
 public:
  Linear(const KernelQuery& q, bool quantises)
      : integer_(quantises ? q.out_dtype(0) : q.dtype(0)),
        axis_(q.attr_int("axis")),
        block_(q.attr_int("block_size")),
        quantises_(quantises) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w.rows = rows_of(c.in_dims(0), c.in_dims(1), axis_, block_);
    w.params = c.in_count(1);
    const bool empty = c.out_count(0) == 0;
    c.tasks(empty ? 0 : w.rows.tasks(), static_cast<double>(std::min(w.rows.n, kChunk)));
    c.scratch(static_cast<size_t>(w.params) * 4);  // zero points as int32
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    int32_t* zero = reinterpret_cast<int32_t*>(c.scratch());
    visit_integer(integer_, [&](auto q) {
      using Q = decltype(q);
      const Q* from = c.in<Q>(2);
      for (int64_t i = 0; i < w.params; ++i) zero[i] = from ? from[i] : 0;
      c.parallel([&](Range r, int) { part<Q>(c, w.rows, r, zero); });
    });
    return {};
  }

 private:
  template <class Q>
  void part(RunCtx& c, const Rows& w, Range range, const int32_t* zero) const {
    const simd::QuantizeTable& f = simd::quantize();
    for (int64_t t = range.begin; t < range.end; ++t) {
      const int64_t row = t / w.pieces, begin = t % w.pieces * kChunk, n = std::min(kChunk, w.n - begin);
      const int64_t at = row * w.n + begin, p = w.each ? w.parameter(row) * w.n + begin : w.parameter(row);
      const float* scale = c.in<float>(1) + p;
      if (!quantises_) {
        const Q* x = c.in<Q>(0) + at;
        float* y = c.out<float>(0) + at;
        if (w.each)
          (f.*Functions<Q>::from_each)(x, y, n, scale, zero + p);
        else
          (f.*Functions<Q>::from)(x, y, n, *scale, zero[p]);
      } else if constexpr (sizeof(Q) < 4) {
        const float* x = c.in<float>(0) + at;
        Q* y = c.out<Q>(0) + at;
        if (w.each)
          (f.*Functions<Q>::to_each)(x, y, n, scale, zero + p);
        else
          (f.*Functions<Q>::to)(x, y, n, *scale, zero[p]);
      }
    }
  }

  DType integer_;
  int64_t axis_, block_;
  bool quantises_;
};

constexpr TypeMask kStored = mask_of(DType::kU8) | mask_of(DType::kI8) | mask_of(DType::kU16) | mask_of(DType::kI16);

Reason refuse_common(const KernelQuery& q) {
  if (q.dtype(1) != DType::kF32) return "f32 scales only";
  if (q.rank(0) < 0 || q.rank(1) < 0) return "the ranks of x and the scale are not known";
  return kAccept;
}
Reason refuse_quantize(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  if (!contains(kStored, q.out_dtype(0))) return "only 8 and 16 bit integers";
  const int64_t precision = q.attr_int("precision");
  if (precision != 0 && precision != static_cast<int64_t>(DType::kF32)) return "the division is in f32";
  return refuse_common(q);
}
Reason refuse_dequantize(const KernelQuery& q) {
  if (q.out_dtype(0) != DType::kF32) return "f32 only";
  // An int32's difference to its zero point may not fit; only without one it is exact either way.
  if (q.dtype(0) == DType::kI32 && q.has(2)) return "int32 with a zero point";
  if (!contains(kStored | mask_of(DType::kI32), q.dtype(0))) return "only 8 and 16 bit integers and int32";
  return refuse_common(q);
}

// The range is found in parts of fixed size, so the result does not depend on the number of threads.
class Dynamic final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const int64_t parts = (c.in_count(0) + kChunk - 1) / kChunk;
    c.tasks(parts, kChunk);
    c.scratch(static_cast<size_t>(parts) * 8);
    return {};
  }
  Status run(RunCtx& c) const override {
    const simd::QuantizeTable& f = simd::quantize();
    const float* x = c.in<float>(0);
    const int64_t n = c.in_count(0), parts = (n + kChunk - 1) / kChunk;
    float* range = reinterpret_cast<float*>(c.scratch());
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t)
        f.range(x + t * kChunk, std::min(kChunk, n - t * kChunk), range + 2 * t, range + 2 * t + 1);
    });
    float low = 0, high = 0;
    for (int64_t t = 0; t < parts; ++t) low = std::min(low, range[2 * t]), high = std::max(high, range[2 * t + 1]);
    const float scale = high == low ? 1.0f : (high - low) / 255.0f;
    const float point = -low / scale;  // NaN if the range is infinite
    const int32_t zero = point > 0 ? static_cast<int32_t>(std::nearbyint(std::min(point, 255.0f))) : 0;
    *c.out<float>(1) = scale;
    *c.out<uint8_t>(2) = static_cast<uint8_t>(zero);
    uint8_t* y = c.out<uint8_t>(0);
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t)
        f.to_u8(x + t * kChunk, y + t * kChunk, std::min(kChunk, n - t * kChunk), scale, zero);
    });
    return {};
  }
};

Reason refuse_dynamic(const KernelQuery& q) {
  return q.wants(0) && q.wants(1) && q.wants(2) ? kAccept : Reason("all three outputs are computed");
}

}  // namespace

SDX_KERNEL(cpu, QuantizeLinear, f32) = {
    .priority = 10, .refuse = refuse_quantize, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Linear(q, true));
    }};
SDX_KERNEL(cpu, DequantizeLinear, f32) = {
    .priority = 10, .refuse = refuse_dequantize, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Linear(q, false));
    }};
SDX_KERNEL(cpu, DynamicQuantizeLinear, f32) = {.priority = 10, .refuse = refuse_dynamic, .make = make_kernel<Dynamic>};

}  // namespace sardonyx
