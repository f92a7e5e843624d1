// TensorProto and SparseTensorProto to Tensor, in every encoding of the format. Raw data that lies suitably aligned in
// a shared file stays there; everything else is copied. Sizes are checked against the bytes present before anything is
// allocated.
#pragma once
#include "onnx/mapped_file.h"
#include "onnx/proto.h"
#include "tensor/tensor.h"

namespace sardonyx {

struct ExternalTensor;  // onnx/model.h

// Where the bytes of one model's (or value's) tensors come from.
struct TensorSource {
  BufferPtr file;                         // what tensors may keep pointing into; null: they own copies
  ExternalFiles* external = nullptr;      // null: external data is refused
  size_t dense_budget = kMinDenseBudget;  // bytes that sparse tensors may still expand to

  size_t unaligned_from =
      SIZE_MAX;  // tensors of at least so many bytes are shared even where their elements are not aligned

  std::vector<ExternalTensor>* found = nullptr;  // external tensors are added to it

  static constexpr size_t kMinDenseBudget = size_t{64} << 20;
  // A sparse tensor may be far larger than its file, but not without limit.
  static size_t budget_of(size_t file_bytes) {
    return kMinDenseBudget + (file_bytes > SIZE_MAX / 2048 ? SIZE_MAX / 2 : file_bytes * 1024);
  }
};

// Errors without origin.
Result<Tensor> read_tensor(const proto::TensorMsg& t, TensorSource& source);
// The dense form.
Result<Tensor> read_sparse_tensor(const proto::SparseMsg& s, TensorSource& source);
// kUndefined if the number names no element type.
DType dtype_of_number(int64_t number);
Result<Tensor> string_tensor(std::span<const int64_t> dims, std::span<const proto::View> values);

}  // namespace sardonyx
