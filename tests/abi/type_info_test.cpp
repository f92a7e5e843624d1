// Types of inputs, outputs and values.
#include "abi/abi.h"

namespace abi_test {
namespace {

struct Shown {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  int elem = -1;
  bool has_shape = false;
  Shape dims;
  std::vector<std::string> names;
};

Shown tensor_part(const OrtTypeInfo* info) {
  Shown s;
  EXPECT_EQ(take(api().GetOnnxTypeFromTypeInfo(info, &s.kind)).text, "");
  const OrtTensorTypeAndShapeInfo* t = nullptr;
  EXPECT_EQ(take(api().CastTypeInfoToTensorInfo(info, &t)).text, "");
  if (t == nullptr) return s;
  ONNXTensorElementDataType elem = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  EXPECT_EQ(take(api().GetTensorElementType(t, &elem)).text, "");
  s.elem = elem;
  s.has_shape = api().TensorTypeAndShape_HasShape(t);
  size_t rank = 0;
  EXPECT_EQ(take(api().GetDimensionsCount(t, &rank)).text, "");
  s.dims.resize(rank);
  EXPECT_EQ(take(api().GetDimensions(t, s.dims.data(), rank)).text, "");
  std::vector<const char*> names(rank);
  EXPECT_EQ(take(api().GetSymbolicDimensions(t, names.data(), rank)).text, "");
  s.names.assign(names.begin(), names.end());
  return s;
}

TypeInfo input_type(const OrtSession* s, size_t i) {
  OrtTypeInfo* raw = nullptr;
  EXPECT_EQ(take(api().SessionGetInputTypeInfo(s, i, &raw)).text, "");
  return TypeInfo(raw);
}
TypeInfo output_type(const OrtSession* s, size_t i) {
  OrtTypeInfo* raw = nullptr;
  EXPECT_EQ(take(api().SessionGetOutputTypeInfo(s, i, &raw)).text, "");
  return TypeInfo(raw);
}

TEST(TypeInfo, TensorsWithSymbols) {
  const Session s = open(add_model());
  const Shown x = tensor_part(input_type(s.get(), 0).get()), y = tensor_part(input_type(s.get(), 1).get());
  EXPECT_EQ(x.kind, ONNX_TYPE_TENSOR);
  EXPECT_EQ(x.elem, kFloat);
  EXPECT_TRUE(x.has_shape);
  EXPECT_EQ(x.dims, (Shape{-1, 3}));
  EXPECT_EQ(x.names, (std::vector<std::string>{"N", ""}));
  EXPECT_EQ(y.names, (std::vector<std::string>{"", ""}));
  EXPECT_EQ(tensor_part(output_type(s.get(), 0).get()).names, (std::vector<std::string>{"N", ""}));
}

TEST(TypeInfo, OddNamesOfExtentsAreKept) {
  const Session s = open(model(node("Relu", {"x"}, {"y"}) + input("x", tensor_type(kFloat, {"past length + 1", "?"})) +
                               output("y", tensor_type(kFloat, {"rows", "cols"}))));
  EXPECT_EQ(tensor_part(input_type(s.get(), 0).get()).names, (std::vector<std::string>{"past length + 1", "?"}));
  EXPECT_EQ(tensor_part(output_type(s.get(), 0).get()).names, (std::vector<std::string>{"rows", "cols"}));
}

TEST(TypeInfo, UnknownRankAndInferredExtents) {
  const Session s = open(model(node("Relu", {"x"}, {"y"}) + node("Shape", {"x"}, {"n"}) + node("Relu", {"f"}, {"g"}) +
                               input("x", unranked_type(kFloat)) + input("f", tensor_type(kFloat, {2, "N"})) +
                               output("y", unranked_type(kFloat)) + output("n", tensor_type(kInt64, {"r"})) +
                               output("g", unranked_type(kFloat))));
  EXPECT_FALSE(tensor_part(input_type(s.get(), 0).get()).has_shape);
  EXPECT_EQ(tensor_part(output_type(s.get(), 1).get()).dims.size(), 1u);
  const Shown g = tensor_part(output_type(s.get(), 2).get());
  EXPECT_EQ(g.dims, (Shape{2, -1}));
  EXPECT_EQ(g.names, (std::vector<std::string>{"", "N"}));
}

TEST(TypeInfo, ContainersAndOptionals) {
  const Text seq = sequence_type(unranked_type(kInt64)), opt = optional_type(tensor_type(kFloat, {2}));
  const Text maps = sequence_type(map_type(kString, unranked_type(kFloat)));
  const Session s =
      open(model(node("Identity", {"s"}, {"t"}) + node("Identity", {"o"}, {"p"}) +
                 node("ZipMap", {"x"}, {"m"}, domain("ai.onnx.ml") + strings_attr("classlabels_strings", {"a", "b"})) +
                 input("s", seq) + input("o", opt) + input("x", tensor_type(kFloat, {"N", 2})) + output("t", seq) +
                 output("p", opt) + output("m", maps)));
  const TypeInfo a = input_type(s.get(), 0), b = input_type(s.get(), 1), c = output_type(s.get(), 2);
  const OrtSequenceTypeInfo* sequence = nullptr;
  ABI_OK(api().CastTypeInfoToSequenceTypeInfo(a.get(), &sequence));
  ASSERT_NE(sequence, nullptr);
  OrtTypeInfo* raw = nullptr;
  ABI_OK(api().GetSequenceElementType(sequence, &raw));
  const TypeInfo element(raw);
  EXPECT_EQ(tensor_part(raw).elem, kInt64);
  const OrtOptionalTypeInfo* optional = nullptr;
  ABI_OK(api().CastTypeInfoToOptionalTypeInfo(b.get(), &optional));
  ASSERT_NE(optional, nullptr);
  ABI_OK(api().GetOptionalContainedTypeInfo(optional, &raw));
  const TypeInfo contained(raw);
  EXPECT_EQ(tensor_part(raw).kind, ONNX_TYPE_TENSOR);
  ABI_OK(api().CastTypeInfoToSequenceTypeInfo(c.get(), &sequence));
  ASSERT_NE(sequence, nullptr);
  ABI_OK(api().GetSequenceElementType(sequence, &raw));
  const TypeInfo map(raw);
  const OrtMapTypeInfo* m = nullptr;
  ABI_OK(api().CastTypeInfoToMapTypeInfo(raw, &m));
  ASSERT_NE(m, nullptr);
  ONNXTensorElementDataType key = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ABI_OK(api().GetMapKeyType(m, &key));
  EXPECT_EQ(key, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING);
  ABI_OK(api().GetMapValueType(m, &raw));
  const TypeInfo value(raw);
  EXPECT_EQ(tensor_part(raw).elem, kFloat);
  const OrtTensorTypeAndShapeInfo* none = nullptr;
  ABI_OK(api().CastTypeInfoToTensorInfo(a.get(), &none));
  EXPECT_EQ(none, nullptr);
  ABI_OK(api().CastTypeInfoToMapTypeInfo(a.get(), &m));
  EXPECT_EQ(m, nullptr);
}

TEST(TypeInfo, Denotations) {
  const Text type = tensor_type(kFloat, {1}) + text(6, "IMAGE");
  const Session s = open(model(node("Relu", {"x"}, {"y"}) + input("x", type) + output("y", tensor_type(kFloat, {1}))));
  const char* text = nullptr;
  size_t n = 0;
  ABI_OK(api().GetDenotationFromTypeInfo(input_type(s.get(), 0).get(), &text, &n));
  EXPECT_EQ(n, 5u);
  ABI_OK(api().GetDenotationFromTypeInfo(output_type(s.get(), 0).get(), &text, &n));
  EXPECT_EQ(n, 0u);
}

TEST(TypeInfo, OfValues) {
  const Value v = floats({2, 3}, std::vector<float>(6));
  OrtTypeInfo* raw = nullptr;
  ABI_OK(api().GetTypeInfo(v.get(), &raw));
  const TypeInfo own(raw);
  EXPECT_EQ(tensor_part(raw).dims, (Shape{2, 3}));
  const OrtValue* in[] = {v.get()};
  OrtValue* s = nullptr;
  ABI_OK(api().CreateValue(in, 1, ONNX_TYPE_SEQUENCE, &s));
  const Value seq(s);
  ABI_OK(api().GetTypeInfo(s, &raw));
  const TypeInfo of_seq(raw);
  EXPECT_EQ(tensor_part(raw).kind, ONNX_TYPE_SEQUENCE);
}

TEST(TensorInfo, MadeByTheCaller) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  ABI_OK(api().CreateTensorTypeAndShapeInfo(&raw));
  const TensorInfo own(raw);
  EXPECT_FALSE(api().TensorTypeAndShape_HasShape(raw));
  ABI_OK(api().SetTensorElementType(raw, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2));
  ONNXTensorElementDataType elem = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  ABI_OK(api().GetTensorElementType(raw, &elem));
  EXPECT_EQ(elem, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT2);
  const int64_t dims[] = {2, 5};
  ABI_OK(api().SetDimensions(raw, dims, 2));
  EXPECT_TRUE(api().TensorTypeAndShape_HasShape(raw));
  size_t n = 0;
  ABI_OK(api().GetTensorShapeElementCount(raw, &n));
  EXPECT_EQ(n, 10u);
  int64_t read[4] = {9, 9, 9, 9};
  ABI_OK(api().GetDimensions(raw, read, 1));
  EXPECT_EQ(read[0], 2);
  EXPECT_EQ(read[1], 9);
  ABI_OK(api().GetDimensions(raw, read, 4));
  EXPECT_EQ(read[2], 9);
  const char* names[] = {"N", "M"};
  ABI_OK(api().SetSymbolicDimensions(raw, names, 2));
  const char* got[2] = {};
  ABI_OK(api().GetSymbolicDimensions(raw, got, 2));
  EXPECT_STREQ(got[1], "M");
  const int64_t symbolic[] = {2, -1};
  ABI_OK(api().SetDimensions(raw, symbolic, 2));
  EXPECT_EQ(take(api().GetTensorShapeElementCount(raw, &n)).code, ORT_FAIL);
  ABI_NULL(api().SetDimensions(raw, nullptr, 2), "dim_values");
  ABI_NULL(api().GetTensorElementType(nullptr, &elem), "info");
}

}  // namespace
}  // namespace abi_test
