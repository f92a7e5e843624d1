// Tensors from numpy arrays and numpy arrays from tensors.
#include <algorithm>
#include <cstring>

#include "values.h"

namespace sardonyx::python {
namespace {

// numpy's array interface, C side: what the capsule in __array_struct__ points to.
struct ArrayInterface {
  int two;
  int nd;
  char typekind;
  int itemsize;
  int flags;
  Py_intptr_t* shape;
  Py_intptr_t* strides;
  void* data;
  PyObject* descr;
};
constexpr int kContiguous = 0x1, kAligned = 0x100, kNotSwapped = 0x200;

struct ArrayView {
  nb::object capsule;
  const ArrayInterface* i = nullptr;
  std::vector<int64_t> dims() const { return {i->shape, i->shape + i->nd}; }
  bool direct() const {
    return (i->flags & (kContiguous | kAligned | kNotSwapped)) == (kContiguous | kAligned | kNotSwapped);
  }
};

ArrayView view_of(nb::handle array) {
  static PyObject* name = PyUnicode_InternFromString("__array_struct__");
  PyObject* capsule = PyObject_GetAttr(array.ptr(), name);
  if (!capsule) throw nb::python_error();
  ArrayView v{nb::steal(capsule), nullptr};
  v.i = static_cast<const ArrayInterface*>(PyCapsule_GetPointer(capsule, nullptr));
  if (!v.i) throw nb::python_error();
  return v;
}

// Fast answer for numpy's own types; UNDEFINED sends the caller to the dtype.
ONNXTensorElementDataType plain_element(const ArrayInterface& a) {
  const int size = a.itemsize;
  switch (a.typekind) {
    case 'f':
      return size == 4   ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT
             : size == 8 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE
             : size == 2 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16
                         : ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    case 'i':
      return size == 8   ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
             : size == 4 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32
             : size == 2 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16
                         : ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8;
    case 'u':
      return size == 8   ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64
             : size == 4 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32
             : size == 2 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16
                         : ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8;
    case 'b': return ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
    case 'c':
      return size == 8    ? ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64
             : size == 16 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128
                          : ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    case 'O':
    case 'U':
    case 'S':
    case 'T': return ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING;
    default: return ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  }
}

Value string_tensor(nb::handle array, const std::vector<int64_t>& dims) {
  Value value = empty_tensor(element(ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING), dims);
  nb::object flat = array.attr("ravel")().attr("tolist")();
  fill_strings(value.handle.get(), flat);
  return value;
}

// Elements of less than a byte, one per byte in numpy, are packed low bits first.
Value packed_tensor(const ArrayView& view, const Element& e) {
  const std::vector<int64_t> dims = view.dims();
  Value value = empty_tensor(e, dims);
  size_t count = 1;
  for (int64_t d : dims) count *= static_cast<size_t>(d);
  void* data = nullptr;
  check(g_api->GetTensorMutableData(value.handle.get(), &data));
  auto* to = static_cast<uint8_t*>(data);
  const auto* from = static_cast<const uint8_t*>(view.i->data);
  std::fill_n(to, byte_count(e, count), uint8_t{0});
  const size_t per_byte = 8 / e.bits;
  const uint8_t mask = static_cast<uint8_t>((1 << e.bits) - 1);
  for (size_t i = 0; i < count; ++i)
    to[i / per_byte] |= static_cast<uint8_t>((from[i] & mask) << (i % per_byte * e.bits));
  return value;
}

nb::object make_array(nb::handle shape, nb::handle dtype, nb::handle buffer) {
  static PyObject* type = nb::object(numpy().attr("ndarray")).release().ptr();
  PyObject* arguments[] = {nullptr, shape.ptr(), dtype.ptr(), buffer.ptr()};
  PyObject* made =
      PyObject_Vectorcall(type, arguments + 1, (buffer.is_valid() ? 3 : 2) | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
  if (!made) throw nb::python_error();
  return nb::steal(made);
}

nb::object tuple_of(const std::vector<int64_t>& dims) {
  PyObject* tuple = PyTuple_New(static_cast<Py_ssize_t>(dims.size()));
  if (!tuple) throw nb::python_error();
  for (size_t i = 0; i < dims.size(); ++i)
    if (PyTuple_SetItem(tuple, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(dims[i])) != 0) throw nb::python_error();
  return nb::steal(tuple);
}

nb::object unpacked_array(const Value& value, const Element& e, const TensorShape& shape) {
  const void* data = nullptr;
  check(g_api->GetTensorData(value.handle.get(), &data));
  const auto* from = static_cast<const uint8_t*>(data);
  const size_t count = shape.count(), per_byte = 8 / e.bits;
  nb::object bytes = nb::steal(PyByteArray_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(count)));
  if (!bytes.is_valid()) throw nb::python_error();
  auto* to = reinterpret_cast<uint8_t*>(PyByteArray_AsString(bytes.ptr()));
  const bool is_signed = e.code == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4 || e.code == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT2;
  for (size_t i = 0; i < count; ++i) {
    auto v = static_cast<uint8_t>(from[i / per_byte] << (8 - e.bits - i % per_byte * e.bits));
    to[i] = is_signed ? static_cast<uint8_t>(static_cast<int8_t>(v) >> (8 - e.bits))
                      : static_cast<uint8_t>(v >> (8 - e.bits));
  }
  return make_array(tuple_of(shape.dims), dtype_of(e), bytes);
}

}  // namespace

bool is_array(nb::handle object) {
  static PyObject* type = nb::object(numpy().attr("ndarray")).release().ptr();
  return Py_TYPE(object.ptr()) == reinterpret_cast<PyTypeObject*>(type) || PyObject_IsInstance(object.ptr(), type) == 1;
}

Value borrowed_tensor(const Element& e, const std::vector<int64_t>& dims, void* data) {
  size_t count = 1;
  for (int64_t d : dims) {
    if (d < 0) throw std::runtime_error("a tensor's extents cannot be negative");
    if (d != 0 && count > SIZE_MAX / 32 / static_cast<size_t>(d)) throw std::runtime_error("the tensor is too large");
    count *= static_cast<size_t>(d);
  }
  OrtValue* made = nullptr;
  static char nowhere[16];
  check_plain(g_api->CreateTensorWithDataAsOrtValue(cpu_memory(), data ? data : nowhere, byte_count(e, count),
                                                    dims.data(), dims.size(), e.code, &made));
  return Value(OwnedValue(made));
}

Value empty_tensor(const Element& e, const std::vector<int64_t>& dims) {
  OrtValue* made = nullptr;
  check_plain(g_api->CreateTensorAsOrtValue(default_allocator(), dims.data(), dims.size(), e.code, &made));
  return Value(OwnedValue(made));
}

Value tensor_from_array(nb::handle array, const Element* as) {
  ArrayView view = view_of(array);
  const Element* e = &element(plain_element(*view.i));
  if (e->code == ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED) {
    nb::object dtype = array.attr("dtype");
    e = element_of_dtype(dtype);
    if (!e) throw std::runtime_error("Numpy_type " + text_of(nb::str(dtype)) + " can't be converted to MLDataType.");
  }
  if (e->bits == 0) return string_tensor(array, view.dims());
  nb::object owner = nb::borrow(array);
  if (!view.direct()) {
    owner = numpy().attr("ascontiguousarray")(array);
    if ((view.i->flags & kNotSwapped) == 0) owner = owner.attr("astype")(owner.attr("dtype").attr("newbyteorder")("="));
    const std::vector<int64_t> dims = view.dims();
    owner = owner.attr("reshape")(tuple_of(dims));
    view = view_of(owner);
  }
  if (as && as->bits != (e->bits < 8 ? 8 : e->bits) && as->bits >= 8)
    throw std::runtime_error("the array's elements have " + std::to_string(e->bits) + " bits, " + as->onnx + " needs " +
                             std::to_string(as->bits));
  if (as) e = as;
  if (e->bits < 8 && !as) return packed_tensor(view, *e);
  Value value = borrowed_tensor(*e, view.dims(), view.i->data);
  value.keep = std::move(owner);
  return value;
}

nb::list strings_of(const OrtValue* tensor, size_t count) {
  nb::list out;
  if (count == 0) return out;
  size_t length = 0;
  check(g_api->GetStringTensorDataLength(tensor, &length));
  std::string bytes(length + 1, '\0');
  std::vector<size_t> starts(count);
  check(g_api->GetStringTensorContent(tensor, bytes.data(), length, starts.data(), count));
  for (size_t i = 0; i < count; ++i) {
    const size_t end = i + 1 < count ? starts[i + 1] : length;
    PyObject* s = PyUnicode_DecodeUTF8(bytes.data() + starts[i], static_cast<Py_ssize_t>(end - starts[i]), nullptr);
    if (!s) throw nb::python_error();
    out.append(nb::steal(s));
  }
  return out;
}

void fill_strings(OrtValue* tensor, nb::handle flat_sequence) {
  size_t i = 0;
  for (nb::handle item : flat_sequence) {
    nb::object text;
    const char* data = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_Check(item.ptr())) {
      char* bytes = nullptr;
      if (PyBytes_AsStringAndSize(item.ptr(), &bytes, &size) != 0) throw nb::python_error();
      data = bytes;
    } else {
      text = PyUnicode_Check(item.ptr()) ? nb::borrow(item) : nb::object(nb::str(item));
      data = PyUnicode_AsUTF8AndSize(text.ptr(), &size);
      if (!data) throw nb::python_error();
    }
    char* to = nullptr;
    check(g_api->GetResizedStringTensorElementBuffer(tensor, i++, static_cast<size_t>(size), &to));
    if (size) std::memcpy(to, data, static_cast<size_t>(size));
  }
}

nb::object array_of(nb::handle python_value) {
  const Value& value = *nb::inst_ptr<Value>(python_value);
  const TensorShape shape = shape_of(value.handle.get());
  const Element& e = element(shape.type);
  if (e.bits == 0) {
    nb::object array = make_array(tuple_of(shape.dims), dtype_of(e), nb::handle());
    array.attr("flat") = strings_of(value.handle.get(), shape.count());
    return array;
  }
  if (e.bits < 8 && has_extension_types() && text_of(nb::object(dtype_of(e).attr("name"))) == e.numpy)
    return unpacked_array(value, e, shape);
  if (e.bits < 8) {  // packed, as the library holds them
    const auto bytes = static_cast<int64_t>(byte_count(e, shape.count()));
    return make_array(tuple_of({bytes}), dtype_of(e), python_value);
  }
  return make_array(tuple_of(shape.dims), dtype_of(e), python_value);
}

}  // namespace sardonyx::python
