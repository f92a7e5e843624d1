// Sparse tensors: made with their dense extents, then filled once, with copies or with memory of the caller's, in one
// of three layouts. The format is undefined until then.
#include <algorithm>
#include <cstring>

#include "capi/allocator.h"
#include "capi/type_info.h"
#include "capi/value.h"

namespace sardonyx::capi {

namespace {

using Format = SparseData::Format;

OrtStatus* need_sparse(const OrtValue* value, const SparseData** out) {
  if (value->value.kind() != Value::Kind::kSparse)
    return error(ORT_FAIL, "the ort_value must contain a constructed sparse tensor");
  *out = &value->value.sparse();
  return nullptr;
}

bool filled(const SparseData& s) { return s.indices.valid(); }

OrtSparseFormat format_of(const SparseData& s) {
  if (!filled(s)) return ORT_SPARSE_UNDEFINED;
  return s.format == Format::kCoo   ? ORT_SPARSE_COO
         : s.format == Format::kCsr ? ORT_SPARSE_CSRC
                                    : ORT_SPARSE_BLOCK_SPARSE;
}

OrtStatus* make_sparse(std::span<const int64_t> dims, ONNXTensorElementDataType number, SparseData* out) {
  const DType t = element_type(number);
  if (t == DType::kUndefined)
    return make_status(ORT_NOT_IMPLEMENTED, cat("tensor type ", static_cast<int>(number), " is not supported"));
  for (int64_t d : dims)
    if (d < 0) return invalid("Sparse tensor shape cannot have negative extents: ", to_string(dims));
  SDX_CAPI_RETURN_IF_ERROR(checked_storage_bytes(DType::kU8, dims).take_status());
  out->dims = Extents(dims);
  SDX_CAPI_TRY(out->values, Tensor::make(t, Extents{0}));
  return nullptr;
}

void put(OrtValue* to, SparseData s) {
  to->value = Value(std::shared_ptr<const SparseData>(std::make_shared<SparseData>(std::move(s))));
}

// Numbers of a list, as a tensor that copies or borrows them.
OrtStatus* index_tensor(DType type, std::span<const int64_t> dims, const void* data, bool borrow, Tensor* out) {
  SDX_CAPI_TRY(const size_t bytes, checked_storage_bytes(type, dims));
  if (data == nullptr && bytes != 0) return invalid("the indices are null");
  if (borrow && bytes != 0) {
    *out = Tensor(type, dims, Buffer::wrap(const_cast<void*>(data), bytes));
    return nullptr;
  }
  SDX_CAPI_TRY(*out, Tensor::make(type, dims));
  if (bytes != 0) std::memcpy(out->data(), data, bytes);
  return nullptr;
}

bool all_below(const Tensor& t, int64_t limit) {
  const auto* v = t.as<int64_t>();
  return std::all_of(v, v + t.count(), [&](int64_t x) { return x >= 0 && x < limit; });
}

int64_t values_count(const SparseData& s) { return s.values.count(); }

// One index per value into the flattened tensor, or its row and column.
OrtStatus* set_coo(SparseData& s, const int64_t* indices, size_t count, bool borrow) {
  const size_t n = static_cast<size_t>(values_count(s));
  const bool pairs = s.dims.size() == 2 && count == 2 * n && n != 0;
  if (count != n && !pairs)
    return invalid("Expecting ", n, " linear indices or ", 2 * n, " coordinates for ", n, " values, ", count,
                   " are given");
  const int64_t rows = static_cast<int64_t>(n);
  const Extents dims = pairs ? Extents{rows, 2} : Extents{rows};
  SDX_CAPI_RETURN_IF(index_tensor(DType::kI64, dims, indices, borrow, &s.indices));
  if (!pairs && !all_below(s.indices, elements(s.dims)))
    return invalid("COO index out of bounds: the tensor has ", elements(s.dims), " elements");
  for (size_t i = 0; pairs && i < count; ++i)
    if (indices[i] < 0 || indices[i] >= s.dims[i % 2])
      return invalid("COO coordinate ", indices[i], " is outside ", to_string(s.dims));
  s.format = Format::kCoo;
  return nullptr;
}

OrtStatus* set_csr(SparseData& s, const int64_t* inner, size_t inner_count, const int64_t* outer, size_t outer_count,
                   bool borrow) {
  if (s.dims.size() != 2) return invalid("CSR needs 2 extents, the tensor has ", to_string(s.dims));
  const int64_t n = values_count(s), rows = s.dims[0];
  const bool empty = n == 0 && outer_count == 0;
  if (static_cast<int64_t>(inner_count) != n || (!empty && static_cast<int64_t>(outer_count) != rows + 1))
    return invalid("CSR needs ", n, " inner and ", rows + 1, " outer indices, ", inner_count, " and ", outer_count,
                   " are given");
  const int64_t inner_dims[] = {n}, outer_dims[] = {static_cast<int64_t>(outer_count)};
  SDX_CAPI_RETURN_IF(index_tensor(DType::kI64, inner_dims, inner, borrow, &s.inner_indices));
  SDX_CAPI_RETURN_IF(index_tensor(DType::kI64, outer_dims, outer, borrow, &s.indices));
  if (!all_below(s.inner_indices, s.dims[1])) return invalid("CSR inner index out of bounds: ", s.dims[1], " columns");
  if (!all_below(s.indices, n + 1)) return invalid("CSR outer index out of bounds: ", n, " values");
  s.format = Format::kCsr;
  return nullptr;
}

OrtStatus* set_blocks(SparseData& s, std::span<const int64_t> dims, const int32_t* indices, bool borrow) {
  if (s.values.rank() < 3 && s.values.count() != 0)
    return invalid("Expecting values to have at least 3 extents (blocks), they have ", to_string(s.values.dims()));
  if (s.values.count() != 0 && (dims.size() != 2 || dims[0] != 2 || dims[1] != s.values.dims()[0]))
    return invalid("Expecting indices of extents [2,", s.values.dims()[0], "], got ", to_string(dims));
  for (int64_t d : dims)
    if (d < 0) return invalid("the indices cannot have extents ", to_string(dims));
  SDX_CAPI_RETURN_IF(index_tensor(DType::kI32, dims, indices, borrow, &s.indices));
  const auto* v = s.indices.as<int32_t>();
  if (std::any_of(v, v + s.indices.count(), [](int32_t x) { return x < 0; }))
    return invalid("a block index is negative");
  s.format = Format::kBlockSparse;
  return nullptr;
}

// A copy of the caller's values: bytes, or one text per element.
OrtStatus* copy_values(SparseData& s, const OrtMemoryInfo* memory, std::span<const int64_t> dims, const void* values) {
  if (filled(s) || s.values.count() != 0) return error(ORT_FAIL, "the sparse tensor has been filled already");
  if (!memory->on_cpu()) return invalid("memory of ", memory->name, " cannot be read by the CPU");
  for (int64_t d : dims)
    if (d < 0) return invalid("the values cannot have extents ", to_string(dims));
  SDX_CAPI_TRY(Tensor t, Tensor::make(s.values.dtype(), dims));
  if (t.count() != 0 && values == nullptr) return invalid("the values are null");
  if (t.dtype() == DType::kString) {
    const auto* texts = static_cast<const char* const*>(values);
    for (int64_t i = 0; i < t.count(); ++i) {
      if (texts[i] == nullptr) return invalid("text ", i, " is null");
      t.as<std::string>()[i] = texts[i];
    }
  } else if (const size_t bytes = t.bytes()) {
    std::memcpy(t.data(), values, bytes);
  }
  s.values = std::move(t);
  return nullptr;
}

// Fills a copy of what is there, so that an error changes nothing.
template <class F>
OrtStatus* change(OrtValue* value, F&& f) {
  const SparseData* now = nullptr;
  SDX_CAPI_RETURN_IF(need_sparse(value, &now));
  SparseData s = *now;
  SDX_CAPI_RETURN_IF(f(s));
  put(value, std::move(s));
  return nullptr;
}

OrtStatus* indices_of(const OrtValue* value, OrtSparseIndicesFormat which, const Tensor** out) {
  const SparseData* s = nullptr;
  SDX_CAPI_RETURN_IF(need_sparse(value, &s));
  const OrtSparseFormat format = format_of(*s);
  const bool fits =
      (which == ORT_SPARSE_COO_INDICES && format == ORT_SPARSE_COO) ||
      ((which == ORT_SPARSE_CSR_INNER_INDICES || which == ORT_SPARSE_CSR_OUTER_INDICES) && format == ORT_SPARSE_CSRC) ||
      (which == ORT_SPARSE_BLOCK_SPARSE_INDICES && format == ORT_SPARSE_BLOCK_SPARSE);
  if (!fits) return error(ORT_FAIL, "the sparse tensor has no indices of this format");
  *out = which == ORT_SPARSE_CSR_INNER_INDICES ? &s->inner_indices : &s->indices;
  return nullptr;
}

OrtStatus* need_unfilled(const SparseData& s) {
  return filled(s) ? error(ORT_FAIL, "the sparse tensor has indices already") : nullptr;
}

}  // namespace

OrtStatus* IsSparseTensor(const OrtValue* value, int* out) {
  *out = value->value.kind() == Value::Kind::kSparse;
  return nullptr;
}

OrtStatus* CreateSparseTensorAsOrtValue(OrtAllocator*, const int64_t* dense_shape, size_t dense_shape_len,
                                        ONNXTensorElementDataType type, OrtValue** out) {
  SparseData s;
  SDX_CAPI_RETURN_IF(make_sparse({dense_shape, dense_shape_len}, type, &s));
  auto made = std::make_unique<OrtValue>();
  put(made.get(), std::move(s));
  *out = made.release();
  return nullptr;
}

OrtStatus* CreateSparseTensorWithValuesAsOrtValue(const OrtMemoryInfo* info, void* p_data, const int64_t* dense_shape,
                                                  size_t dense_shape_len, const int64_t* values_shape,
                                                  size_t values_shape_len, ONNXTensorElementDataType type,
                                                  OrtValue** out) {
  SparseData s;
  SDX_CAPI_RETURN_IF(make_sparse({dense_shape, dense_shape_len}, type, &s));
  if (s.values.dtype() == DType::kString)
    return invalid("Can not use strings in pre-allocated memory. Use CreateSparseTensorAsOrtValue and fill it.");
  if (!info->on_cpu()) return invalid("memory of ", info->name, " cannot be read by the CPU");
  const std::span dims(values_shape, values_shape_len);
  SDX_CAPI_TRY(const size_t bytes, checked_storage_bytes(s.values.dtype(), dims));
  if (bytes != 0 && p_data == nullptr) return invalid("the values are null");
  s.values = Tensor(s.values.dtype(), dims, Buffer::wrap(p_data, bytes));
  auto made = std::make_unique<OrtValue>();
  put(made.get(), std::move(s));
  *out = made.release();
  return nullptr;
}

OrtStatus* FillSparseTensorCoo(OrtValue* ort_value, const OrtMemoryInfo* data_mem_info, const int64_t* values_shape,
                               size_t values_shape_len, const void* values, const int64_t* indices_data,
                               size_t indices_num) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(copy_values(s, data_mem_info, {values_shape, values_shape_len}, values));
    return set_coo(s, indices_data, indices_num, false);
  });
}
OrtStatus* FillSparseTensorCsr(OrtValue* ort_value, const OrtMemoryInfo* data_mem_info, const int64_t* values_shape,
                               size_t values_shape_len, const void* values, const int64_t* inner_indices_data,
                               size_t inner_indices_num, const int64_t* outer_indices_data, size_t outer_indices_num) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(copy_values(s, data_mem_info, {values_shape, values_shape_len}, values));
    return set_csr(s, inner_indices_data, inner_indices_num, outer_indices_data, outer_indices_num, false);
  });
}
OrtStatus* FillSparseTensorBlockSparse(OrtValue* ort_value, const OrtMemoryInfo* data_mem_info,
                                       const int64_t* values_shape, size_t values_shape_len, const void* values,
                                       const int64_t* indices_shape_data, size_t indices_shape_len,
                                       const int32_t* indices_data) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(copy_values(s, data_mem_info, {values_shape, values_shape_len}, values));
    return set_blocks(s, {indices_shape_data, indices_shape_len}, indices_data, false);
  });
}

OrtStatus* UseCooIndices(OrtValue* ort_value, int64_t* indices_data, size_t indices_num) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(need_unfilled(s));
    return set_coo(s, indices_data, indices_num, true);
  });
}
OrtStatus* UseCsrIndices(OrtValue* ort_value, int64_t* inner_data, size_t inner_num, int64_t* outer_data,
                         size_t outer_num) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(need_unfilled(s));
    return set_csr(s, inner_data, inner_num, outer_data, outer_num, true);
  });
}
OrtStatus* UseBlockSparseIndices(OrtValue* ort_value, const int64_t* indices_shape, size_t indices_shape_len,
                                 int32_t* indices_data) {
  return change(ort_value, [&](SparseData& s) -> OrtStatus* {
    SDX_CAPI_RETURN_IF(need_unfilled(s));
    return set_blocks(s, {indices_shape, indices_shape_len}, indices_data, true);
  });
}

OrtStatus* GetSparseTensorFormat(const OrtValue* ort_value, enum OrtSparseFormat* out) {
  const SparseData* s = nullptr;
  SDX_CAPI_RETURN_IF(need_sparse(ort_value, &s));
  *out = format_of(*s);
  return nullptr;
}
OrtStatus* GetSparseTensorValuesTypeAndShape(const OrtValue* ort_value, OrtTensorTypeAndShapeInfo** out) {
  const SparseData* s = nullptr;
  SDX_CAPI_RETURN_IF(need_sparse(ort_value, &s));
  *out = give(tensor_info_of(s->values));
  return nullptr;
}
OrtStatus* GetSparseTensorValues(const OrtValue* ort_value, const void** out) {
  const SparseData* s = nullptr;
  SDX_CAPI_RETURN_IF(need_sparse(ort_value, &s));
  if (s->values.dtype() == DType::kString)
    return invalid("Use GetStringTensor*Api for strings\nthe values are objects of the library");
  *out = s->values.data();
  return nullptr;
}
OrtStatus* GetSparseTensorIndicesTypeShape(const OrtValue* ort_value, enum OrtSparseIndicesFormat indices_format,
                                           OrtTensorTypeAndShapeInfo** out) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(indices_of(ort_value, indices_format, &t));
  *out = give(tensor_info_of(*t));
  return nullptr;
}
OrtStatus* GetSparseTensorIndices(const OrtValue* ort_value, enum OrtSparseIndicesFormat indices_format,
                                  size_t* num_indices, const void** indices) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(indices_of(ort_value, indices_format, &t));
  *num_indices = static_cast<size_t>(t->count());
  *indices = t->data();
  return nullptr;
}

}  // namespace sardonyx::capi
