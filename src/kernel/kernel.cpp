#include "kernel/kernel.h"

#include <cstring>
#include <new>

#include "base/memory.h"

namespace sardonyx {

int64_t KernelQuery::attr_int(std::string_view name) const {
  if (const Attr* a = attr(name)) return a->i;
  const AttrDef* d = op().find_attr(name);
  return d ? d->i : 0;
}
float KernelQuery::attr_float(std::string_view name) const {
  if (const Attr* a = attr(name)) return a->f;
  const AttrDef* d = op().find_attr(name);
  return d ? static_cast<float>(d->f) : 0;
}
std::string KernelQuery::attr_string(std::string_view name) const {
  if (const Attr* a = attr(name)) return a->s;
  const AttrDef* d = op().find_attr(name);
  return d ? std::string(d->s) : std::string();
}
std::vector<int64_t> KernelQuery::attr_ints(std::string_view name) const {
  if (const Attr* a = attr(name)) return a->ints;
  const AttrDef* d = op().find_attr(name);
  return d ? std::vector<int64_t>(d->ints.begin(), d->ints.end()) : std::vector<int64_t>();
}
std::vector<float> KernelQuery::attr_floats(std::string_view name) const {
  if (const Attr* a = attr(name)) return a->floats;
  const AttrDef* d = op().find_attr(name);
  return d ? std::vector<float>(d->floats.begin(), d->floats.end()) : std::vector<float>();
}

Result<BufferPtr> KernelQuery::pack(int input, std::string_view layout, size_t bytes,
                                    const std::function<void(void*)>& fill) const {
  const Tensor* t = constant(input);
  SDX_CHECK(t != nullptr && input < 64);
  packed_inputs_ |= uint64_t{1} << input;
  if (store_) return store_->get(*t, layout, bytes, fill);
  SDX_TRY(BufferPtr b, Buffer::heap(bytes));
  fill(b->data());
  return b;
}

Result<SmallVec<int64_t, 8>> PrepareCtx::ints(int i) const {
  const Tensor* t = value(i);
  if (t == nullptr && has(i) && in_count(i) == 0) return SmallVec<int64_t, 8>();
  SDX_CHECK(t != nullptr);
  return read_ints(*t);
}

void* PrepareCtx::work_bytes(size_t n) {
  work_blob = std::shared_ptr<std::byte[]>(new std::byte[n]);
  return work_blob.get();
}

void* PrepareCtx::array_bytes(size_t n) {
  if (n > memory_limit()) throw std::bad_alloc();
  arrays.push_back(std::make_unique<std::byte[]>(n ? n : 1));
  return arrays.back().get();
}

Value RunCtx::value(int i) const {
  if (!has(i)) return {};
  const Slot& s = slot_in(i);
  if (s.value && (!s.value->none() || s.dims == nullptr)) return *s.value;
  const size_t bytes = storage_bytes(s.dtype, elements(*s.dims));
  return Tensor(s.dtype, *s.dims, Buffer::wrap(s.data, bytes));
}

Result<Value> RunCtx::owned(int i) const {
  if (!has(i)) return Value();
  const Slot& s = slot_in(i);
  if (s.value && (!s.value->none() || s.dims == nullptr)) return *s.value;
  SDX_TRY(Tensor t, value(i).tensor().clone());
  return Value(std::move(t));
}

Result<Tensor> RunCtx::make_out(int o, std::span<const int64_t> dims) {
  SDX_TRY(Tensor t, Tensor::make(slot_out(o).dtype, dims));
  if (slot_out(o).value) *slot_out(o).value = Value(t);
  return t;
}

}  // namespace sardonyx
