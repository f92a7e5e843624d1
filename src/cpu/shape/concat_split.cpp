// Concat and Split: one strided copy per piece, all pieces' tasks numbered through.
#include "cpu/common/axis.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

struct Work {
  Mover* movers;
  int64_t* first_task;  // per piece, then the total
  int pieces;
};

// fn(piece, begin, end) for the parts of r that fall into each piece.
template <class F>
void for_pieces(const Work& w, Range r, F&& fn) {
  for (int k = 0; k < w.pieces && w.first_task[k] < r.end; ++k) {
    const int64_t begin = std::max(r.begin, w.first_task[k]), end = std::min(r.end, w.first_task[k + 1]);
    if (begin < end) fn(k, begin - w.first_task[k], end - w.first_task[k]);
  }
}

Work& make_work(PrepareCtx& c, int pieces) {
  Mover* movers = c.array<Mover>(static_cast<size_t>(pieces));
  int64_t* first = c.array<int64_t>(static_cast<size_t>(pieces) + 1);
  Work& w = c.work<Work>();
  w = {movers, first, pieces};
  return w;
}

void book(PrepareCtx& c, Work& w) {
  double cost = 0;
  w.first_task[0] = 0;
  for (int k = 0; k < w.pieces; ++k) {
    w.first_task[k + 1] = w.first_task[k] + w.movers[k].tasks;
    cost += w.movers[k].cost * static_cast<double>(w.movers[k].tasks);
  }
  const int64_t tasks = w.first_task[w.pieces];
  c.tasks(tasks, tasks ? cost / static_cast<double>(tasks) : 0);
}

class Concat final : public Kernel {
 public:
  explicit Concat(const KernelQuery& q) : axis_(q.attr_int("axis")) {}

  Status prepare(PrepareCtx& c) const override {
    const size_t axis = static_cast<size_t>(wrap_axis(axis_, c.rank(0)));
    const Extents out = dense_strides(c.out_dims(0));
    Work& w = make_work(c, c.inputs());
    int64_t at = 0;
    for (int i = 0; i < c.inputs(); ++i) {
      const Extents& d = c.in_dims(i);
      SDX_RETURN_IF_ERROR(plan_mover(w.movers[i], c.dtype(0), d, dense_strides(d), out, 0, at * out[axis]));
      at += d[axis];
    }
    if (c.inputs() == 1) c.alias(0, 0);
    book(c, w);
    return {};
  }
  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.pieces == 1 && c.in(0) == c.out(0)) return {};
    c.parallel([&](Range r, int) {
      for_pieces(w, r, [&](int k, int64_t b, int64_t e) { run_mover(w.movers[k], c.in(k), c.out(0), b, e); });
    });
    return {};
  }

 private:
  int64_t axis_;
};

class Split final : public Kernel {
 public:
  explicit Split(const KernelQuery& q) : axis_(q.attr_int("axis")) {}

  Status prepare(PrepareCtx& c) const override {
    const int axis = wrap_axis(axis_, c.rank(0));
    const Extents& d = c.in_dims(0);
    const Extents in = dense_strides(d);
    Work& w = make_work(c, c.outputs());
    SDX_TRY(const auto sizes, piece_sizes(c, d[static_cast<size_t>(axis)]));
    int64_t at = 0;
    for (int o = 0; o < c.outputs(); ++o) {
      Extents part = d;
      part[static_cast<size_t>(axis)] = sizes[static_cast<size_t>(o)];
      w.movers[o] = Mover{};
      if (c.wants(o))
        SDX_RETURN_IF_ERROR(
            plan_mover(w.movers[o], c.dtype(0), part, in, dense_strides(part), at * in[static_cast<size_t>(axis)]));
      at += sizes[static_cast<size_t>(o)];
    }
    if (c.outputs() == 1) c.alias(0, 0);
    book(c, w);
    return {};
  }
  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    if (w.pieces == 1 && c.in(0) == c.out(0)) return {};
    c.parallel([&](Range r, int) {
      for_pieces(w, r, [&](int k, int64_t b, int64_t e) { run_mover(w.movers[k], c.in(0), c.out(k), b, e); });
    });
    return {};
  }

 private:
  // Given by input 1, else equal pieces, the last one smaller if they do not come out even.
  static Result<SmallVec<int64_t, 8>> piece_sizes(PrepareCtx& c, int64_t extent) {
    if (c.has(1)) return c.ints(1);
    const int64_t n = c.outputs(), each = (extent + n - 1) / n;
    SmallVec<int64_t, 8> sizes;
    for (int64_t i = 0; i < n; ++i) sizes.push_back(std::clamp<int64_t>(extent - i * each, 0, each));
    return sizes;
  }
  int64_t axis_;
};

}  // namespace

SDX_KERNEL(cpu, Concat, any) = {.make = make_kernel<Concat>};
SDX_KERNEL(cpu, Split, any) = {.make = make_kernel<Split>};

}  // namespace sardonyx
