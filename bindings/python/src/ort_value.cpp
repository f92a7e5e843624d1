// The C-level OrtValue class.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstring>

#include "devices.h"
#include "dlpack.h"
#include "sparse.h"
#include "values.h"

namespace sardonyx::python {
namespace {

// The bytes of a tensor of numbers, writable: what numpy's arrays over a value are views of.
int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  const Value& value = *nb::inst_ptr<Value>(self);
  int is_tensor = 0;
  size_t bytes = 0;
  void* data = nullptr;
  OrtStatus* status = g_api->IsTensor(value.handle.get(), &is_tensor);
  if (!status && is_tensor) status = g_api->GetTensorSizeInBytes(value.handle.get(), &bytes);
  if (!status && is_tensor) status = g_api->GetTensorMutableData(value.handle.get(), &data);
  view->obj = nullptr;
  if (status || !is_tensor) {
    PyErr_SetString(PyExc_BufferError, status ? g_api->GetErrorMessage(status) : "the value is not a tensor");
    if (status) g_api->ReleaseStatus(status);
    return -1;
  }
  return PyBuffer_FillInfo(view, self, data, static_cast<Py_ssize_t>(bytes), 0, flags);
}

PyType_Slot kSlots[] = {{Py_bf_getbuffer, reinterpret_cast<void*>(get_buffer)}, {0, nullptr}};

nb::object from_numpy(nb::object array, const Device& device) {
  require_cpu(device, "Can't allocate memory on the device using this package");
  if (!is_array(array))
    throw std::runtime_error("Creation of OrtValues is currently only supported from non-string numpy arrays");
  const Element* e = element_of_dtype(array.attr("dtype"));
  if (!e || e->bits == 0)
    throw std::runtime_error("Creation of OrtValues is currently only supported from non-string numpy arrays");
  return python_value(tensor_from_array(array));
}

nb::object from_numpy_as(nb::object array, int proto) {
  const Element& as = element_named(nb::int_(proto));
  if (!is_array(array)) throw nb::type_error("a numpy array is needed");
  const Element* have = element_of_dtype(array.attr("dtype"));
  if (!have || have->bits == 0 || as.bits == 0)
    throw std::runtime_error("Creation of OrtValues is currently only supported from non-string numpy arrays");
  if (as.bits >= 8) return python_value(tensor_from_array(array, &as));
  if (have->code == as.code) return python_value(tensor_from_array(array));
  if (have->bits != 8) throw std::runtime_error(std::string(as.onnx) + " is given packed, as an array of uint8");
  // Bytes that are already packed: an array of n bytes stands for n * (8 / bits) elements.
  Value bytes = tensor_from_array(array);
  std::vector<int64_t> dims = shape_of(bytes.handle.get()).dims;
  if (dims.empty()) dims.push_back(1);
  dims.back() *= 8 / as.bits;
  void* data = nullptr;
  check(g_api->GetTensorMutableData(bytes.handle.get(), &data));
  Value value = borrowed_tensor(as, dims, data);
  value.keep = bytes.keep;
  return python_value(std::move(value));
}

nb::object from_shape(nb::object shape, nb::object type, const Device& device) {
  require_cpu(device, "Can't allocate memory on the device using this package");
  const Element& e = element_named(type);
  if (e.bits == 0)
    throw std::runtime_error("Creation of OrtValues is currently only supported from non-string numpy arrays");
  return python_value(empty_tensor(e, dims_from(shape)));
}

void update(const Value& value, nb::object given) {
  void* to = nullptr;
  size_t bytes = 0, other = 0;
  check_plain(g_api->GetTensorMutableData(value.handle.get(), &to));
  check_plain(g_api->GetTensorSizeInBytes(value.handle.get(), &bytes));
  nb::object source = nb::isinstance<Value>(given) ? given : python_value(tensor_from_array(given));
  const Value& from = as<Value>(source);
  const TensorShape have = shape_of(value.handle.get()), want = shape_of(from.handle.get());
  check_plain(g_api->GetTensorSizeInBytes(from.handle.get(), &other));
  if (have.dims != want.dims || have.count() != want.count())
    throw std::runtime_error("The input size of numpy arrays does not match the size of the OrtValue.");
  if (have.type != want.type || have.type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING || bytes != other)
    throw std::runtime_error("The type of the array, " + tensor_type_name(want.type) +
                             ", is not that of the OrtValue, " + tensor_type_name(have.type));
  const void* data = nullptr;
  check_plain(g_api->GetTensorData(from.handle.get(), &data));
  if (bytes) std::memmove(to, data, bytes);
}

size_t address(const Value& value) {
  const void* data = nullptr;
  if (kind_of(value.handle.get()) != ONNX_TYPE_TENSOR ||
      shape_of(value.handle.get()).type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING)
    throw std::runtime_error("Only tensors of numbers have an address");
  check_plain(g_api->GetTensorData(value.handle.get(), &data));
  return reinterpret_cast<size_t>(data);
}

bool holds(const Value& value) {
  int has = 0;
  check_plain(g_api->HasValue(value.handle.get(), &has));
  return has != 0;
}

nb::list shape_list(const Value& value) {
  nb::list out;
  if (kind_of(value.handle.get()) == ONNX_TYPE_SPARSETENSOR) {
    for (int64_t d : dense_shape_of(value.handle.get())) out.append(d);
    return out;
  }
  for (int64_t d : shape_of(value.handle.get()).dims) out.append(d);
  return out;
}

void copy_tensors(const std::vector<nb::object>& from, const std::vector<nb::object>& to, nb::object) {
  if (from.size() != to.size()) throw std::runtime_error("as many targets as sources are needed");
  for (size_t i = 0; i < from.size(); ++i) update(as<Value>(to[i]), from[i]);
}

}  // namespace

void bind_values(nb::module_& m) {
  nb::class_<Value>(m, "OrtValue", nb::type_slots(kSlots), nb::is_weak_referenceable(), "A value of the library.")
      .def_static("ortvalue_from_numpy", from_numpy)
      .def_static("ortvalue_from_numpy_with_onnx_type", from_numpy_as)
      .def_static("ortvalue_from_shape_and_type", from_shape)
      .def_static("ortvalue_from_shape_and_onnx_type", from_shape)
      .def_static("ortvalue_from_shape_and_type_for_memory_info",
                  [](nb::object s, nb::object t, const MemoryInfo&) { return from_shape(s, t, Device{}); })
      .def_static("ortvalue_from_shape_and_onnx_type_for_memory_info",
                  [](nb::object s, nb::object t, const MemoryInfo&) { return from_shape(s, t, Device{}); })
      .def_static("ort_value_from_sparse_tensor", [](nb::object sparse) { return value_of_sparse(sparse); })
      .def_static(
          "from_dlpack",
          [](nb::object data, bool is_bool) {
            if (nb::hasattr(data, "__dlpack__")) data = data.attr("__dlpack__")();
            return python_value(value_from_dlpack(data, is_bool));
          },
          nb::arg("data"), nb::arg("is_bool_tensor") = false)
      .def("as_sparse_tensor", [](nb::object self) { return sparse_of_value(self); })
      .def("update_inplace", update)
      .def("data_ptr", address)
      .def("device_name",
           [](const Value& v) {
             if (kind_of(v.handle.get()) != ONNX_TYPE_TENSOR) return "cpu";
             const OrtMemoryInfo* info = nullptr;
             check_plain(g_api->GetTensorMemoryInfo(v.handle.get(), &info));
             return device_name(info);
           })
      .def("shape", shape_list)
      .def("data_type", [](const Value& v) { return type_name_of(v.handle.get()); })
      .def("element_type", [](const Value& v) { return element(shape_of(v.handle.get()).type).proto; })
      .def("tensor_size_in_bytes",
           [](const Value& v) {
             size_t bytes = 0;
             check_plain(g_api->GetTensorSizeInBytes(v.handle.get(), &bytes));
             return bytes;
           })
      .def("has_value", holds)
      .def("is_tensor", [](const Value& v) { return kind_of(v.handle.get()) == ONNX_TYPE_TENSOR; })
      .def("is_sparse_tensor", [](const Value& v) { return kind_of(v.handle.get()) == ONNX_TYPE_SPARSETENSOR; })
      .def("is_tensor_sequence", [](const Value& v) { return kind_of(v.handle.get()) == ONNX_TYPE_SEQUENCE; })
      .def("_is_webgpu_buffer", [](const Value&) { return false; })
      .def("numpy",
           [](nb::object self) {
             if (kind_of(as<Value>(self).handle.get()) != ONNX_TYPE_TENSOR)
               throw std::runtime_error("Only OrtValues that are Tensors are convertible to Numpy objects");
             return array_of(self);
           })
      .def(
          "to_python", [](nb::object self) { return object_of(self); }, "The array, list, dict or None that it holds.")
      .def("to_dlpack", [](nb::object self) { return dlpack_capsule(self, true); })
      .def("_dlpack_with_bool", [](nb::object self) { return dlpack_capsule(self, false); })
      .def(
          "__dlpack__", [](nb::object self, nb::object) { return dlpack_capsule(self, true); },
          nb::arg("stream") = nb::none())
      .def("__dlpack_device__", [](const Value&) { return nb::make_tuple(1, 0); });
  m.def("copy_tensors", copy_tensors, nb::arg(), nb::arg(), nb::arg().none());
  m.def("is_dlpack_uint8_tensor", [](nb::object capsule) { return is_dlpack_uint8(capsule); });
}

}  // namespace sardonyx::python
