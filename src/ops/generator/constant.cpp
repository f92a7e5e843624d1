// Constant: a value from the model itself. Readers turn it into a constant; a node that is left has the constant as its
// fact.
#include <algorithm>
#include <string>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"

namespace sardonyx {
namespace {

constexpr TypeVar kAnyT[] = {{"T", kAnyType}};
constexpr ParamDef kOut[] = {{"output", "T"}};
constexpr AttrDef kAttrs[] = {
    attr_optional("sparse_value", AttrType::kSparse), attr_optional("value", AttrType::kTensor),
    attr_optional("value_float", AttrType::kFloat),   attr_optional("value_floats", AttrType::kFloats),
    attr_optional("value_int", AttrType::kInt),       attr_optional("value_ints", AttrType::kInts),
    attr_optional("value_string", AttrType::kString), attr_optional("value_strings", AttrType::kStrings)};

template <class T>
Result<Tensor> list(DType t, std::span<const T> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  return Tensor::of<T>(t, {&n, 1}, values);
}

Result<Tensor> strings(std::span<const int64_t> dims, std::span<const std::string> values) {
  SDX_TRY(Tensor t, Tensor::make(DType::kString, dims));
  std::copy(values.begin(), values.end(), t.strings().begin());
  return t;
}

Result<Tensor> tensor_of(const Attr& a) {
  switch (a.type) {
    case AttrType::kInt: return Tensor::scalar_i64(a.i);
    case AttrType::kInts: return Tensor::vector_i64(a.ints);
    case AttrType::kFloat: return Tensor::of<float>(DType::kF32, {}, {&a.f, 1});
    case AttrType::kFloats: return list<float>(DType::kF32, a.floats);
    case AttrType::kString: return strings({}, {&a.s, 1});
    case AttrType::kStrings: {
      const int64_t n = static_cast<int64_t>(a.strings.size());
      return strings({&n, 1}, a.strings);
    }
    default: break;
  }
  if (!a.tensor.valid()) return fail(Code::kAttr, "attribute ", quoted(a.name), " holds no tensor");
  return a.tensor;
}

Status infer(InferCtx& c) {
  if (c.node().attrs.size() != 1)
    return fail(Code::kAttr, c.node().attrs.size(), " attributes are given, expected exactly one that holds the value");
  SDX_TRY(const Tensor t, tensor_of(c.node().attrs[0]));
  c.out(0) = Fact::of(t);
  return {};
}

}  // namespace

SDX_OP(Constant) = {.name = "Constant", .since = 25, .types = kAnyT, .outputs = kOut, .attrs = kAttrs, .infer = infer};

}  // namespace sardonyx
