#include "cpu/control/stacker.h"

#include <algorithm>

#include "cpu/common/element.h"

namespace sardonyx {

Stacker::Stacker(const Fact& slice, int64_t most)
    : type_(slice.dtype()), known_(has_fixed_extents(slice)), most_(most) {
  for (Dim d : slice.shape) dims_.push_back(d.known() ? d.value() : 0);
}

void Stacker::use(void* memory, std::span<const int64_t> slice_dims) {
  dims_ = Extents(slice_dims);
  known_ = true;
  room_ = most_;
  buffer_ = Buffer::wrap(memory, storage_bytes(type_, most_ * elements(dims_)));
}

bool Stacker::addressable() const { return !is_packed(type_) || elements(dims_) * dtype_bits(type_) % 8 == 0; }

Status Stacker::reserve(int64_t n) {
  if (n <= room_) return {};
  const int64_t room = std::max(n, std::min(most_, std::max<int64_t>(4, room_ * 2)));
  Extents dims = dims_;
  dims.insert(0, room);
  SDX_TRY(Tensor bigger, Tensor::make(type_, dims));
  if (buffer_) copy_elements(type_, buffer_->data(), 0, bigger.data(), 0, room_ * elements(dims_));
  buffer_ = bigger.buffer();
  room_ = room;
  return {};
}

Value Stacker::place(int64_t i) {
  if (!known_ || !addressable() || !reserve(i + 1).ok()) return {};
  return Tensor(type_, dims_, buffer_, storage_bytes(type_, i * elements(dims_)));
}

Status Stacker::take(int64_t i, const Value& v) {
  if (!v.is_tensor()) return fail(Code::kType, "an output of the body that is to be stacked is not a tensor");
  const Tensor& t = v.tensor();
  if (!known_ && buffer_ == nullptr) {
    type_ = t.dtype();
    dims_ = t.dims();
    known_ = true;
  }
  if (t.dtype() != type_ || !(t.dims() == dims_))
    return fail(Code::kShape, "iteration ", i, " made ", dtype_name(t.dtype()), to_string(t.dims()),
                " to be stacked, the others made ", dtype_name(type_), to_string(dims_));
  SDX_RETURN_IF_ERROR(reserve(i + 1));
  const int64_t n = elements(dims_);
  if (addressable() && t.data() == static_cast<std::byte*>(buffer_->data()) + storage_bytes(type_, i * n)) return {};
  copy_elements(type_, t.data(), 0, buffer_->data(), i * n, n);
  return {};
}

Result<Tensor> Stacker::finish(int64_t n) {
  Extents dims = dims_;
  dims.insert(0, n);
  if (buffer_ == nullptr) return Tensor::make(type_, dims);
  return Tensor(type_, dims, buffer_);
}

Result<Value> slice_of(const Tensor& t, int64_t i) {
  Extents dims = t.dims();
  dims.erase(0);
  const int64_t n = elements(dims);
  if (!is_packed(t.dtype()) || n * dtype_bits(t.dtype()) % 8 == 0) {
    std::byte* at = t.as<std::byte>() + storage_bytes(t.dtype(), i * n);
    return Value(Tensor(t.dtype(), dims, Buffer::wrap(at, storage_bytes(t.dtype(), n))));
  }
  SDX_TRY(Tensor copy, Tensor::make(t.dtype(), dims));
  copy_elements(t.dtype(), t.data(), i * n, copy.data(), 0, n);
  return Value(std::move(copy));
}

void carry(Value& in, Value& out, bool fixed) {
  std::swap(in, out);
  if (!fixed || !out.is_tensor() || out.tensor().buffer().use_count() != 1) out = Value();
}

bool has_fixed_extents(const Fact& f) { return f.type.is_tensor() && f.has_rank && all_known(f.shape); }

}  // namespace sardonyx
