// DLPack: tensors handed over without a copy. Only memory of the CPU, only contiguous tensors.
#pragma once
#include "values.h"

namespace sardonyx::python {

// A capsule "dltensor" that keeps the value alive. Bool is exported as uint8 if the consumer may not know bool.
nb::object dlpack_capsule(nb::object python_value, bool bool_as_uint8);
// Consumes the capsule. bool_tensor: bytes are bool.
Value value_from_dlpack(nb::handle capsule, bool bool_tensor);
bool is_dlpack_uint8(nb::handle capsule);

}  // namespace sardonyx::python
