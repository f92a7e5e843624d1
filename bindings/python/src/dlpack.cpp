#include "dlpack.h"

namespace sardonyx::python {
namespace {

// The structures of DLPack's C ABI, unversioned form.
struct DlDevice {
  int32_t type, id;
};
struct DlType {
  uint8_t code, bits;
  uint16_t lanes;
};
struct DlTensor {
  void* data;
  DlDevice device;
  int32_t ndim;
  DlType dtype;
  int64_t* shape;
  int64_t* strides;
  uint64_t byte_offset;
};
struct DlManagedTensor {
  DlTensor tensor;
  void* context;
  void (*deleter)(DlManagedTensor*);
};

constexpr int kCpu = 1;
enum Code : uint8_t { kInt = 0, kUint = 1, kFloat = 2, kBfloat = 4, kComplex = 5, kBool = 6 };

struct TypeRow {
  ONNXTensorElementDataType type;
  uint8_t code, bits;
};
constexpr TypeRow kTypes[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, kFloat, 32},       {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, kFloat, 64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, kFloat, 16},     {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, kBfloat, 16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, kInt, 8},           {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, kInt, 16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, kInt, 32},         {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, kInt, 64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, kUint, 8},         {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, kUint, 16},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, kUint, 32},       {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, kUint, 64},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64, kComplex, 64}, {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128, kComplex, 128},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, kBool, 8},
};

// An exported tensor: the structure, its shape and the object whose memory it shows.
struct Export {
  DlManagedTensor managed{};
  std::vector<int64_t> shape, strides;
  PyObject* owner = nullptr;
};

void delete_export(DlManagedTensor* managed) {
  auto* e = static_cast<Export*>(managed->context);
  const nb::gil_scoped_acquire gil;
  Py_XDECREF(e->owner);
  delete e;
}

// A capsule that nobody consumed still owns its tensor.
void delete_capsule(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, "dltensor"))
    delete_export(static_cast<DlManagedTensor*>(PyCapsule_GetPointer(capsule, "dltensor")));
}

void delete_import(PyObject* owner) {
  auto* managed = static_cast<DlManagedTensor*>(PyCapsule_GetPointer(owner, "sardonyx_dlpack"));
  if (managed && managed->deleter) managed->deleter(managed);
}

bool contiguous(const DlTensor& t) {
  if (!t.strides) return true;
  int64_t step = 1;
  for (int i = t.ndim - 1; i >= 0; --i) {
    if (t.shape[i] == 0) return true;
    if (t.shape[i] != 1 && t.strides[i] != step) return false;
    step *= t.shape[i];
  }
  return true;
}

DlManagedTensor* managed_in(nb::handle capsule) {
  if (!PyCapsule_CheckExact(capsule.ptr())) throw nb::type_error("a DLPack capsule is needed");
  auto* managed = static_cast<DlManagedTensor*>(PyCapsule_GetPointer(capsule.ptr(), "dltensor"));
  if (!managed) throw nb::python_error();
  return managed;
}

}  // namespace

nb::object dlpack_capsule(nb::object held, bool bool_as_uint8) {
  const Value& value = as<Value>(held);
  if (kind_of(value.handle.get()) != ONNX_TYPE_TENSOR)
    throw std::runtime_error("Only tensor type OrtValues are supported");
  const TensorShape shape = shape_of(value.handle.get());
  const TypeRow* row = nullptr;
  for (const TypeRow& r : kTypes)
    if (r.type == shape.type) row = &r;
  if (!row) throw std::runtime_error("DLPack has no type for " + tensor_type_name(shape.type));
  auto e = std::make_unique<Export>();
  e->shape = shape.dims;
  e->strides.resize(shape.dims.size());
  int64_t step = 1;
  for (size_t i = shape.dims.size(); i-- > 0; step *= shape.dims[i]) e->strides[i] = step;
  const void* data = nullptr;
  check(g_api->GetTensorData(value.handle.get(), &data));
  const uint8_t code = row->code == kBool && bool_as_uint8 ? static_cast<uint8_t>(kUint) : row->code;
  e->managed.tensor = {
      const_cast<void*>(data), {kCpu, 0}, static_cast<int32_t>(e->shape.size()), {code, row->bits, 1}, e->shape.data(),
      e->strides.data(),       0};
  e->managed.context = e.get();
  e->managed.deleter = delete_export;
  PyObject* capsule = PyCapsule_New(&e->managed, "dltensor", delete_capsule);
  if (!capsule) throw nb::python_error();
  e->owner = held.release().ptr();
  e.release();
  return nb::steal(capsule);
}

Value value_from_dlpack(nb::handle capsule, bool bool_tensor) {
  DlManagedTensor* managed = managed_in(capsule);
  const DlTensor& t = managed->tensor;
  if (t.device.type != kCpu) throw std::runtime_error("the DLPack tensor is not in the CPU's memory");
  if (t.dtype.lanes != 1) throw std::runtime_error("a DLPack tensor of vectors is not supported");
  const TypeRow* row = nullptr;
  for (const TypeRow& r : kTypes)
    if (r.code == t.dtype.code && r.bits == t.dtype.bits) row = &r;
  if (!row)
    throw std::runtime_error("DLPack type code " + std::to_string(t.dtype.code) + " with " +
                             std::to_string(t.dtype.bits) + " bits is not supported");
  if (!contiguous(t))
    throw std::runtime_error("ORT only supports contiguous tensor for now: the DLPack tensor has gaps");
  const bool as_bool = bool_tensor && row->type == ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
  Value value = borrowed_tensor(element(as_bool ? ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL : row->type),
                                {t.shape, t.shape + t.ndim}, static_cast<char*>(t.data) + t.byte_offset);
  if (PyCapsule_SetName(capsule.ptr(), "used_dltensor") != 0) throw nb::python_error();
  PyObject* owner = PyCapsule_New(managed, "sardonyx_dlpack", delete_import);
  if (!owner) throw nb::python_error();
  value.keep = nb::steal(owner);
  return value;
}

bool is_dlpack_uint8(nb::handle capsule) {
  const DlType type = managed_in(capsule)->tensor.dtype;
  return type.code == kUint && type.bits == 8 && type.lanes == 1;
}

}  // namespace sardonyx::python
