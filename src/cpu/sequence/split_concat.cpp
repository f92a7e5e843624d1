// SplitToSequence and ConcatFromSequence.
#include "cpu/common/axis.h"
#include "cpu/common/give.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

class SplitToSequence final : public Kernel {
 public:
  explicit SplitToSequence(const KernelQuery& q) : axis_(q.attr_int("axis")), keep_axis_(q.attr_int("keepdims") != 0) {}

  Status run(RunCtx& c) const override {
    const Extents& dims = c.in_dims(0);
    const size_t axis = static_cast<size_t>(wrap_axis(axis_, static_cast<int>(dims.size())));
    SDX_TRY(const std::vector<int64_t> sizes, piece_sizes(c, dims[axis]));
    const Extents strides = dense_strides(dims);
    auto s = std::make_shared<SequenceData>(SequenceData{c.dtype(0), {}});
    int64_t at = 0;
    for (int64_t n : sizes) {
      Extents part = dims;
      part[axis] = n;
      SDX_TRY(Tensor t, Tensor::make(c.dtype(0), part));
      Mover m;
      SDX_RETURN_IF_ERROR(plan_mover(m, c.dtype(0), part, strides, dense_strides(part), at * strides[axis]));
      run_mover(m, c.in(0), t.data());
      if (!c.has(1) && !keep_axis_) {
        part.erase(axis);
        t = t.reshaped(part);
      }
      s->items.emplace_back(std::move(t));
      at += n;
    }
    c.set_value(0, Value(std::shared_ptr<const SequenceData>(std::move(s))));
    return {};
  }

 private:
  // Without input 1 pieces of one; a scalar gives the size of all pieces, the last one smaller; else one size per
  // piece.
  static Result<std::vector<int64_t>> piece_sizes(RunCtx& c, int64_t extent) {
    if (!c.has(1)) return std::vector<int64_t>(static_cast<size_t>(extent), 1);
    const IndexReader given{c.in(1), c.dtype(1) == DType::kI64};
    std::vector<int64_t> sizes;
    if (c.in_dims(1).empty()) {
      const int64_t each = given[0];
      if (each <= 0) return fail(Code::kRange, "split is ", each, ", expected at least 1");
      for (int64_t at = 0; at < extent; at += each) sizes.push_back(std::min(each, extent - at));
      return sizes;
    }
    int64_t sum = 0;
    for (int64_t i = 0; i < c.in_count(1); ++i) {
      if (given[i] < 0 || given[i] > extent)
        return fail(Code::kRange, "split[", i, "] is ", given[i], ", outside [0,", extent, "]");
      sizes.push_back(given[i]);
      sum += given[i];
    }
    if (sum != extent)
      return fail(Code::kShape, "the sizes in split add up to ", sum, ", the axis has ", extent, " elements");
    return sizes;
  }
  int64_t axis_;
  bool keep_axis_;
};

class ConcatFromSequence final : public Kernel {
 public:
  explicit ConcatFromSequence(const KernelQuery& q)
      : axis_(q.attr_int("axis")), new_axis_(q.attr_int("new_axis") != 0) {}

  Status run(RunCtx& c) const override {
    const Value v = c.value(0);
    const std::vector<Value>& items = v.sequence().items;
    if (items.empty()) return fail(Code::kShape, "the sequence is empty, there is nothing to concatenate");
    const int rank = items[0].tensor().rank() + (new_axis_ ? 1 : 0);
    if (axis_ < -rank || axis_ >= rank)
      return fail(Code::kRange, "axis ", axis_, " is outside [", -rank, ",", rank - 1, "]");
    const size_t axis = static_cast<size_t>(wrap_axis(axis_, rank));
    SDX_TRY(const Extents dims, result_dims(items, axis));
    Tensor out;
    if (Value planned = target_of(c, 0); planned.is_tensor()) {
      out = planned.tensor();
    } else {
      SDX_TRY(out, Tensor::make(items[0].tensor().dtype(), dims));
    }
    if (!(out.dims() == dims))
      return fail(Code::kShape, "the result is ", to_string(dims), ", expected ", to_string(out.dims()));
    const Extents strides = dense_strides(dims);
    int64_t at = 0;
    for (const Value& item : items) {
      const Extents part = extended(item.tensor().dims(), axis);
      Mover m;
      SDX_RETURN_IF_ERROR(plan_mover(m, out.dtype(), part, dense_strides(part), strides, 0, at * strides[axis]));
      run_mover(m, item.tensor().data(), out.data());
      at += part[axis];
    }
    return give(c, 0, Value(std::move(out)));
  }

 private:
  Extents extended(Extents dims, size_t axis) const {
    if (new_axis_) dims.insert(axis, 1);
    return dims;
  }
  Result<Extents> result_dims(const std::vector<Value>& items, size_t axis) const {
    Extents out = extended(items[0].tensor().dims(), axis);
    for (size_t i = 1; i < items.size(); ++i) {
      Extents d = extended(items[i].tensor().dims(), axis);
      if (d.size() != out.size())
        return fail(Code::kShape, "element ", i, " is ", to_string(items[i].tensor().dims()), ", element 0 is ",
                    to_string(items[0].tensor().dims()), "; ranks must agree");
      const int64_t along = d[axis];
      d[axis] = out[axis];
      if (!(d == out) || items[i].tensor().dtype() != items[0].tensor().dtype())
        return fail(Code::kShape, "element ", i, " is ", to_string(items[i].tensor().dims()), ", element 0 is ",
                    to_string(items[0].tensor().dims()), "; they must agree but for axis ", axis,
                    new_axis_ ? ", which is new" : "");
      out[axis] += along;
    }
    return out;
  }
  int64_t axis_;
  bool new_axis_;
};

}  // namespace

SDX_KERNEL(cpu, SplitToSequence, any) = {.make = make_kernel<SplitToSequence>};
SDX_KERNEL(cpu, ConcatFromSequence, any) = {.make = make_kernel<ConcatFromSequence>};

}  // namespace sardonyx
