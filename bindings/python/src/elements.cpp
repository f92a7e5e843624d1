#include "elements.h"

#include <cstring>

namespace sardonyx::python {
namespace {

constexpr Element kElements[] = {
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED, 0, "undefined", nullptr, 0, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, 1, "float", "float32", 32, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, 2, "uint8", "uint8", 8, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, 3, "int8", "int8", 8, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, 4, "uint16", "uint16", 16, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, 5, "int16", "int16", 16, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, 6, "int32", "int32", 32, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, 7, "int64", "int64", 64, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, 8, "string", "object", 0, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, 9, "bool", "bool", 8, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, 10, "float16", "float16", 16, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, 11, "double", "float64", 64, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, 12, "uint32", "uint32", 32, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, 13, "uint64", "uint64", 64, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64, 14, "complex64", "complex64", 64, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128, 15, "complex128", "complex128", 128, false, nullptr},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, 16, "bfloat16", "bfloat16", 16, true, "uint16"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN, 17, "float8e4m3fn", "float8_e4m3fn", 8, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ, 18, "float8e4m3fnuz", "float8_e4m3fnuz", 8, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2, 19, "float8e5m2", "float8_e5m2", 8, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ, 20, "float8e5m2fnuz", "float8_e5m2fnuz", 8, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4, 21, "uint4", "uint4", 4, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4, 22, "int4", "int4", 4, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT4E2M1, 23, "float4e2m1", "float4_e2m1fn", 4, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2, 25, "uint2", "uint2", 2, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT2, 26, "int2", "int2", 2, true, "uint8"},
    {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E8M0, 24, "float8e8m0", "float8_e8m0fnu", 8, true, "uint8"},
};
constexpr size_t kCount = sizeof kElements / sizeof *kElements;

// Objects of Python, kept for the life of the process.
struct Cache {
  nb::object numpy = nb::module_::import_("numpy");
  nb::object dtype_class = numpy.attr("dtype");
  nb::object extensions;
  bool searched = false;
  nb::object dtypes[kCount];
};
Cache& cache() {
  static auto* c = new Cache;
  return *c;
}

const Element* element_by_name(const std::string& name) {
  for (const Element& e : kElements)
    if (e.numpy && name == e.numpy) return &e;
  return nullptr;
}

}  // namespace

const Element& element(ONNXTensorElementDataType code) {
  const auto i = static_cast<size_t>(code);
  return i < kCount ? kElements[i] : kElements[0];
}

const Element* element_of_proto(int proto) {
  for (const Element& e : kElements)
    if (e.proto == proto && proto != 0) return &e;
  return nullptr;
}

const Element* element_of_dtype(nb::handle dtype) {
  Cache& c = cache();
  for (size_t i = 1; i < kCount; ++i)
    if (c.dtypes[i].ptr() == dtype.ptr()) return &kElements[i];
  const std::string kind = text_of(nb::object(dtype.attr("kind")));
  if (kind == "U" || kind == "S" || kind == "T" || kind == "O") return &kElements[ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING];
  const Element* found = element_by_name(text_of(nb::object(dtype.attr("name"))));
  return found && found->code != ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING ? found : nullptr;
}

const Element& element_named(nb::handle type) {
  if (PyLong_Check(type.ptr())) {
    const int number = nb::cast<int>(type);
    if (const Element* e = element_of_proto(number)) return *e;
    throw std::runtime_error("tensor type " + std::to_string(number) + " is not supported");
  }
  nb::object dtype = cache().dtype_class(type);
  if (const Element* e = element_of_dtype(dtype)) return *e;
  throw std::runtime_error("no tensor has elements of numpy's type " + text_of(nb::str(dtype)));
}

std::string tensor_type_name(ONNXTensorElementDataType code) {
  return std::string("tensor(") + element(code).onnx + ")";
}

nb::handle numpy() { return cache().numpy; }

bool has_extension_types() {
  Cache& c = cache();
  if (!c.searched) {
    c.searched = true;
    PyObject* module = PyImport_ImportModule("ml_dtypes");
    if (module)
      c.extensions = nb::steal(module);
    else
      PyErr_Clear();
  }
  return c.extensions.is_valid();
}

nb::handle dtype_of(const Element& e) {
  Cache& c = cache();
  nb::object& slot = c.dtypes[e.code];
  if (!slot.is_valid()) {
    if (!e.numpy) throw std::runtime_error("the tensor has no element type");
    nb::object type = nb::str(e.numpy);
    if (e.extension) {
      if (has_extension_types() && nb::hasattr(c.extensions, e.numpy))
        type = c.extensions.attr(e.numpy);
      else
        return dtype_of(*element_by_name(e.storage));
    }
    slot = c.dtype_class(type);
  }
  return slot;
}

size_t byte_count(const Element& e, size_t elements) {
  if (e.bits == 0) return elements * sizeof(std::string);
  const size_t per_byte = e.bits < 8 ? 8 / e.bits : 1;
  return e.bits < 8 ? (elements + per_byte - 1) / per_byte : elements * (e.bits / 8);
}

}  // namespace sardonyx::python
