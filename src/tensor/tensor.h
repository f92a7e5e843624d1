// Tensor: element type + extents + a share of a Buffer. Contiguous, row-major. Copying a Tensor shares its bytes.
// String tensors hold std::string objects. Sub-byte types are packed (see dtype.h).
#pragma once
#include <span>
#include <string>

#include "base/status.h"
#include "tensor/buffer.h"
#include "tensor/dtype.h"
#include "tensor/extents.h"

namespace sardonyx {

// Bytes that `count` elements take (sub-byte types rounded up); sizeof(std::string) each for strings.
size_t storage_bytes(DType type, int64_t count);
// The same with every step checked: kShape for negative or overflowing extents.
Result<size_t> checked_storage_bytes(DType type, std::span<const int64_t> dims);

class Tensor {
 public:
  Tensor() = default;  // holds nothing: valid() is false
  Tensor(DType type, std::span<const int64_t> dims, BufferPtr buffer, size_t offset = 0)
      : dims_(dims),
        buffer_(std::move(buffer)),
        data_(static_cast<std::byte*>(buffer_->data()) + offset),
        type_(type) {}

  // A new heap tensor; contents undefined (strings are empty).
  static Result<Tensor> make(DType type, std::span<const int64_t> dims);
  // A rank-`dims` copy of plain values.
  template <class T>
  static Result<Tensor> of(DType type, std::span<const int64_t> dims, std::span<const T> values) {
    SDX_TRY(Tensor t, make(type, dims));
    std::copy(values.begin(), values.end(), static_cast<T*>(t.data()));
    return t;
  }
  static Result<Tensor> scalar_i64(int64_t v);
  static Result<Tensor> vector_i64(std::span<const int64_t> v);

  bool valid() const { return buffer_ != nullptr; }
  DType dtype() const { return type_; }
  const Extents& dims() const { return dims_; }
  int rank() const { return static_cast<int>(dims_.size()); }
  int64_t count() const { return elements(dims_); }
  size_t bytes() const { return storage_bytes(type_, count()); }
  void* data() const { return data_; }
  template <class T>
  T* as() const {
    return static_cast<T*>(static_cast<void*>(data_));
  }
  std::span<std::string> strings() const { return {as<std::string>(), static_cast<size_t>(count())}; }
  const BufferPtr& buffer() const { return buffer_; }

  // Same bytes under other extents (element counts must agree; the caller has checked).
  Tensor reshaped(std::span<const int64_t> dims) const {
    Tensor t = *this;
    t.dims_ = Extents(dims);
    return t;
  }
  // A deep copy on the heap.
  Result<Tensor> clone() const;

 private:
  Extents dims_;
  BufferPtr buffer_;
  std::byte* data_ = nullptr;
  DType type_ = DType::kUndefined;
};

// Bitwise equality of type, extents and contents (strings by value).
bool identical(const Tensor& a, const Tensor& b);
// Reads integers of any integer or bool type as int64 (uint64 above the int64 range: kRange).
Result<SmallVec<int64_t, 8>> read_ints(const Tensor& t);

}  // namespace sardonyx
