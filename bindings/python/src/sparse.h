// Sparse tensors of Python.
#pragma once
#include "values.h"

namespace sardonyx::python {

std::vector<int64_t> dense_shape_of(const OrtValue* sparse);
nb::object value_of_sparse(nb::handle sparse);
nb::object sparse_of_value(nb::object python_value);
void bind_sparse(nb::module_& m);

}  // namespace sardonyx::python
