// Pad (constant, reflect, edge, wrap; negative pads crop first) and CenterCropPad. Trailing axes that are not padded
// form one block; the last padded axis is walked in lines of such blocks, of which the middle is one contiguous copy.
#include <algorithm>

#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

enum class Mode : uint8_t { kConstant, kReflect, kEdge, kWrap };

constexpr int kMaxRank = 24;

struct Work {
  int outer = 0;              // axes before the line axis
  int64_t extents[kMaxRank];  // of the output, outer axes
  int64_t strides[kMaxRank];  // of the input, outer axes, in elements
  const int64_t*
      index[kMaxRank + 1];  // per axis and output position: input position, -1 for padding; the last is the line axis
  int64_t line = 0, block = 1;           // output blocks per line, elements per block
  int64_t line_stride = 0;               // elements of an input line
  int64_t copy_begin = 0, copy_end = 0;  // blocks of the line that are one contiguous piece of the input
  int64_t lines = 0;
};

// The input position (inside the cropped extent n) that output position i, counted from the first copied one, shows.
int64_t source(Mode mode, int64_t i, int64_t n) {
  if (i >= 0 && i < n) return i;
  switch (mode) {
    case Mode::kConstant: return -1;
    case Mode::kEdge: return i < 0 ? 0 : n - 1;
    case Mode::kWrap: return (i % n + n) % n;
    case Mode::kReflect: {
      const int64_t period = n > 1 ? 2 * (n - 1) : 1;
      const int64_t p = (i % period + period) % period;
      return std::min(p, period - p);
    }
  }
  return -1;
}

Status plan_axis(PrepareCtx& c, Mode mode, int axis, int64_t begin, int64_t end, const int64_t*& table) {
  const int64_t extent = c.in_dims(0)[static_cast<size_t>(axis)], out = c.out_dims(0)[static_cast<size_t>(axis)];
  const int64_t lo = std::max<int64_t>(0, -begin), n = extent - lo - std::max<int64_t>(0, -end);
  if (n <= 0 && mode != Mode::kConstant && out > 0)
    return fail(Code::kShape, "axis ", axis, " has no elements left to repeat (extent ", extent, ", pads ", begin,
                " and ", end, ")");
  int64_t* t = c.array<int64_t>(static_cast<size_t>(out));
  for (int64_t j = 0; j < out; ++j) {
    const int64_t i = source(mode, j - std::max<int64_t>(0, begin), std::max<int64_t>(n, 0));
    t[j] = i < 0 ? -1 : i + lo;
  }
  table = t;
  return {};
}

Status plan_pad(PrepareCtx& c, Mode mode, std::span<const int64_t> begins, std::span<const int64_t> ends) {
  const Extents &d = c.in_dims(0), &out = c.out_dims(0);
  const int rank = static_cast<int>(d.size());
  int line_axis = rank - 1;
  while (line_axis > 0 && begins[static_cast<size_t>(line_axis)] == 0 && ends[static_cast<size_t>(line_axis)] == 0)
    --line_axis;
  if (rank > kMaxRank) return fail(Code::kShape, "the input has rank ", rank, ", at most ", kMaxRank, " is supported");
  Work w{};
  const Extents strides = dense_strides(d);
  w.outer = std::max(line_axis, 0);
  w.block = product(out, line_axis + 1, rank);
  w.lines = elements(out) == 0 ? 0 : product(out, 0, w.outer);
  for (int a = 0; a < w.outer; ++a) {
    w.extents[a] = out[static_cast<size_t>(a)];
    w.strides[a] = strides[static_cast<size_t>(a)];
  }
  for (int a = 0; a <= line_axis; ++a)
    SDX_RETURN_IF_ERROR(
        plan_axis(c, mode, a, begins[static_cast<size_t>(a)], ends[static_cast<size_t>(a)], w.index[a]));
  if (rank > 0) {
    const size_t l = static_cast<size_t>(line_axis);
    w.line = out[l];
    const int64_t n = d[l] - std::max<int64_t>(0, -begins[l]) - std::max<int64_t>(0, -ends[l]);
    w.copy_begin = std::min(std::max<int64_t>(0, begins[l]), w.line);
    w.copy_end = std::clamp(w.copy_begin + n, w.copy_begin, w.line);
  } else {
    int64_t* zero = c.array<int64_t>(1);
    *zero = 0;
    w.index[0] = zero;
    w.line = w.copy_end = 1;
  }
  c.work<Work>() = w;
  const bool serial = is_packed(c.dtype(0));  // neighbouring lines share bytes
  c.tasks(serial ? 1 : w.lines, static_cast<double>(w.line * w.block) * (serial ? static_cast<double>(w.lines) : 1));
  return {};
}

void fill_blocks(DType t, const Work& w, void* out, int64_t at, int64_t n, const void* value) {
  if (value)
    fill_elements(t, out, at * w.block, n * w.block, value);
  else
    zero_elements(t, out, at * w.block, n * w.block);
}

void pad_line(DType t, const Work& w, const void* in, void* out, int64_t line, const void* value) {
  int64_t base = 0, rest = line;
  bool inside = true;
  for (int a = w.outer; a-- > 0;) {
    const int64_t i = w.index[a][rest % w.extents[a]];
    rest /= w.extents[a];
    if (i < 0) inside = false;
    base += i * w.strides[a];
  }
  const int64_t at = line * w.line;
  if (!inside) return fill_blocks(t, w, out, at, w.line, value);
  const int64_t* index = w.index[w.outer];
  const auto edge = [&](int64_t begin, int64_t end) {
    if (begin < end && index[begin] < 0) return fill_blocks(t, w, out, at + begin, end - begin, value);
    for (int64_t j = begin; j < end; ++j)
      copy_elements(t, in, base + index[j] * w.block, out, (at + j) * w.block, w.block);
  };
  edge(0, w.copy_begin);
  if (w.copy_begin < w.copy_end)
    copy_elements(t, in, base + index[w.copy_begin] * w.block, out, (at + w.copy_begin) * w.block,
                  (w.copy_end - w.copy_begin) * w.block);
  edge(w.copy_end, w.line);
}

Status run_pad(RunCtx& c, const void* value) {
  const Work& w = c.work<Work>();
  const DType t = c.dtype(0);
  c.parallel([&](Range r, int) {
    if (is_packed(t)) r = {0, w.lines};
    for (int64_t line = r.begin; line < r.end; ++line) pad_line(t, w, c.in(0), c.out(0), line, value);
  });
  return {};
}

class Pad final : public Kernel {
 public:
  explicit Pad(const KernelQuery& q) {
    const std::string mode = q.attr_string("mode");
    mode_ = mode == "reflect" ? Mode::kReflect
            : mode == "edge"  ? Mode::kEdge
            : mode == "wrap"  ? Mode::kWrap
                              : Mode::kConstant;
  }

  Status prepare(PrepareCtx& c) const override {
    const size_t rank = static_cast<size_t>(c.rank(0));
    SDX_TRY(const auto pads, c.ints(1));
    SmallVec<int64_t, 8> axes;
    if (c.has(3)) {
      SDX_TRY(axes, c.ints(3));
    } else {
      for (size_t a = 0; a < rank; ++a) axes.push_back(static_cast<int64_t>(a));
    }
    SDX_CHECK(pads.size() == 2 * axes.size());
    Extents begins(rank, 0), ends(rank, 0);
    for (size_t i = 0; i < axes.size(); ++i) {
      const size_t a = static_cast<size_t>(wrap_axis(axes[i], c.rank(0)));
      begins[a] = pads[i];
      ends[a] = pads[axes.size() + i];
    }
    return plan_pad(c, mode_, begins, ends);
  }
  Status run(RunCtx& c) const override { return run_pad(c, c.in(2)); }

 private:
  Mode mode_;
};

class CenterCropPad final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const Extents &d = c.in_dims(0), &out = c.out_dims(0);
    Extents begins(d.size(), 0), ends(d.size(), 0);
    for (size_t a = 0; a < d.size(); ++a) {
      begins[a] = (out[a] - d[a]) / 2;  // toward zero: of an odd difference the larger part is at the end
      ends[a] = out[a] - d[a] - begins[a];
    }
    return plan_pad(c, Mode::kConstant, begins, ends);
  }
  Status run(RunCtx& c) const override { return run_pad(c, nullptr); }
};

}  // namespace

SDX_KERNEL(cpu, Pad, any) = {.make = make_kernel<Pad>};
SDX_KERNEL(cpu, CenterCropPad, any) = {.make = make_kernel<CenterCropPad>};

}  // namespace sardonyx
