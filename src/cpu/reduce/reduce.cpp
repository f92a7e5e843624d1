// Reduce* over any axes, ArgMax and ArgMin.
#include "simd/reduce.h"

#include "cpu/common/axis.h"
#include "cpu/reduce/axes.h"

namespace sardonyx {
namespace {

struct Work {
  ReducePlan plan;
  size_t partial[2];  // byte offsets of the intermediate results
};

// What each pass does when groups of axes are reduced one after the other. The mean of equal groups' means is the mean,
// and likewise for the L2 norm and the log of summed exponentials.
struct Stages {
  simd::Reduce first, middle, last;
};

Stages stages(simd::Reduce op) {
  using enum simd::Reduce;
  switch (op) {
    case kSumSquare: return {kSumSquare, kSum, kSum};
    case kL1: return {kL1, kSum, kSum};
    case kLogSum: return {kSum, kSum, kLogSum};
    default: return {op, op, op};
  }
}
// Operations that round to the element type between passes in a way that matters for integers.
bool rounds(simd::Reduce op) {
  return op == simd::Reduce::kL2 || op == simd::Reduce::kLogSumExp || op == simd::Reduce::kMean;
}

class ReduceKernel final : public Kernel {
 public:
  ReduceKernel(const KernelQuery& q, simd::Reduce op)
      : op_(op), type_(q.dtype(0)), size_(dtype_bits(type_) / 8), noop_(q.attr_int("noop_with_empty_axes") != 0) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    SmallVec<int, 8> axes;
    const int rank = c.rank(0);
    if (c.has(1) && c.in_count(1) > 0) {
      SDX_TRY(auto given, c.ints(1));
      for (int64_t a : given) axes.push_back(wrap_axis(a, rank));
      std::sort(axes.begin(), axes.end());
    }
    if (axes.empty() && !noop_)
      for (int a = 0; a < rank; ++a) axes.push_back(a);
    SDX_RETURN_IF_ERROR(plan_reduce(w.plan, c.in_dims(0), axes));
    size_t bytes = 0;
    for (int p = 0; p + 1 < w.plan.passes; ++p) {
      w.partial[p & 1] = 0;
      const ReducePass& pass = w.plan.pass[p];
      bytes = std::max(bytes,
                       static_cast<size_t>(pass.outer * pass.inner) * static_cast<size_t>(std::max<int64_t>(size_, 8)));
    }
    w.partial[1] = (bytes + 63) / 64 * 64;
    c.scratch(w.plan.passes > 1 ? 2 * w.partial[1] : 0);
    const ReducePass& first = w.plan.pass[0];
    const bool rows = first.inner == 1;
    const int64_t n = w.plan.passes > 1 ? 1 : rows ? first.outer : first.outer * pieces(first.inner);
    c.tasks(n, static_cast<double>(first.red) * (rows ? 1.0 : static_cast<double>(std::min(first.inner, kPiece))) *
                   (op_ >= simd::Reduce::kLogSumExp ? 10 : 1));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const ReducePlan& p = w.plan;
    if (c.out_count(0) == 0) return {};
    if (p.passes == 1) {
      const simd::ReduceFns f = simd::reduce(op_, type_);
      c.parallel([&](Range r, int) { run_pass(f, p.pass[0], c.in<std::byte>(0), c.out<std::byte>(0), r); });
      return {};
    }
    return run_passes(c, w);
  }

 private:
  static constexpr int64_t kPiece = 1024;
  static int64_t pieces(int64_t inner) { return (inner + kPiece - 1) / kPiece; }

  void run_pass(const simd::ReduceFns& f, const ReducePass& p, const std::byte* in, std::byte* out, Range r) const {
    if (p.inner == 1) {
      f.rows(in + r.begin * p.red * size_, out + r.begin * size_, r.size(), p.red);
      return;
    }
    const int64_t cut = pieces(p.inner);
    for (int64_t t = r.begin; t < r.end; ++t) {
      const int64_t o = t / cut, from = t % cut * kPiece, n = std::min(kPiece, p.inner - from);
      f.cols(in + (o * p.red * p.inner + from) * size_, out + (o * p.inner + from) * size_, p.red, p.inner, n);
    }
  }
  Status run_passes(RunCtx& c, const Work& w) const {
    const Stages s = stages(op_);
    const std::byte* in = c.in<std::byte>(0);
    for (int p = 0; p < w.plan.passes; ++p) {
      const bool last = p + 1 == w.plan.passes;
      const simd::Reduce op = p == 0 ? s.first : last ? s.last : s.middle;
      std::byte* out = last ? c.out<std::byte>(0) : c.scratch() + (p & 1 ? w.partial[1] : 0);
      const ReducePass& pass = w.plan.pass[p];
      run_pass(simd::reduce(op, type_), pass, in, out,
               {0, pass.inner == 1 ? pass.outer : pass.outer * pieces(pass.inner)});
      in = out;
    }
    return {};
  }

  simd::Reduce op_;
  DType type_;
  int64_t size_;
  bool noop_;
};

// Whether the axes are known to be one group of neighbours.
bool one_group(const KernelQuery& q) {
  const int rank = q.rank(0);
  if (!q.has(1)) return true;
  const Tensor* t = q.constant(1);
  if (t == nullptr || rank < 0) return false;
  auto given = read_ints(*t);
  if (!given.ok()) return false;
  SmallVec<int, 8> axes;
  for (int64_t a : *given) axes.push_back(wrap_axis(a, rank));
  std::sort(axes.begin(), axes.end());
  for (size_t i = 1; i < axes.size(); ++i)
    if (axes[i] != axes[i - 1] + 1) return false;
  return true;
}

template <simd::Reduce kOp>
Reason refuse(const KernelQuery& q) {
  if (simd::reduce(kOp, q.dtype(0)).rows == nullptr) return "this element type has no reduction";
  if (rounds(kOp) && is_int(q.dtype(0)) && !one_group(q))
    return "integers over several groups of axes would round twice";
  return kAccept;
}
template <simd::Reduce kOp>
Result<KernelPtr> make(const KernelQuery& q) {
  return KernelPtr(new ReduceKernel(q, kOp));
}

class ArgKernel final : public Kernel {
 public:
  ArgKernel(const KernelQuery& q, simd::Arg op)
      : fns_(simd::arg_reduce(op, q.dtype(0))), size_(dtype_bits(q.dtype(0)) / 8), axis_(q.attr_int("axis")) {}
  Status prepare(PrepareCtx& c) const override {
    ReducePass& p = c.work<ReducePass>();
    const Extents& d = c.in_dims(0);
    const int axis = wrap_axis(axis_, c.rank(0));
    p.outer = product(d, 0, axis);
    p.red = d.empty() ? 1 : d[static_cast<size_t>(axis)];
    p.inner = d.empty() ? 1 : product(d, axis + 1, c.rank(0));
    if (p.red == 0 && c.out_count(0) != 0) return fail(Code::kShape, "the axis to search has no elements");
    c.tasks(c.out_count(0) ? p.outer : 0, static_cast<double>(p.red * p.inner));
    return {};
  }
  Status run(RunCtx& c) const override {
    const ReducePass& p = c.work<ReducePass>();
    const std::byte* in = c.in<std::byte>(0);
    int64_t* out = c.out<int64_t>(0);
    c.parallel([&](Range r, int) {
      if (p.inner == 1) {
        fns_.rows(in + r.begin * p.red * size_, out + r.begin, r.size(), p.red);
        return;
      }
      for (int64_t o = r.begin; o < r.end; ++o)
        fns_.cols(in + o * p.red * p.inner * size_, out + o * p.inner, p.red, p.inner, p.inner);
    });
    return {};
  }

 private:
  simd::ArgFns fns_;
  int64_t size_, axis_;
};

template <bool kMax>
Result<KernelPtr> make_arg(const KernelQuery& q) {
  const bool last = q.attr_int("select_last_index") != 0;
  const simd::Arg op =
      kMax ? (last ? simd::Arg::kMaxLast : simd::Arg::kMax) : (last ? simd::Arg::kMinLast : simd::Arg::kMin);
  return KernelPtr(new ArgKernel(q, op));
}
Reason refuse_arg(const KernelQuery& q) {
  return simd::arg_reduce(simd::Arg::kMax, q.dtype(0)).rows ? kAccept : Reason("this element type cannot be ordered");
}

}  // namespace

#define SDX_CPU_REDUCE(Name, op) \
  SDX_KERNEL(cpu, Name, reduce) = {.priority = 10, .refuse = refuse<simd::Reduce::op>, .make = make<simd::Reduce::op>}

SDX_CPU_REDUCE(ReduceSum, kSum);
SDX_CPU_REDUCE(ReduceMean, kMean);
SDX_CPU_REDUCE(ReduceMax, kMax);
SDX_CPU_REDUCE(ReduceMin, kMin);
SDX_CPU_REDUCE(ReduceProd, kProd);
SDX_CPU_REDUCE(ReduceSumSquare, kSumSquare);
SDX_CPU_REDUCE(ReduceL1, kL1);
SDX_CPU_REDUCE(ReduceL2, kL2);
SDX_CPU_REDUCE(ReduceLogSum, kLogSum);
SDX_CPU_REDUCE(ReduceLogSumExp, kLogSumExp);
SDX_KERNEL(cpu, ArgMax, any) = {.priority = 10, .refuse = refuse_arg, .make = make_arg<true>};
SDX_KERNEL(cpu, ArgMin, any) = {.priority = 10, .refuse = refuse_arg, .make = make_arg<false>};

}  // namespace sardonyx
