#include "sparse.h"

#include <nanobind/stl/string.h>

#include "devices.h"

namespace sardonyx::python {
namespace {

struct Sparse {
  nb::object value;  // C-level OrtValue
  const OrtValue* handle() const { return as<Value>(value).handle.get(); }
};
struct CooView {
  Sparse of;
};
struct CsrView {
  Sparse of;
};
struct BlockView {
  Sparse of;
};

OrtSparseFormat format_of(const Sparse& s) {
  OrtSparseFormat format = ORT_SPARSE_UNDEFINED;
  check_plain(g_api->GetSparseTensorFormat(s.handle(), &format));
  return format;
}

void require_format(const Sparse& s, OrtSparseFormat format, const char* name) {
  if (format_of(s) != format)
    throw std::runtime_error(std::string("This sparse tensor does not contain ") + name + " format");
}

TensorShape read_info(OrtTensorTypeAndShapeInfo* info) {
  const OwnedTensorInfo owner(info);
  TensorShape out;
  size_t rank = 0;
  check_plain(g_api->GetTensorElementType(info, &out.type));
  check_plain(g_api->GetDimensionsCount(info, &rank));
  out.dims.resize(rank);
  check_plain(g_api->GetDimensions(info, out.dims.data(), rank));
  return out;
}

// A copy: the memory of a sparse tensor's parts is the tensor's.
nb::object copy_of(const Element& e, const std::vector<int64_t>& dims, const void* data) {
  nb::object view = python_value(borrowed_tensor(e, dims, const_cast<void*>(data)));
  return array_of(view).attr("copy")();
}

nb::object indices(const Sparse& s, OrtSparseIndicesFormat which) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  check_plain(g_api->GetSparseTensorIndicesTypeShape(s.handle(), which, &info));
  const TensorShape shape = read_info(info);
  size_t count = 0;
  const void* data = nullptr;
  check_plain(g_api->GetSparseTensorIndices(s.handle(), which, &count, &data));
  return copy_of(element(shape.type), shape.dims, data);
}

TensorShape values_shape(const Sparse& s) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  check_plain(g_api->GetSparseTensorValuesTypeAndShape(s.handle(), &info));
  return read_info(info);
}

nb::object values(const Sparse& s) {
  const TensorShape shape = values_shape(s);
  if (shape.type == ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING) {
    nb::object array = numpy().attr("array")(strings_of(s.handle(), shape.count()), nb::str("object"));
    return array;
  }
  const void* data = nullptr;
  check_plain(g_api->GetSparseTensorValues(s.handle(), &data));
  return copy_of(element(shape.type), shape.dims, data);
}

struct IndexArray {
  nb::object array;
  const int64_t* data = nullptr;
  size_t count = 0;
  std::vector<int64_t> dims;
};
IndexArray index_array(nb::handle given, const char* dtype) {
  IndexArray out;
  out.array = numpy().attr("ascontiguousarray")(given, nb::str(dtype));
  const Value view = tensor_from_array(out.array);
  const TensorShape shape = shape_of(view.handle.get());
  const void* data = nullptr;
  check_plain(g_api->GetTensorData(view.handle.get(), &data));
  out.data = static_cast<const int64_t*>(data);
  out.count = shape.count();
  out.dims = shape.dims;
  return out;
}

OwnedValue make_sparse(nb::handle dense_shape, const Element& e) {
  const std::vector<int64_t> dims = dims_from(dense_shape);
  OrtValue* made = nullptr;
  check_plain(g_api->CreateSparseTensorAsOrtValue(default_allocator(), dims.data(), dims.size(), e.code, &made));
  return OwnedValue(made);
}

// The values in the form that the fill functions take: the elements, or pointers to strings that end in null.
struct Elements {
  explicit Elements(nb::handle array) {
    if (!is_array(array)) throw nb::type_error("the values must be a numpy array");
    const Element* e = element_of_dtype(array.attr("dtype"));
    if (!e) throw std::runtime_error("the values have no ONNX type");
    type = e;
    if (e->bits == 0) {
      for (nb::handle s : nb::object(array.attr("ravel")().attr("tolist")())) texts.push_back(text_of(nb::str(s)));
      for (const std::string& t : texts) pointers.push_back(t.c_str());
      data = pointers.data();
    } else {
      tensor = std::make_unique<Value>(tensor_from_array(array));
      check_plain(g_api->GetTensorData(tensor->handle.get(), &data));
    }
    dims = dims_from(array.attr("shape"));
  }
  const Element* type = nullptr;
  const void* data = nullptr;
  std::vector<int64_t> dims;
  std::unique_ptr<Value> tensor;
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
};

Sparse coo(nb::object shape, nb::object values, nb::object given, const Device& device) {
  require_cpu(device, "sparse_coo_from_numpy");
  const Elements v(values);
  const IndexArray at = index_array(given, "int64");
  OwnedValue made = make_sparse(shape, *v.type);
  check_plain(
      g_api->FillSparseTensorCoo(made.get(), cpu_memory(), v.dims.data(), v.dims.size(), v.data, at.data, at.count));
  return {python_value(Value(std::move(made)))};
}

Sparse csr(nb::object shape, nb::object values, nb::object inner, nb::object outer, const Device& device) {
  require_cpu(device, "sparse_csr_from_numpy");
  const Elements v(values);
  const IndexArray in = index_array(inner, "int64"), out = index_array(outer, "int64");
  OwnedValue made = make_sparse(shape, *v.type);
  check_plain(g_api->FillSparseTensorCsr(made.get(), cpu_memory(), v.dims.data(), v.dims.size(), v.data, in.data,
                                         in.count, out.data, out.count));
  return {python_value(Value(std::move(made)))};
}

Sparse blocks(nb::object shape, nb::object values, nb::object given, const Device& device) {
  require_cpu(device, "blocksparse_from_numpy");
  const Elements v(values);
  const IndexArray at = index_array(given, "int32");
  OwnedValue made = make_sparse(shape, *v.type);
  check_plain(g_api->FillSparseTensorBlockSparse(made.get(), cpu_memory(), v.dims.data(), v.dims.size(), v.data,
                                                 at.dims.data(), at.dims.size(),
                                                 reinterpret_cast<const int32_t*>(at.data)));
  return {python_value(Value(std::move(made)))};
}

}  // namespace

std::vector<int64_t> dense_shape_of(const OrtValue* sparse) {
  OrtTensorTypeAndShapeInfo* info = nullptr;
  check_plain(g_api->GetTensorTypeAndShape(sparse, &info));
  return read_info(info).dims;
}

nb::object value_of_sparse(nb::handle sparse) { return as<Sparse>(sparse).value; }

nb::object sparse_of_value(nb::object value) {
  if (kind_of(as<Value>(value).handle.get()) != ONNX_TYPE_SPARSETENSOR)
    throw std::runtime_error("This OrtValue does not contain SparseTensor. Check data_type() method");
  return nb::cast(Sparse{value});
}

void bind_sparse(nb::module_& m) {
  nb::class_<CooView>(m, "SparseCooView").def("indices", [](const CooView& v) {
    return indices(v.of, ORT_SPARSE_COO_INDICES);
  });
  nb::class_<CsrView>(m, "SparseCsrView")
      .def("inner", [](const CsrView& v) { return indices(v.of, ORT_SPARSE_CSR_INNER_INDICES); })
      .def("outer", [](const CsrView& v) { return indices(v.of, ORT_SPARSE_CSR_OUTER_INDICES); });
  nb::class_<BlockView>(m, "SparseBlockSparseView").def("indices", [](const BlockView& v) {
    return indices(v.of, ORT_SPARSE_BLOCK_SPARSE_INDICES);
  });
  nb::class_<Sparse>(m, "SparseTensor")
      .def_static("sparse_coo_from_numpy", coo)
      .def_static("sparse_csr_from_numpy", csr)
      .def_static("blocksparse_from_numpy", blocks)
      .def("values", values)
      .def("get_coo_data",
           [](const Sparse& s) {
             require_format(s, ORT_SPARSE_COO, "COO");
             return CooView{s};
           })
      .def("get_csrc_data",
           [](const Sparse& s) {
             require_format(s, ORT_SPARSE_CSRC, "CSR(C)");
             return CsrView{s};
           })
      .def("get_blocksparse_data",
           [](const Sparse& s) {
             require_format(s, ORT_SPARSE_BLOCK_SPARSE, "BlockSparse");
             return BlockView{s};
           })
      .def("to_cuda",
           [](const Sparse&, const Device&) { throw std::runtime_error("Cuda is not available in this build"); })
      .def("dense_shape",
           [](const Sparse& s) {
             nb::list out;
             for (int64_t d : dense_shape_of(s.handle())) out.append(d);
             return out;
           })
      .def("device_name", [](const Sparse&) { return "cpu"; })
      .def("data_type", [](const Sparse& s) { return type_name_of(s.handle()); })
      .def_prop_ro("format", format_of);
}

}  // namespace sardonyx::python
