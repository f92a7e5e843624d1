// Values of every kind: what they are, how Python objects become them, and how they become Python objects.
#include "values.h"

#include <cstring>

namespace sardonyx::python {
namespace {

OwnedValue item_of(const OrtValue* value, size_t index) {
  OrtValue* item = nullptr;
  check(g_api->GetValue(value, static_cast<int>(index), default_allocator(), &item));
  return OwnedValue(item);
}

size_t size_of(const OrtValue* value) {
  size_t count = 0;
  check(g_api->GetValueCount(value, &count));
  return count;
}

nb::object scalars_of(OwnedValue tensor) {
  Value value(std::move(tensor));
  const TensorShape shape = shape_of(value.handle.get());
  if (shape.type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) return strings_of(value.handle.get(), shape.count());
  return array_of(python_value(std::move(value))).attr("tolist")();
}

nb::object dict_of_map(const OrtValue* map) {
  const nb::object keys = scalars_of(item_of(map, 0)), values = scalars_of(item_of(map, 1));
  nb::dict out;
  const size_t n = nb::len(keys);
  for (size_t i = 0; i < n; ++i) out[keys[i]] = values[i];
  return out;
}

nb::object list_of_sequence(const OrtValue* sequence) {
  nb::list out;
  const size_t n = size_of(sequence);
  for (size_t i = 0; i < n; ++i) out.append(object_of(Value(item_of(sequence, i))));
  return out;
}

Value compose(const std::vector<Value>& parts, ONNXType kind) {
  std::vector<const OrtValue*> handles;
  for (const Value& part : parts) handles.push_back(part.handle.get());
  OrtValue* made = nullptr;
  check_plain(g_api->CreateValue(handles.data(), handles.size(), kind, &made));
  nb::list owners;
  for (const Value& part : parts)
    if (part.keep.is_valid()) owners.append(part.keep);
  return Value(OwnedValue(made), owners);
}

Value map_from(const nb::dict& dict) {
  if (nb::len(dict) == 0) throw std::runtime_error("Size of dictionary is empty, unable to run the prediction.");
  const nb::list keys = dict.keys(), values = dict.values();
  const auto array = [](const nb::list& items, const char* number_type) {
    const bool text = PyUnicode_Check(nb::object(items[0]).ptr());
    for (nb::handle item : items)
      if (static_cast<bool>(PyUnicode_Check(item.ptr())) != text)
        throw std::runtime_error("a map has keys of one type and values of one type; strings and numbers are mixed");
    return numpy().attr("array")(items, text ? nb::object(nb::str("object")) : nb::object(nb::str(number_type)));
  };
  std::vector<Value> parts;
  parts.push_back(tensor_from_array(array(keys, "int64")));
  parts.push_back(tensor_from_array(array(values, "float32")));
  return compose(parts, ONNX_TYPE_MAP);
}

Value sequence_from(const nb::list& list, const Port& port, const std::string& name) {
  if (nb::len(list) == 0) return nothing_for(port);
  std::vector<Value> parts;
  ONNXTensorElementDataType first = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  for (nb::handle item : list) {
    if (nb::isinstance<nb::dict>(item)) {
      parts.push_back(map_from(nb::borrow<nb::dict>(item)));
      continue;
    }
    if (!is_array(item)) throw std::runtime_error("CreateSequenceOfTensors: Input is not a tensor");
    parts.push_back(tensor_from_array(item));
    const ONNXTensorElementDataType type = shape_of(parts.back().handle.get()).type;
    if (first == ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED) first = type;
    if (type != first)
      throw std::runtime_error("the tensors of sequence '" + name +
                               "' have different types: " + tensor_type_name(first) + " and " + tensor_type_name(type));
  }
  return compose(parts, ONNX_TYPE_SEQUENCE);
}

Value tensor_from_list(nb::handle list, const Port& port) {
  if (port.element == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING)
    return tensor_from_array(numpy().attr("array")(list, nb::str("object")));
  return tensor_from_array(numpy().attr("array")(list, dtype_of(element(port.element))));
}

std::string class_of(nb::handle object) { return text_of(nb::str(object.type())); }

std::string type_text(const OrtTypeInfo* info, Port* port);

std::string tensor_text(const OrtTypeInfo* info, Port* port) {
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(g_api->CastTypeInfoToTensorInfo(info, &tensor));
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  check(g_api->GetTensorElementType(tensor, &type));
  if (!port) return tensor_type_name(type);
  port->element = type;
  port->has_shape = g_api->TensorTypeAndShape_HasShape(tensor);
  size_t rank = 0;
  check(g_api->GetDimensionsCount(tensor, &rank));
  std::vector<int64_t> dims(rank);
  std::vector<const char*> names(rank);
  check(g_api->GetDimensions(tensor, dims.data(), rank));
  check(g_api->GetSymbolicDimensions(tensor, names.data(), rank));
  nb::list shape;
  for (size_t i = 0; i < rank; ++i) {
    if (dims[i] >= 0)
      shape.append(nb::int_(dims[i]));
    else if (names[i] && *names[i])
      shape.append(nb::str(names[i]));
    else
      shape.append(nb::none());
  }
  port->shape = shape;
  return tensor_type_name(type);
}

std::string owned_text(OrtTypeInfo* inner, Port* port) {
  const OwnedTypeInfo owner(inner);
  return type_text(inner, port);
}

std::string type_text(const OrtTypeInfo* info, Port* port) {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  check(g_api->GetOnnxTypeFromTypeInfo(info, &kind));
  if (port && port->kind == ONNX_TYPE_UNKNOWN) port->kind = kind;
  OrtTypeInfo* inner = nullptr;
  if (kind == ONNX_TYPE_TENSOR) return tensor_text(info, port);
  if (kind == ONNX_TYPE_SPARSETENSOR) return "sparse_" + tensor_text(info, port);
  if (kind == ONNX_TYPE_SEQUENCE) {
    const OrtSequenceTypeInfo* sequence = nullptr;
    check(g_api->CastTypeInfoToSequenceTypeInfo(info, &sequence));
    check(g_api->GetSequenceElementType(sequence, &inner));
    Port item;
    std::string text = "seq(" + owned_text(inner, &item) + ")";
    if (port) port->element = item.element;
    return text;
  }
  if (kind == ONNX_TYPE_MAP) {
    const OrtMapTypeInfo* map = nullptr;
    check(g_api->CastTypeInfoToMapTypeInfo(info, &map));
    ONNXTensorElementDataType key = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    check(g_api->GetMapKeyType(map, &key));
    check(g_api->GetMapValueType(map, &inner));
    return std::string("map(") + element(key).onnx + "," + owned_text(inner, nullptr) + ")";
  }
  if (kind == ONNX_TYPE_OPTIONAL) {
    const OrtOptionalTypeInfo* optional = nullptr;
    check(g_api->CastTypeInfoToOptionalTypeInfo(info, &optional));
    check(g_api->GetOptionalContainedTypeInfo(optional, &inner));
    if (port) {
      port->optional = true;
      port->kind = ONNX_TYPE_UNKNOWN;
    }
    return "optional(" + owned_text(inner, port) + ")";
  }
  return "opaque";
}

}  // namespace

Port port_of(std::string name, const OrtTypeInfo* info) {
  Port port;
  port.name = std::move(name);
  port.type = type_text(info, &port);
  if (!port.shape.is_valid()) port.shape = nb::list();
  return port;
}

size_t TensorShape::count() const {
  size_t n = 1;
  for (int64_t d : dims) n *= static_cast<size_t>(d);
  return n;
}

TensorShape shape_of(const OrtValue* value) {
  TensorShape out;
  const int64_t* dims = nullptr;
  size_t rank = 0;
  check(g_api->GetTensorElementTypeAndShapeDataReference(value, &out.type, &dims, &rank));
  out.dims.assign(dims, dims + rank);
  return out;
}

ONNXType kind_of(const OrtValue* value) {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  check(g_api->GetValueType(value, &kind));
  return kind;
}

std::string type_name_of(const OrtValue* value) {
  OrtTypeInfo* info = nullptr;
  check(g_api->GetTypeInfo(value, &info));
  const OwnedTypeInfo owner(info);
  return type_text(info, nullptr);
}

Value value_from_object(nb::handle object, const Port* port, const std::string& name) {
  if (is_array(object)) return tensor_from_array(object);
  if (object.is_none()) {
    if (port && port->optional) return nothing_for(*port);
    throw std::runtime_error("input '" + name + "' is None, and the model does not declare it optional");
  }
  const ONNXType kind = port ? port->kind : ONNX_TYPE_UNKNOWN;
  if (nb::isinstance<nb::list>(object)) {
    if (kind == ONNX_TYPE_SEQUENCE) return sequence_from(nb::borrow<nb::list>(object), *port, name);
    if (kind == ONNX_TYPE_TENSOR) return tensor_from_list(object, *port);
    throw std::runtime_error("Unable to handle object of type " + class_of(object) + " for input '" + name + "'");
  }
  if (nb::isinstance<nb::dict>(object)) return map_from(nb::borrow<nb::dict>(object));
  if (PyObject_HasAttrString(object.ptr(), "__iter__") && !PyObject_HasAttrString(object.ptr(), "__array_struct__"))
    throw std::runtime_error("Input must be a list of dictionaries or a single numpy array for input '" + name + "'.");
  throw std::runtime_error("Unable to handle object of type " + class_of(object));
}

nb::object python_value(Value value) { return nb::cast(new Value(std::move(value)), nb::rv_policy::take_ownership); }

nb::object object_of(nb::handle held) {
  const Value& value = *nb::inst_ptr<Value>(held);
  int has_value = 1;
  check(g_api->HasValue(value.handle.get(), &has_value));
  if (!has_value) return nb::none();
  switch (kind_of(value.handle.get())) {
    case ONNX_TYPE_TENSOR: return array_of(held);
    case ONNX_TYPE_SEQUENCE: return list_of_sequence(value.handle.get());
    case ONNX_TYPE_MAP: return dict_of_map(value.handle.get());
    default: return nb::borrow(held);
  }
}

nb::object object_of(Value value) { return object_of(python_value(std::move(value))); }

std::vector<int64_t> dims_from(nb::handle sequence) {
  std::vector<int64_t> dims;
  for (nb::handle d : sequence) dims.push_back(nb::cast<int64_t>(nb::int_(d)));
  return dims;
}

}  // namespace sardonyx::python
