// IO binding: inputs and outputs that stay bound between runs.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>

#include "devices.h"
#include "dlpack.h"
#include "session.h"

namespace sardonyx::python {
namespace {

// A tensor over memory that somebody else keeps.
Value tensor_at(const Element& e, const std::vector<int64_t>& dims, uintptr_t pointer, const std::string& if_null) {
  const bool empty = std::find(dims.begin(), dims.end(), 0) != dims.end();
  if (pointer == 0 && !empty) throw std::runtime_error(if_null);
  return borrowed_tensor(e, dims, reinterpret_cast<void*>(pointer));
}

class Binding {
 public:
  explicit Binding(nb::object session) : session_(std::move(session)) {
    OrtIoBinding* made = nullptr;
    check(g_api->CreateIoBinding(get().handle(), &made));
    binding_.reset(made);
  }

  const OrtIoBinding* handle() const { return binding_.get(); }

  void bind_array(const std::string& name, nb::object array) {
    const Port* port = get().port(name);
    if (!port) throw std::runtime_error("Failed to find NodeArg with name: " + name + " in the def list");
    if (!is_array(array)) throw std::runtime_error("Unable to create OrtValue from the given python object");
    bind_input(name, python_value(tensor_from_array(array)));
  }
  void bind_pointer(const std::string& name, const Device& device, nb::object type, nb::object shape, size_t pointer) {
    require_cpu(device, "Error when binding input");
    bind_input(name, at(type, shape, pointer, name));
  }
  void bind_input(const std::string& name, nb::object value) {
    OrtStatus* status = g_api->BindInput(binding_.get(), name.c_str(), as<Value>(value).handle.get());
    if (status) fail("Error when binding input: ", status);
    inputs_[name.c_str()] = value;
  }

  void bind_output_pointer(const std::string& name, const Device& device, nb::object type, nb::object shape,
                           size_t pointer) {
    require_cpu(device, "Error when binding output");
    bind_output(name, at(type, shape, pointer, name));
  }
  void bind_output(const std::string& name, nb::object value) {
    OrtStatus* status = g_api->BindOutput(binding_.get(), name.c_str(), as<Value>(value).handle.get());
    if (status) fail("Error when binding output: ", status);
    outputs_[name.c_str()] = value;
  }
  void bind_output_device(const std::string& name, const Device& device) {
    require_cpu(device, "Error when binding output");
    OrtStatus* status = g_api->BindOutputToDevice(binding_.get(), name.c_str(), cpu_memory());
    if (status) fail("Error when binding output: ", status);
    if (outputs_.contains(name.c_str())) nb::del(outputs_[name.c_str()]);
  }

  void clear_inputs() {
    g_api->ClearBoundInputs(binding_.get());
    inputs_.clear();
  }
  void clear_outputs() {
    g_api->ClearBoundOutputs(binding_.get());
    outputs_.clear();
  }
  void synchronize(bool inputs) {
    check_plain(inputs ? g_api->SynchronizeBoundInputs(binding_.get())
                       : g_api->SynchronizeBoundOutputs(binding_.get()));
  }

  // Values that the caller bound share his memory, so they keep what he bound alive.
  ValueVector results() const {
    OrtValue** values = nullptr;
    size_t count = 0;
    check(g_api->GetBoundOutputValues(binding_.get(), default_allocator(), &values, &count));
    ValueVector out;
    const nb::object kept = nb::len(outputs_) ? nb::object(outputs_.attr("copy")()) : nb::object();
    for (size_t i = 0; i < count; ++i) out.items.push_back(python_value(Value(OwnedValue(values[i]), kept)));
    if (values) check(g_api->AllocatorFree(default_allocator(), values));
    return out;
  }

 private:
  Session& get() const { return as<Session>(session_); }

  static nb::object at(nb::object type, nb::object shape, size_t pointer, const std::string& name) {
    const Element& e = element_named(type);
    if (e.bits == 0)
      throw std::runtime_error("Only binding of non-string Tensors is currently supported, and '" + name +
                               "' has strings");
    return python_value(tensor_at(e, dims_from(shape), pointer, "the pointer bound to '" + name + "' is null"));
  }

  [[noreturn]] static void fail(const char* prefix, OrtStatus* status) {
    const std::string text = std::string(prefix) + g_api->GetErrorMessage(status);
    g_api->ReleaseStatus(status);
    throw std::runtime_error(text);
  }

  nb::object session_;
  OwnedBinding binding_;
  nb::dict inputs_, outputs_;
};

nb::object item(const ValueVector& v, Py_ssize_t i) {
  const auto n = static_cast<Py_ssize_t>(v.items.size());
  if (i < 0) i += n;
  if (i < 0 || i >= n) throw nb::index_error("the index is outside the vector");
  return v.items[static_cast<size_t>(i)];
}

const Element& element_at(const ValueVector& v, Py_ssize_t i) {
  return element(shape_of(as<Value>(item(v, i)).handle.get()).type);
}

void push_back_batch(ValueVector& v, const std::vector<nb::object>& owners, const std::vector<uintptr_t>& pointers,
                     const std::vector<nb::object>& types, const std::vector<nb::object>& shapes,
                     const std::vector<Device>& devices) {
  const size_t n = owners.size();
  if (pointers.size() != n || types.size() != n || shapes.size() != n || devices.size() != n)
    throw std::runtime_error("tensors, pointers, types, shapes and devices must be as many as each other");
  std::vector<nb::object> made;
  for (size_t i = 0; i < n; ++i) {
    require_cpu(devices[i], "Can't wrap memory of the device using this package");
    const Element& e = element_named(types[i]);
    if (e.bits == 0) throw std::runtime_error("tensors of strings cannot be wrapped");
    Value value = tensor_at(e, dims_from(shapes[i]), pointers[i], "a pointer is null");
    value.keep = owners[i];
    made.push_back(python_value(std::move(value)));
  }
  v.items.insert(v.items.end(), made.begin(), made.end());
}

void bind_vector(nb::module_& m) {
  nb::class_<ValueVector>(m, "OrtValueVector", "A list of C-level OrtValues.")
      .def(nb::init<>())
      .def("push_back", [](ValueVector& v, Value& value) { v.items.push_back(nb::find(value)); })
      .def(
          "push_back",
          [](ValueVector& v, nb::object capsule, bool is_bool) {
            if (nb::hasattr(capsule, "__dlpack__")) capsule = capsule.attr("__dlpack__")();
            v.items.push_back(python_value(value_from_dlpack(capsule, is_bool)));
          },
          nb::arg("dlpack_tensor"), nb::arg("is_bool_tensor") = false)
      .def("push_back_batch", push_back_batch, "Tensors over memory of the given objects, which they keep alive.")
      .def("reserve", [](ValueVector& v, size_t n) { v.items.reserve(n); })
      .def("shrink_to_fit", [](ValueVector& v) { v.items.shrink_to_fit(); })
      .def("__len__", [](const ValueVector& v) { return v.items.size(); })
      .def("__getitem__", item)
      .def("__iter__",
           [](const ValueVector& v) {
             nb::list all;
             for (const nb::object& o : v.items) all.append(o);
             return nb::iter(all);
           })
      .def("element_type_at", [](const ValueVector& v, Py_ssize_t i) { return element_at(v, i).proto; })
      .def("bool_tensor_indices",
           [](const ValueVector& v) {
             nb::list out;
             for (size_t i = 0; i < v.items.size(); ++i)
               if (element_at(v, static_cast<Py_ssize_t>(i)).code == ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL) out.append(i);
             return out;
           })
      .def("dlpack_at", [](const ValueVector& v, Py_ssize_t i) { return item(v, i).attr("to_dlpack")(); })
      .def(
          "to_dlpacks",
          [](const ValueVector& v, nb::object to_tensor) {
            nb::list out;
            for (const nb::object& o : v.items) {
              nb::object capsule = o.attr("to_dlpack")();
              out.append(to_tensor.is_none() ? capsule : nb::object(to_tensor(capsule)));
            }
            return out;
          },
          nb::arg().none());
}

}  // namespace

void bind_binding(nb::module_& m) {
  bind_vector(m);
  nb::class_<Binding>(m, "SessionIOBinding")
      .def(nb::init<nb::object>())
      .def("bind_input", &Binding::bind_array)
      .def("bind_input", &Binding::bind_pointer)
      .def("bind_ortvalue_input", &Binding::bind_input)
      .def("bind_output", &Binding::bind_output_pointer)
      .def("bind_output", &Binding::bind_output_device)
      .def("bind_ortvalue_output", &Binding::bind_output)
      .def("synchronize_inputs", [](Binding& b) { b.synchronize(true); })
      .def("synchronize_outputs", [](Binding& b) { b.synchronize(false); })
      .def("clear_binding_inputs", &Binding::clear_inputs)
      .def("clear_binding_outputs", &Binding::clear_outputs)
      .def("get_outputs", &Binding::results)
      .def("copy_outputs_to_cpu", [](const Binding& b) {
        nb::list out;
        for (const nb::object& value : b.results().items) out.append(object_of(value));
        return out;
      });
  nb::borrow<nb::class_<Session>>(m.attr("InferenceSession"))
      .def(
          "run_with_iobinding",
          [](Session& session, const Binding& binding, nb::object options) {
            session.run_with_binding(binding.handle(), options);
          },
          nb::arg(), nb::arg().none());
}

}  // namespace sardonyx::python
