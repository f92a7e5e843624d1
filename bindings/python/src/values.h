// Values between Python and the library. A Value owns one OrtValue and whatever object its memory belongs to.
// All functions need the GIL.
#pragma once
#include <vector>

#include "elements.h"

namespace sardonyx::python {

// The C-level OrtValue of Python. Its buffer is the tensor's bytes, which is how arrays without copies come about.
struct Value {
  explicit Value(OwnedValue h, nb::object owner = {}) : handle(std::move(h)), keep(std::move(owner)) {}
  OwnedValue handle;
  nb::object keep;
};

// What a model says about one input or output.
struct Port {
  std::string name;
  std::string type;  // "seq(tensor(float))"
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;  // of a tensor or of a sequence's items
  bool optional = false;
  bool has_shape = false;
  nb::object shape;  // list of int, str or None
};
Port port_of(std::string name, const OrtTypeInfo* info);

struct TensorShape {
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::vector<int64_t> dims;
  size_t count() const;
};
TensorShape shape_of(const OrtValue* value);
ONNXType kind_of(const OrtValue* value);
// "tensor(float)", "seq(tensor(float))", …
std::string type_name_of(const OrtValue* value);

// A tensor over the array's memory if it is contiguous and in this machine's byte order, else over a copy.
// element: what the bytes are, if not what the dtype says.
Value tensor_from_array(nb::handle array, const Element* as = nullptr);
Value empty_tensor(const Element& e, const std::vector<int64_t>& dims);
// A tensor over memory of the caller's.
Value borrowed_tensor(const Element& e, const std::vector<int64_t>& dims, void* data);
// What a feed may hold: array, list (strings, numbers, arrays of a sequence), dict, OrtValue, None.
Value value_from_object(nb::handle object, const Port* port, const std::string& name);
// An optional that holds nothing, or a sequence without items, of the port's type.
Value nothing_for(const Port& port);

nb::object array_of(nb::handle python_value);  // of a Value holding a tensor, sharing its memory
nb::object object_of(Value value);             // array, list, dict or None
nb::object object_of(nb::handle python_value);
nb::list strings_of(const OrtValue* tensor, size_t count);
void fill_strings(OrtValue* tensor, nb::handle flat_sequence);

bool is_array(nb::handle object);
std::vector<int64_t> dims_from(nb::handle sequence);
nb::object python_value(Value value);
void bind_values(nb::module_& m);

}  // namespace sardonyx::python
