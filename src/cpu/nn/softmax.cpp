// Softmax and LogSoftmax along one axis in f32; Hardmax runs by its body.
#include "simd/softmax.h"

#include "cpu/common/axis.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

struct Work {
  int64_t outer, axis, inner, piece, pieces;
};
constexpr int64_t kPiece = 256;  // columns that one task of an inner axis takes

class Softmax final : public Kernel {
 public:
  Softmax(const KernelQuery& q, bool log) : axis_(q.attr_int("axis")), log_(log) {}
  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents& d = c.in_dims(0);
    const int rank = c.rank(0), axis = rank ? wrap_axis(axis_, rank) : 0;
    w.outer = product(d, 0, axis);
    w.axis = rank ? d[static_cast<size_t>(axis)] : 1;
    w.inner = rank ? product(d, axis + 1, rank) : 1;
    w.piece = std::min(w.inner, kPiece);
    w.pieces = w.inner > 1 ? (w.inner + kPiece - 1) / kPiece : 1;
    c.tasks(c.out_count(0) ? w.outer * w.pieces : 0, static_cast<double>(w.axis * std::max<int64_t>(1, w.piece)) * 8);
    c.may_reuse(0, 0);
    return {};
  }
  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const float* in = c.in<float>(0);
    float* out = c.out<float>(0);
    c.parallel([&](Range r, int) {
      if (w.inner == 1) {
        (log_ ? table_.log_softmax_rows : table_.softmax_rows)(in + r.begin * w.axis, out + r.begin * w.axis, r.size(),
                                                               w.axis);
        return;
      }
      for (int64_t t = r.begin; t < r.end; ++t) {
        const int64_t from = t % w.pieces * kPiece, at = t / w.pieces * w.axis * w.inner + from;
        (log_ ? table_.log_softmax_cols : table_.softmax_cols)(in + at, out + at, w.axis, w.inner,
                                                               std::min(kPiece, w.inner - from));
      }
    });
    return {};
  }

 private:
  int64_t axis_;
  bool log_;
  const simd::SoftmaxTable& table_ = simd::softmax();
};

Reason refuse(const KernelQuery& q) { return q.dtype(0) == DType::kF32 ? kAccept : Reason("f32 only"); }

}  // namespace

SDX_KERNEL(cpu, Softmax, f32) = {
    .priority = 10, .refuse = refuse, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Softmax(q, false));
    }};
SDX_KERNEL(cpu, LogSoftmax, f32) = {
    .priority = 10, .refuse = refuse, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return KernelPtr(new Softmax(q, true));
    }};

}  // namespace sardonyx
