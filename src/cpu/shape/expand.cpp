// Expand and Tile: strided copies that read the same source more than once.
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

class Expand final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const Extents &d = c.in_dims(0), &out = c.out_dims(0);
    const Extents dense = dense_strides(d);
    const size_t lead = out.size() - d.size();
    Extents src(out.size(), 0);
    for (size_t i = 0; i < d.size(); ++i)
      if (d[i] != 1) src[lead + i] = dense[i];
    Mover& m = c.work<Mover>();
    SDX_RETURN_IF_ERROR(plan_mover(m, c.dtype(0), out, src, dense_strides(out)));
    if (elements(d) == elements(out)) c.alias(0, 0);
    book(c, m);
    return {};
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }
};

class Tile final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const Extents &d = c.in_dims(0), &out = c.out_dims(0);
    const Extents in_strides = dense_strides(d), out_strides = dense_strides(out);
    Extents extents, src, dst;
    for (size_t i = 0; i < d.size(); ++i) {
      extents.push_back(d[i] ? out[i] / d[i] : 0);
      src.push_back(0);
      dst.push_back(d[i] * out_strides[i]);
      extents.push_back(d[i]);
      src.push_back(in_strides[i]);
      dst.push_back(out_strides[i]);
    }
    Mover& m = c.work<Mover>();
    SDX_RETURN_IF_ERROR(plan_mover(m, c.dtype(0), extents, src, dst));
    if (d == out) c.alias(0, 0);
    book(c, m);
    return {};
  }
  Status run(RunCtx& c) const override { return run_single(c, c.work<Mover>()); }
};

}  // namespace

SDX_KERNEL(cpu, Expand, any) = {.make = make_kernel<Expand>};
SDX_KERNEL(cpu, Tile, any) = {.make = make_kernel<Tile>};

}  // namespace sardonyx
