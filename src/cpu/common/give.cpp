#include "cpu/common/give.h"

#include "cpu/common/element.h"

namespace sardonyx {

Value target_of(RunCtx& c, int o) {
  if (!c.wants(o) || c.out(o) == nullptr) return {};
  const size_t bytes = storage_bytes(c.out_dtype(o), c.out_count(o));
  return Tensor(c.out_dtype(o), c.out_dims(o), Buffer::wrap(c.out(o), bytes));
}

Status give(RunCtx& c, int o, Value v) {
  if (!c.wants(o)) return {};
  if (c.out(o) == nullptr) {
    c.set_value(o, std::move(v));
    return {};
  }
  if (!v.is_tensor()) return fail(Code::kType, "output ", o, " is not a tensor");
  const Tensor& t = v.tensor();
  if (t.dtype() != c.out_dtype(o) || !(t.dims() == c.out_dims(o)))
    return fail(Code::kShape, "output ", o, " is ", dtype_name(t.dtype()), to_string(t.dims()), ", expected ",
                dtype_name(c.out_dtype(o)), to_string(c.out_dims(o)));
  if (t.data() != c.out(o)) copy_elements(t.dtype(), t.data(), 0, c.out(o), 0, t.count());
  return {};
}

Result<Tensor> open_out(RunCtx& c, int o, std::span<const int64_t> dims) {
  const Value planned = target_of(c, o);
  if (planned.none()) return c.make_out(o, dims);
  if (!(planned.tensor().dims() == Extents(dims)))
    return fail(Code::kShape, "output ", o, " is ", to_string(dims), ", expected ", to_string(planned.tensor().dims()));
  return planned.tensor();
}

}  // namespace sardonyx
