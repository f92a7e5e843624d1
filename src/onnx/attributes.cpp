// Importer: attributes of nodes, and what a Constant node holds.
#include "onnx/importer.h"

namespace sardonyx {

using namespace proto;

namespace {

// AttributeProto.AttributeType
enum Kind : int64_t {
  kFloat = 1,
  kInt = 2,
  kString = 3,
  kTensor = 4,
  kGraph = 5,
  kFloats = 6,
  kInts = 7,
  kStrings = 8,
  kTensors = 9,
  kGraphs = 10,
  kSparse = 11,
  kSparses = 12,
  kType = 13,
  kTypes = 14,
};

Result<Tensor> floats_tensor(std::span<const float> v, bool scalar) {
  const int64_t n = static_cast<int64_t>(v.size());
  return Tensor::of<float>(DType::kF32, scalar ? std::span<const int64_t>() : std::span(&n, 1), v);
}

Result<Tensor> strings_tensor(std::span<const View> v, bool scalar) {
  const int64_t n = static_cast<int64_t>(v.size());
  return string_tensor(scalar ? std::span<const int64_t>() : std::span(&n, 1), v);
}

}  // namespace

Result<Tensor> Importer::attr_tensor(const ResolvedAttr& a, View message, bool sparse) {
  const bool in_function = a.written_in->attrs != nullptr;
  if (in_function)
    if (const auto it = function_tensors_.find(message.data()); it != function_tensors_.end()) return it->second;
  auto t =
      sparse ? read_sparse_tensor(read_sparse_msg(message), source_) : read_tensor(read_tensor_msg(message), source_);
  if (!t.ok()) return fail(t.status().code(), "attribute ", quoted(a.msg.name), ": ", t.status().message());
  if (in_function) function_tensors_.emplace(message.data(), *t);
  return t;
}

Result<Attr> Importer::make_attr(ResolvedAttr& a) {
  AttrMsg& m = a.msg;
  std::string name(m.name);
  const auto missing = [&] { return fail(Code::kAttr, "attribute ", quoted(m.name), " has no value"); };
  switch (m.type) {
    case kFloat: return Attr::of_float(std::move(name), m.f);
    case kInt: return Attr::of_int(std::move(name), m.i);
    case kString: return Attr::of_string(std::move(name), std::string(m.s));
    case kFloats: return Attr::of_floats(std::move(name), std::move(m.floats));
    case kInts: return Attr::of_ints(std::move(name), std::move(m.ints));
    case kStrings: return Attr::of_strings(std::move(name), {m.strings.begin(), m.strings.end()});
    case kTensor: {
      if (m.tensors.empty()) return missing();
      SDX_TRY(Tensor t, attr_tensor(a, m.tensors.back(), false));
      return Attr::of_tensor(std::move(name), std::move(t));
    }
    case kSparse: {
      if (m.sparse.empty()) return missing();
      SDX_TRY(Tensor t, attr_tensor(a, m.sparse.back(), true));
      Attr attr = Attr::of_tensor(std::move(name), std::move(t));
      attr.type = AttrType::kSparse;
      return attr;
    }
    case kTensors: {
      Attr attr;
      attr.name = std::move(name), attr.type = AttrType::kTensors;
      for (View message : m.tensors) {
        SDX_TRY(Tensor t, attr_tensor(a, message, false));
        attr.tensors.push_back(std::move(t));
      }
      return attr;
    }
    case kType: {
      if (m.types.empty()) return missing();
      Attr attr;
      attr.name = std::move(name), attr.type = AttrType::kType;
      SDX_TRY(DeclaredType t, read_type(m.types.back()));
      attr.value_type = std::move(t.type);
      return attr;
    }
    case kGraph:
    case kGraphs: return missing();
    default:
      return fail(Code::kAttr, "attribute ", quoted(m.name), " is of kind ", m.type, ", which is not known here");
  }
}

// The tensor that a Constant node stands for.
Result<Tensor> Importer::constant_of(const ResolvedAttr& a) {
  const AttrMsg& m = a.msg;
  const auto is = [&](View name, int64_t kind) { return m.name == name && m.type == kind; };
  if (is("value", kTensor) && !m.tensors.empty()) return attr_tensor(a, m.tensors.back(), false);
  if (is("sparse_value", kSparse) && !m.sparse.empty()) return attr_tensor(a, m.sparse.back(), true);
  if (is("value_int", kInt)) return Tensor::scalar_i64(m.i);
  if (is("value_ints", kInts)) return Tensor::vector_i64(m.ints);
  if (is("value_float", kFloat)) return floats_tensor(std::span(&m.f, 1), true);
  if (is("value_floats", kFloats)) return floats_tensor(m.floats, false);
  if (is("value_string", kString)) return strings_tensor(std::span(&m.s, 1), true);
  if (is("value_strings", kStrings)) return strings_tensor(m.strings, false);
  return fail(Code::kAttr, "attribute ", quoted(m.name), " of kind ", m.type, " gives a constant no value");
}

}  // namespace sardonyx
