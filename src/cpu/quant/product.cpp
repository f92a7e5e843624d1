#include "cpu/quant/product.h"

#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "cpu/common/axis.h"
#include "cpu/nn/conv_geometry.h"
#include "cpu/quant/product_weights.h"
#include "simd/move.h"

namespace sardonyx {
namespace {

constexpr int64_t kChunk = 65536;  // bytes worth handing to another thread

struct Member {
  int64_t x, w, y;  // element offsets into x and y; number of the weights' matrix
};

struct Work {
  simd::QConvArgs args;
  int64_t tasks, matrices;  // of one member; distinct weight matrices
  int64_t ldw, matrix;      // row stride and elements of one weight matrix
  const Member* members;
  simd::MovePlan in, out;
  bool moves_in, moves_out;
  size_t x_at, y_at, w_at, columns_at, views_at;  // byte offsets into the shared scratch
  size_t packed_bytes, columns_bytes;             // of one matrix
};

int64_t pixels(const int64_t* d) { return d[0] * d[1] * d[2]; }

class QProduct final : public Kernel {
 public:
  QProduct(const KernelQuery& q, const ProductSpec& spec, ProductWeights packed)
      : spec_(spec), packed_(std::move(packed)), table_(simd::qgemm()) {
    node_.op = &q.op();
    node_.attrs = q.node().attrs;
  }

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    w = {};
    if (spec_.conv)
      SDX_RETURN_IF_ERROR(plan_conv(c, w));
    else
      plan_matmul(c, w);
    simd::QConvArgs& a = w.args;
    a.x_signed = c.dtype(spec_.x) == DType::kI8, a.w_signed = c.dtype(spec_.w) == DType::kI8;
    a.out.kind = out_kind(c.out_dtype(0));
    a.out.act = spec_.act, a.out.p0 = spec_.p0, a.out.p1 = spec_.p1;
    size_t scratch = 0;
    const auto book = [&scratch](size_t bytes) {
      const size_t at = scratch;
      scratch += round_up(bytes, kAlignment);
      return at;
    };
    if (w.moves_in) w.x_at = book(static_cast<size_t>(c.in_count(spec_.x)));
    if (w.moves_out) w.y_at = book(static_cast<size_t>(c.out_count(0)) * out_size(a));
    w.packed_bytes = round_up(simd::qconv_packed_bytes(table_, a), kAlignment);
    if (!packed_.weights) w.w_at = book(w.packed_bytes * static_cast<size_t>(w.matrices));
    w.columns_bytes = round_up(simd::qconv_columns_bytes(table_, a), kAlignment);
    if (!packed_.columns_memory) {
      w.columns_at = book(w.columns_bytes * static_cast<size_t>(w.matrices));
      w.views_at = book(sizeof(simd::QColumns) * static_cast<size_t>(w.matrices));
    }
    w.tasks = c.out_count(0) ? simd::qconv_tasks(table_, a) : 0;
    const int64_t members = spec_.conv ? 1 : w.members ? member_count_of(c, w) : 1;
    const double depth = static_cast<double>(c.in_count(spec_.w)) /
                         static_cast<double>(std::max<int64_t>(1, a.shape.out_channels * w.matrices));
    c.tasks(w.tasks * members,
            w.tasks ? static_cast<double>(c.out_count(0)) * depth / static_cast<double>(w.tasks * members) / 32 : 0);
    c.scratch(scratch);
    c.scratch_per_thread(w.tasks ? simd::qconv_scratch_bytes(table_, a) : 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.tasks == 0) return {};
    simd::QConvArgs a = w.args;
    set_zero_points(c, a);
    const int8_t* packed = packed_.weights ? static_cast<const int8_t*>(packed_.weights->data()) : pack_now(c, w);
    const uint8_t* x = c.in<uint8_t>(spec_.x);
    uint8_t* y = c.out<uint8_t>(0);
    if (w.moves_in) x = move(c, w.in, x, reinterpret_cast<uint8_t*>(c.scratch() + w.x_at));
    if (w.moves_out) y = reinterpret_cast<uint8_t*>(c.scratch() + w.y_at);
    const simd::QColumns* columns = packed_.columns_memory ? &packed_.columns : columns_now(c, w, a, packed);
    const size_t size = out_size(a);
    c.parallel([&](Range r, int thread) {
      simd::QConvArgs mine = a;
      for (int64_t t = r.begin; t < r.end;) {
        const int64_t member = t / w.tasks, end = std::min(r.end, (member + 1) * w.tasks);
        const Member m = w.members ? w.members[member] : Member{};
        mine.x = x + m.x;
        mine.y = y + static_cast<size_t>(m.y) * size;
        mine.packed_w = packed + m.w * static_cast<int64_t>(w.packed_bytes);
        mine.columns = columns[m.w];
        simd::qconv_run(table_, mine, t - member * w.tasks, end - member * w.tasks, c.scratch(thread));
        t = end;
      }
    });
    if (w.moves_out) move(c, w.out, y, c.out<uint8_t>(0));
    return {};
  }

 private:
  static bool has(const RunCtx& c, int i) { return i >= 0 && c.has(i); }
  static simd::QOut out_kind(DType t) {
    if (t == DType::kU8) return simd::QOut::kU8;
    if (t == DType::kI8) return simd::QOut::kI8;
    return t == DType::kF32 ? simd::QOut::kF32 : simd::QOut::kI32;
  }
  static size_t out_size(const simd::QConvArgs& a) {
    return a.out.kind == simd::QOut::kU8 || a.out.kind == simd::QOut::kI8 ? 1 : 4;
  }
  static int64_t member_count_of(PrepareCtx& c, const Work& w) {
    return c.out_count(0) / std::max<int64_t>(1, w.args.shape.out[2] * w.args.shape.out_channels);
  }

  Status plan_conv(PrepareCtx& c, Work& w) const {
    SDX_TRY(w.args.shape,
            conv_geometry(node_, false, spec_.channels_last, c.in_dims(spec_.x), c.in_dims(spec_.w), c.out_dims(0)));
    const simd::ConvArgs& s = w.args.shape;
    w.matrices = 1;
    if (spec_.channels_last) return {};
    const int swap[] = {0, 2, 1};
    const int64_t from[] = {s.batch, s.in_channels, pixels(s.in)}, to[] = {s.batch, pixels(s.out), s.out_channels};
    w.moves_in = from[1] > 1 && from[2] > 1, w.moves_out = to[1] > 1 && to[2] > 1;
    if (w.moves_in) simd::plan_transpose(w.in, 1, 3, from, swap);
    if (w.moves_out) simd::plan_transpose(w.out, dtype_bits(c.out_dtype(0)) / 8, 3, to, swap);
    return {};
  }

  // [.., M, K] x [.., K, N]; vectors are matrices of one row or column. A single weight matrix takes all rows at once.
  void plan_matmul(PrepareCtx& c, Work& w) const {
    Extents x = c.in_dims(spec_.x), b = c.in_dims(spec_.w);
    if (x.size() == 1) x.insert(0, 1);
    if (b.size() == 1) b.push_back(1);
    if (spec_.trans_w) std::swap(b[b.size() - 1], b[b.size() - 2]);
    const int64_t k = x.back(), n = b.back(), rows = x[x.size() - 2];
    const int xr = static_cast<int>(x.size()) - 2, br = static_cast<int>(b.size()) - 2;
    w.matrix = k * n, w.ldw = spec_.trans_w ? k : n;
    w.matrices = product(b, 0, br);
    const int64_t x_matrices = product(x, 0, xr);
    if (w.matrices == 1) {
      w.args.shape = simd::qmatmul_shape(x_matrices * rows, n, k);
      return;
    }
    w.args.shape = simd::qmatmul_shape(rows, n, k);
    const int rank = std::max(xr, br);
    Extents batch(static_cast<size_t>(rank), 1);
    const auto extent = [rank](const Extents& d, int r, int axis) {
      return axis < rank - r ? int64_t{1} : d[static_cast<size_t>(axis - (rank - r))];
    };
    for (int i = 0; i < rank; ++i) {
      const int64_t xe = extent(x, xr, i), be = extent(b, br, i);
      batch[static_cast<size_t>(i)] = xe == 1 ? be : xe;
    }
    const int64_t count = elements(batch);
    Member* m = c.array<Member>(static_cast<size_t>(std::max<int64_t>(1, count)));
    for (int64_t i = 0; i < count; ++i) {
      int64_t rest = i, x_step = 1, b_step = 1;
      m[i] = {0, 0, i * rows * n};
      for (int axis = rank - 1; axis >= 0; --axis) {
        const int64_t at = rest % batch[static_cast<size_t>(axis)];
        rest /= batch[static_cast<size_t>(axis)];
        const int64_t xe = extent(x, xr, axis), be = extent(b, br, axis);
        if (xe > 1) m[i].x += at * x_step;
        if (be > 1) m[i].w += at * b_step;
        x_step *= xe, b_step *= be;
      }
      m[i].x *= rows * k;
    }
    w.members = m;
  }

  void set_zero_points(RunCtx& c, simd::QConvArgs& a) const {
    if (has(c, spec_.x_zero)) a.x_pad = *c.in<uint8_t>(spec_.x_zero);
    if (out_size(a) != 1) return;
    const bool y_signed = a.out.kind == simd::QOut::kI8;
    simd::QOutput& o = a.out;
    o.zero = byte_value(c.in(spec_.y_zero), y_signed);
    o.low = y_signed ? -128 : 0, o.high = y_signed ? 127 : 255;
    if (spec_.act == simd::Act::kNone) return;
    // Quantising rises with its argument, so a clip before it is a clip after it.
    const float scale = *c.in<float>(spec_.y_scale);
    const auto quantised = [&](float v) {
      const float q = std::nearbyint(v / scale) + static_cast<float>(o.zero);
      return static_cast<int32_t>(std::clamp(q, static_cast<float>(o.low), static_cast<float>(o.high)));
    };
    const int32_t low = quantised(spec_.act == simd::Act::kRelu ? 0 : spec_.p0);
    const int32_t high = spec_.act == simd::Act::kRelu ? o.high : quantised(spec_.p1);
    o.low = std::min(low, high), o.high = high;
  }

  simd::QParams params_of(RunCtx& c, const simd::QConvArgs& a) const {
    simd::QParams p;
    p.x_zero = byte_value(&a.x_pad, a.x_signed);
    if (spec_.x_scale >= 0) p.x_scale = *c.in<float>(spec_.x_scale);
    if (has(c, spec_.y_scale)) p.y_scale = *c.in<float>(spec_.y_scale);
    if (spec_.w_scale >= 0) p.w_scale = c.in<float>(spec_.w_scale), p.w_scales = c.in_count(spec_.w_scale);
    if (has(c, spec_.w_zero)) p.w_zero = c.in(spec_.w_zero), p.w_zeros = c.in_count(spec_.w_zero);
    if (has(c, spec_.bias) && a.out.kind == simd::QOut::kF32) p.float_bias = c.in<float>(spec_.bias);
    if (has(c, spec_.bias) && a.out.kind != simd::QOut::kF32) p.bias = c.in<int32_t>(spec_.bias);
    return p;
  }

  const simd::QColumns* columns_now(RunCtx& c, const Work& w, simd::QConvArgs a, const int8_t* packed) const {
    simd::QColumns* views = reinterpret_cast<simd::QColumns*>(c.scratch() + w.views_at);
    for (int64_t i = 0; i < w.matrices; ++i) {
      a.packed_w = packed + i * static_cast<int64_t>(w.packed_bytes);
      views[i] = simd::qconv_columns(table_, a, params_of(c, a),
                                     c.scratch() + w.columns_at + static_cast<size_t>(i) * w.columns_bytes);
    }
    return views;
  }

  const uint8_t* move(RunCtx& c, const simd::MovePlan& plan, const uint8_t* from, uint8_t* to) const {
    const auto part = [&](Range r, int) { simd::run_move(plan, from, to, r.begin, r.end); };
    for_all(c.pool(), plan.tasks, std::max<int64_t>(1, kChunk / std::max<int64_t>(1, plan.task_elements)), part);
    return to;
  }

  const int8_t* pack_now(RunCtx& c, const Work& w) const {
    int8_t* dst = reinterpret_cast<int8_t*>(c.scratch() + w.w_at);
    const int64_t each = simd::qconv_pack_tasks(table_, w.args);
    const uint8_t* from = c.in<uint8_t>(spec_.w);
    for_all(c.pool(), each * w.matrices, 1, [&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t i = t / each, p = t % each;
        int8_t* to = dst + i * static_cast<int64_t>(w.packed_bytes);
        if (spec_.conv)
          simd::qconv_pack(table_, w.args, from, p, p + 1, to);
        else
          simd::qmatmul_pack(table_, w.args, from + i * w.matrix, w.ldw, spec_.trans_w, p, p + 1, to);
      }
    });
    return dst;
  }

  ProductSpec spec_;
  ProductWeights packed_;
  Node node_;  // attributes only
  const simd::QGemmTable& table_;
};

}  // namespace

Result<KernelPtr> make_product(const KernelQuery& q, const ProductSpec& spec) {
  SDX_TRY(ProductWeights packed, pack_product(q, spec));
  return KernelPtr(new QProduct(q, spec, std::move(packed)));
}

}  // namespace sardonyx
