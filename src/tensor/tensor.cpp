#include "tensor/tensor.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"

namespace sardonyx {

std::string to_string(std::span<const int64_t> dims) {
  std::string s = "[";
  for (size_t i = 0; i < dims.size(); ++i) s += cat(i ? "," : "", dims[i]);
  return s += "]";
}

size_t storage_bytes(DType type, int64_t count) {
  if (type == DType::kString) return static_cast<size_t>(count) * sizeof(std::string);
  return static_cast<size_t>((static_cast<uint64_t>(count) * static_cast<uint64_t>(dtype_bits(type)) + 7) / 8);
}

Result<size_t> checked_storage_bytes(DType type, std::span<const int64_t> dims) {
  const auto n = checked_elements(dims);
  const auto bits =
      n ? checked_mul(*n, type == DType::kString ? 8 * static_cast<int64_t>(sizeof(std::string)) : dtype_bits(type))
        : std::nullopt;
  if (!bits) return fail(Code::kShape, "extents ", to_string(dims), " are negative or their product is too large");
  if (static_cast<uint64_t>(*bits) / 8 > SIZE_MAX / 2)
    return fail(Code::kMemory, "extents ", to_string(dims), " need ", *bits / 8, " bytes, more than can be addressed");
  return storage_bytes(type, *n);
}

Result<Tensor> Tensor::make(DType type, std::span<const int64_t> dims) {
  SDX_TRY(const size_t bytes, checked_storage_bytes(type, dims));
  SDX_TRY(BufferPtr buffer,
          type == DType::kString ? Buffer::strings(bytes / sizeof(std::string)) : Buffer::heap(bytes));
  return Tensor(type, dims, std::move(buffer));
}

Result<Tensor> Tensor::scalar_i64(int64_t v) { return of<int64_t>(DType::kI64, {}, std::span(&v, 1)); }

Result<Tensor> Tensor::vector_i64(std::span<const int64_t> v) {
  const int64_t n = static_cast<int64_t>(v.size());
  return of<int64_t>(DType::kI64, std::span(&n, 1), v);
}

Result<Tensor> Tensor::clone() const {
  SDX_TRY(Tensor t, make(type_, dims_));
  if (type_ == DType::kString) {
    std::copy(strings().begin(), strings().end(), t.strings().begin());
  } else if (const size_t n = bytes()) {
    std::memcpy(t.data(), data_, n);
  }
  return t;
}

bool identical(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || !(a.dims() == b.dims())) return false;
  if (a.dtype() == DType::kString) return std::equal(a.strings().begin(), a.strings().end(), b.strings().begin());
  return a.data() == b.data() || a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0;
}

namespace {
template <class T>
void widen(const Tensor& t, SmallVec<int64_t, 8>& out) {
  const T* p = t.as<T>();
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<int64_t>(p[i]);
}
}  // namespace

Result<SmallVec<int64_t, 8>> read_ints(const Tensor& t) {
  SmallVec<int64_t, 8> out(static_cast<size_t>(t.count()));
  switch (t.dtype()) {
    case DType::kI64: widen<int64_t>(t, out); break;
    case DType::kI32: widen<int32_t>(t, out); break;
    case DType::kI16: widen<int16_t>(t, out); break;
    case DType::kI8: widen<int8_t>(t, out); break;
    case DType::kU8:
    case DType::kBool: widen<uint8_t>(t, out); break;
    case DType::kU16: widen<uint16_t>(t, out); break;
    case DType::kU32: widen<uint32_t>(t, out); break;
    case DType::kU64:
      widen<uint64_t>(t, out);
      for (int64_t v : out)
        if (v < 0) return fail(Code::kRange, "a uint64 value is above the int64 range");
      break;
    default: return fail(Code::kType, "expected integers, got ", dtype_name(t.dtype()));
  }
  return out;
}

}  // namespace sardonyx
