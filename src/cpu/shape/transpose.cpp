// Transpose, and the two operators that are transpositions of a 6-D view: DepthToSpace and SpaceToDepth.
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

// Plans the dense output whose axis k is axis perm[k] of a dense input of `dims`.
Status plan_permute(PrepareCtx& c, std::span<const int64_t> dims, std::span<const int64_t> perm) {
  const Extents in = dense_strides(dims);
  Extents extents, src;
  for (int64_t p : perm) {
    extents.push_back(dims[static_cast<size_t>(p)]);
    src.push_back(in[static_cast<size_t>(p)]);
  }
  Mover& m = c.work<Mover>();
  SDX_RETURN_IF_ERROR(plan_mover(m, c.dtype(0), extents, src, dense_strides(extents)));
  if (m.mode == Mover::Mode::kBlock) c.alias(0, 0);
  book(c, m);
  return {};
}

class Transpose final : public Kernel {
 public:
  explicit Transpose(const KernelQuery& q) : perm_(q.attr_ints("perm")) {}

  Status prepare(PrepareCtx& c) const override {
    SmallVec<int64_t, 8> perm(perm_.begin(), perm_.end());
    if (perm.empty())
      for (int i = c.rank(0); i-- > 0;) perm.push_back(i);
    return plan_permute(c, c.in_dims(0), perm);
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }

 private:
  std::vector<int64_t> perm_;
};

class DepthToSpace final : public Kernel {
 public:
  explicit DepthToSpace(const KernelQuery& q) : block_(q.attr_int("blocksize")), crd_(q.attr_string("mode") == "CRD") {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int64_t depth = d[1] / (block_ * block_);
    if (crd_)
      return plan_permute(c, Extents{d[0], depth, block_, block_, d[2], d[3]}, SmallVec<int64_t, 8>{0, 1, 4, 2, 5, 3});
    return plan_permute(c, Extents{d[0], block_, block_, depth, d[2], d[3]}, SmallVec<int64_t, 8>{0, 3, 4, 1, 5, 2});
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }

 private:
  int64_t block_;
  bool crd_;
};

class SpaceToDepth final : public Kernel {
 public:
  explicit SpaceToDepth(const KernelQuery& q) : block_(q.attr_int("blocksize")) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    return plan_permute(c, Extents{d[0], d[1], d[2] / block_, block_, d[3] / block_, block_},
                        SmallVec<int64_t, 8>{0, 3, 5, 1, 2, 4});
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }

 private:
  int64_t block_;
};

}  // namespace

SDX_KERNEL(cpu, Transpose, any) = {.make = make_kernel<Transpose>};
SDX_KERNEL(cpu, DepthToSpace, any) = {.make = make_kernel<DepthToSpace>};
SDX_KERNEL(cpu, SpaceToDepth, any) = {.make = make_kernel<SpaceToDepth>};

}  // namespace sardonyx
