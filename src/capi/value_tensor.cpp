// Making and reading tensors.
#include <cstring>

#include "capi/allocator.h"
#include "capi/type_info.h"
#include "capi/value.h"

namespace sardonyx::capi {

namespace {

OrtStatus* checked_type(ONNXTensorElementDataType number, DType* out) {
  *out = element_type(number);
  if (*out == DType::kUndefined)
    return make_status(ORT_NOT_IMPLEMENTED, cat("tensor type ", static_cast<int>(number), " is not supported"));
  return nullptr;
}

OrtStatus* checked_bytes(DType type, std::span<const int64_t> dims, size_t* out) {
  for (int64_t d : dims)
    if (d < 0) return invalid("tried creating tensor with negative value in shape\nthe extents are ", to_string(dims));
  SDX_CAPI_TRY(*out, checked_storage_bytes(type, dims));
  return nullptr;
}

OrtStatus* give(Tensor t, const OrtMemoryInfo* memory, OrtValue** out) {
  auto value = std::make_unique<OrtValue>(Value(std::move(t)));
  if (memory != nullptr && !(*memory == cpu_memory_info())) {
    value->own_memory = std::make_unique<OrtMemoryInfo>(*memory);
    value->memory = value->own_memory.get();
  }
  *out = value.release();
  return nullptr;
}

OrtStatus* wrap_data(const OrtMemoryInfo* memory, void* data, size_t length, std::span<const int64_t> dims,
                     ONNXTensorElementDataType number, std::function<void()> release, OrtValue** out) {
  DType type{};
  size_t bytes = 0;
  SDX_CAPI_RETURN_IF(checked_type(number, &type));
  if (type == DType::kString)
    return invalid(
        "a tensor of strings cannot lie in a caller's memory\nmake it with CreateTensorAsOrtValue and fill "
        "it with FillStringTensor");
  SDX_CAPI_RETURN_IF(checked_bytes(type, dims, &bytes));
  if (bytes > length) return invalid("not enough space: expected ", bytes, ", got ", length);
  if (memory != nullptr && !memory->on_cpu())
    return invalid("memory of ", memory->name, " cannot be read by the CPU, the only provider of this library");
  return give(Tensor(type, dims, Buffer::wrap(data, length, std::move(release))), memory, out);
}

}  // namespace

OrtStatus* CreateTensorAsOrtValue(OrtAllocator* allocator, const int64_t* shape, size_t shape_len,
                                  ONNXTensorElementDataType type, OrtValue** out) {
  const std::span dims(shape, shape_len);
  DType dtype{};
  size_t bytes = 0;
  SDX_CAPI_RETURN_IF(checked_type(type, &dtype));
  SDX_CAPI_RETURN_IF(checked_bytes(dtype, dims, &bytes));
  if (allocator == default_allocator() || dtype == DType::kString) {
    SDX_CAPI_TRY(Tensor t, Tensor::make(dtype, dims));
    return give(std::move(t), nullptr, out);
  }
  const OrtMemoryInfo* info = allocator->Info != nullptr ? allocator->Info(allocator) : nullptr;
  if (info != nullptr && !info->on_cpu())
    return invalid("memory of ", info->name, " cannot be read by the CPU, the only provider of this library");
  void* data = allocate(allocator, bytes);
  if (data == nullptr)
    return make_status(ORT_RUNTIME_EXCEPTION, cat("the allocator returned no memory for ", bytes, " bytes"));
  auto release = [allocator, data] { allocator->Free(allocator, data); };
  return give(Tensor(dtype, dims, Buffer::wrap(data, bytes, release)), info, out);
}

OrtStatus* CreateTensorWithDataAsOrtValue(const OrtMemoryInfo* info, void* p_data, size_t p_data_len,
                                          const int64_t* shape, size_t shape_len, ONNXTensorElementDataType type,
                                          OrtValue** out) {
  return wrap_data(info, p_data, p_data_len, {shape, shape_len}, type, {}, out);
}

OrtStatus* CreateTensorWithDataAndDeleterAsOrtValue(OrtAllocator* deleter, void* p_data, size_t p_data_len,
                                                    const int64_t* shape, size_t shape_len,
                                                    ONNXTensorElementDataType type, OrtValue** out) {
  const OrtMemoryInfo* info = deleter->Info != nullptr ? deleter->Info(deleter) : nullptr;
  return wrap_data(
      info, p_data, p_data_len, {shape, shape_len}, type, [deleter, p_data] { deleter->Free(deleter, p_data); }, out);
}

void ReleaseValue(OrtValue* input) { delete input; }

OrtStatus* GetTensorMutableData(OrtValue* value, void** out) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(need_tensor(value, &t));
  *out = t->data();
  return nullptr;
}
OrtStatus* GetTensorData(const OrtValue* value, const void** out) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(need_tensor(value, &t));
  *out = t->data();
  return nullptr;
}
OrtStatus* GetTensorSizeInBytes(const OrtValue* ort_value, size_t* size) {
  if (!ort_value->value.is_tensor()) return invalid("OrtValue is expected to contain a tensor");
  const Tensor& t = ort_value->value.tensor();
  if (t.dtype() == DType::kString) return invalid("String tensors are not supported by this API");
  *size = t.bytes();
  return nullptr;
}

OrtStatus* TensorAt(OrtValue* value, const int64_t* location_values, size_t location_values_count, void** out) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(need_tensor(value, &t));
  if (t->dtype() == DType::kString) return invalid("this API does not support strings");
  const int bits = dtype_bits(t->dtype());
  if (bits < 8) return invalid("elements of ", dtype_name(t->dtype()), " have no address of their own");
  if (location_values_count != t->dims().size())
    return invalid("location dimensions do not match shape size\n", location_values_count, " given, the tensor is ",
                   to_string(t->dims()));
  int64_t at = 0;
  for (size_t i = 0; i < location_values_count; ++i) {
    const int64_t v = location_values[i], extent = t->dims()[i];
    if (v < 0 || v >= extent)
      return invalid("invalid location range\n", v, " of axis ", i, ", whose extent is ", extent);
    at = at * extent + v;
  }
  *out = t->as<char>() + at * (bits / 8);
  return nullptr;
}

OrtStatus* GetTensorMemoryInfo(const OrtValue* value, const OrtMemoryInfo** mem_info) {
  *mem_info = value->memory != nullptr ? value->memory : &cpu_memory_info();
  return nullptr;
}

OrtStatus* GetTensorElementTypeAndShapeDataReference(const OrtValue* value, ONNXTensorElementDataType* elem_type,
                                                     const int64_t** shape_data, size_t* shape_data_count) {
  const bool sparse = value->value.kind() == Value::Kind::kSparse;
  if (!sparse && !value->value.is_tensor())
    return invalid("Input parameter `value` must contain a constructed tensor or sparse tensor");
  const Extents& dims = sparse ? value->value.sparse().dims : value->value.tensor().dims();
  *elem_type = element_number(sparse ? value->value.sparse().values.dtype() : value->value.tensor().dtype());
  *shape_data = dims.data(), *shape_data_count = dims.size();
  return nullptr;
}

OrtStatus* CopyTensors(const OrtEnv*, const OrtValue* const* src_tensors, OrtValue* const* dst_tensors, OrtSyncStream*,
                       size_t num_tensors) {
  for (size_t i = 0; i < num_tensors; ++i) {
    if (src_tensors[i] == nullptr || dst_tensors[i] == nullptr) return invalid("CopyTensors: tensor ", i, " is null");
    const Tensor *from = nullptr, *to = nullptr;
    SDX_CAPI_RETURN_IF(need_tensor(src_tensors[i], &from));
    SDX_CAPI_RETURN_IF(need_tensor(dst_tensors[i], &to));
    if (from->dtype() != to->dtype() || from->count() != to->count())
      return invalid("CopyTensors: tensor ", i, " is ", dtype_name(from->dtype()), to_string(from->dims()),
                     ", its target ", dtype_name(to->dtype()), to_string(to->dims()));
    if (from->dtype() == DType::kString)
      std::copy(from->strings().begin(), from->strings().end(), to->strings().begin());
    else if (from->bytes() != 0)
      std::memmove(to->data(), from->data(), from->bytes());
  }
  return nullptr;
}

}  // namespace sardonyx::capi
