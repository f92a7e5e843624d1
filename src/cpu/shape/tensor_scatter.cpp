// TensorScatter: writes an update into a cache at one position per batch element; circular mode wraps around the end.
#include "cpu/common/axis.h"
#include "cpu/shape/scatter_reduce.h"

namespace sardonyx {
namespace {

struct Work {
  int axis;
  int64_t batches, outer, length, capacity, block;  // [batch][outer][length or capacity][block]
};

class TensorScatter final : public Kernel {
 public:
  explicit TensorScatter(const KernelQuery& q)
      : axis_(q.attr_int("axis")), circular_(q.attr_string("mode") == "circular") {}

  Status prepare(PrepareCtx& c) const override {
    const Extents& d = c.in_dims(0);
    const int rank = c.rank(0), axis = wrap_axis(axis_, rank);
    if (axis == 0) return fail(Code::kRange, "axis 0 is the batch axis, it cannot be the one that is written");
    const size_t a = static_cast<size_t>(axis);
    Work& w = c.work<Work>();
    w = {axis, d[0], product(d, 1, axis), c.in_dims(1)[a], d[a], product(d, axis + 1, rank)};
    c.may_reuse(0, 0);
    const int64_t tasks = is_packed(c.dtype(0)) ? 1 : w.batches * w.outer;
    c.tasks(tasks, static_cast<double>(w.length * w.block));
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const int64_t* places = c.in<int64_t>(2);
    for (int64_t b = 0; places && !circular_ && b < w.batches; ++b) {
      const int64_t most = w.capacity - w.length;
      if (places[b] < 0 || places[b] > most)
        return fail(Code::kRange, "write_indices[", b, "] is ", places[b], ", outside [0,", most, "]: the cache has ",
                    w.capacity, " places on axis ", w.axis, ", the update ", w.length);
    }
    if (w.length > w.capacity)
      return fail(Code::kShape, "the update has ", w.length, " elements on axis ", w.axis, ", the cache only ",
                  w.capacity);
    copy_input(c);
    c.parallel([&](Range r, int) {
      if (is_packed(c.dtype(0))) r = {0, w.batches * w.outer};
      for (int64_t t = r.begin; t < r.end; ++t) write(c, w, t, places ? places[t / w.outer] : 0);
    });
    return {};
  }

 private:
  static void write(RunCtx& c, const Work& w, int64_t t, int64_t place) {
    if (w.length == 0) return;
    place = (place % w.capacity + w.capacity) % w.capacity;
    const int64_t first = std::min(w.length, w.capacity - place);
    const int64_t from = t * w.length * w.block, to = t * w.capacity * w.block;
    copy_elements(c.dtype(0), c.in(1), from, c.out(0), to + place * w.block, first * w.block);
    copy_elements(c.dtype(0), c.in(1), from + first * w.block, c.out(0), to, (w.length - first) * w.block);
  }
  int64_t axis_;
  bool circular_;
};

}  // namespace

SDX_KERNEL(cpu, TensorScatter, any) = {.make = make_kernel<TensorScatter>};

}  // namespace sardonyx
