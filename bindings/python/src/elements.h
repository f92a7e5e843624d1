// Element types: their numbers in the C ABI, in ONNX, and in numpy.
#pragma once
#include <cstddef>

#include "ort.h"

namespace sardonyx::python {

struct Element {
  ONNXTensorElementDataType code;
  int proto;            // TensorProto.DataType
  const char* onnx;     // "float"
  const char* numpy;    // name of the dtype
  int bits;             // per element as stored; 0 for strings
  bool extension;       // the dtype is one of ml_dtypes
  const char* storage;  // dtype used when ml_dtypes is not installed
};

const Element& element(ONNXTensorElementDataType code);
const Element* element_of_proto(int proto);
// The element type of an array's dtype; null if there is none.
const Element* element_of_dtype(nb::handle dtype);
// The element type that a user names: an ONNX number, a numpy type, a dtype or its name. Throws.
const Element& element_named(nb::handle type);
// "tensor(float)".
std::string tensor_type_name(ONNXTensorElementDataType code);

nb::handle numpy();
bool has_extension_types();
// The dtype that numpy shows the element as; the storage type where ml_dtypes is missing.
nb::handle dtype_of(const Element& e);
size_t byte_count(const Element& e, size_t elements);

}  // namespace sardonyx::python
