// Calls that are well-formed but wrong: the same codes and first lines as ONNX Runtime.
#include "abi/abi.h"

namespace abi_test {
namespace {

const std::vector<float> kOnes(6, 1);

TEST(BadInput, NamesOfARun) {
  const Session s = open(add_model());
  const Value x = floats({2, 3}, kOnes), zeros = floats({2, 3}, std::vector<float>(6));
  std::vector<Value> out;
  ABI_FAILS(run(s.get(), {{"", x.get()}, {"y", x.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "input name cannot be empty");
  ABI_FAILS(run(s.get(), {{"x", x.get()}, {"y", x.get()}}, {""}, out), ORT_INVALID_ARGUMENT,
            "output name cannot be empty");
  EXPECT_EQ(take(run(s.get(), {}, {"z"}, out)).code, ORT_FAIL);
  // The last of two values for an input counts; an output may be asked for twice.
  ABI_OK(run(s.get(), {{"x", x.get()}, {"x", zeros.get()}, {"y", x.get()}}, {"z"}, out));
  EXPECT_EQ(contents<float>(out[0].get()), kOnes);
  ABI_OK(run(s.get(), {{"x", x.get()}, {"y", x.get()}}, {"z", "z"}, out));
  EXPECT_NE(out[0], out[1]);
  EXPECT_EQ(contents<float>(out[0].get()), contents<float>(out[1].get()));
}

TEST(BadInput, OutputsOutliveTheirSession) {
  Session s = open(add_model());
  const Value x = floats({2, 3}, kOnes);
  const Value z = run_one(s.get(), {{"x", x.get()}, {"y", x.get()}}, "z");
  s.reset();
  EXPECT_EQ(contents<float>(z.get()), std::vector<float>(6, 2));
}

TEST(BadInput, BindingsTwiceAndUnknown) {
  const Session s = open(add_model());
  OrtIoBinding* raw = nullptr;
  ABI_OK(api().CreateIoBinding(s.get(), &raw));
  const Binding b(raw);
  const Value x = floats({2, 3}, kOnes), first = floats({2, 3}, std::vector<float>(6)),
              second = floats({2, 3}, std::vector<float>(6)), small = floats({1, 3}, {0, 0, 0});
  ABI_FAILS(api().RunWithBinding(s.get(), nullptr, raw), ORT_INVALID_ARGUMENT,
            "At least one output should be requested.");
  ABI_FAILS(api().BindInput(raw, "nope", x.get()), ORT_FAIL, "Failed to find input name in the mapping: nope");
  ABI_OK(api().BindOutput(raw, "nope", x.get()));
  ABI_FAILS(api().RunWithBinding(s.get(), nullptr, raw), ORT_INVALID_ARGUMENT, "Invalid output name: nope");
  api().ClearBoundInputs(raw), api().ClearBoundOutputs(raw);
  ABI_OK(api().BindInput(raw, "x", first.get()));
  ABI_OK(api().BindInput(raw, "x", x.get()));
  ABI_OK(api().BindInput(raw, "y", x.get()));
  ABI_OK(api().BindOutput(raw, "z", first.get()));
  ABI_OK(api().BindOutput(raw, "z", second.get()));
  ABI_OK(api().RunWithBinding(s.get(), nullptr, raw));
  EXPECT_EQ(contents<float>(first.get()), std::vector<float>(6));
  EXPECT_EQ(contents<float>(second.get()), std::vector<float>(6, 2));
  ABI_OK(api().BindOutput(raw, "z", small.get()));
  EXPECT_EQ(take(api().RunWithBinding(s.get(), nullptr, raw)).code, ORT_INVALID_ARGUMENT);
  ABI_OK(api().BindOutput(raw, "z", x.get()));  // over its own inputs
  ABI_OK(api().RunWithBinding(s.get(), nullptr, raw));
  EXPECT_EQ(contents<float>(x.get()), std::vector<float>(6, 2));
}

TEST(BadInput, SizesOfTexts) {
  const Value s = strings({2}, {"a", "b"}), x = floats({2}, {1, 2});
  char text[8];
  size_t n = 0, starts[2];
  const char* one[] = {"a"};
  ABI_FAILS(api().GetStringTensorContent(s.get(), text, 1, starts, 2), ORT_FAIL, "output buffer is too small. Use Get");
  ABI_FAILS(api().GetStringTensorContent(s.get(), text, 2, starts, 1), ORT_FAIL,
            "offsets buffer is not equal to tensor size");
  ABI_FAILS(api().GetStringTensorElement(s.get(), 1, 5, text), ORT_INVALID_ARGUMENT, "element index is out of bounds");
  ABI_FAILS(api().GetStringTensorElement(s.get(), 0, 0, text), ORT_FAIL, "buffer size is too small for string element");
  ABI_FAILS(api().FillStringTensor(s.get(), one, 1), ORT_INVALID_ARGUMENT, "input array doesn't equal tensor size");
  ABI_FAILS(api().FillStringTensorElement(s.get(), "q", 2), ORT_INVALID_ARGUMENT, "element index is out of bounds");
  EXPECT_EQ(take(api().FillStringTensor(x.get(), one, 1)).code, ORT_FAIL);
  EXPECT_EQ(take(api().GetStringTensorDataLength(x.get(), &n)).code, ORT_FAIL);
}

TEST(BadInput, ExtentsAndPositions) {
  const int64_t negative[] = {-1, 3}, huge[] = {INT64_MAX, 2}, before[] = {-1, 0}, deep[] = {0, 0, 0};
  char memory[100];
  void* at = nullptr;
  OrtValue* v = nullptr;
  const auto make_over = [&](const int64_t* dims, ONNXTensorElementDataType type) {
    return api().CreateTensorWithDataAsOrtValue(cpu(), memory, sizeof memory, dims, 2, type, &v);
  };
  ABI_FAILS(make_over(negative, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT), ORT_INVALID_ARGUMENT,
            "tried creating tensor with negative value in shape");
  EXPECT_NE(take(make_over(huge, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)).code, ORT_OK);
  ABI_FAILS(make_over(deep, ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED), ORT_NOT_IMPLEMENTED,
            "tensor type 0 is not supported");
  for (const int64_t* dims : {negative, huge})
    EXPECT_NE(take(api().CreateTensorAsOrtValue(allocator(), dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v)).code,
              ORT_OK);
  EXPECT_EQ(v, nullptr);
  const Value x = floats({2, 3}, kOnes), s = strings({2}, {"a", "b"});
  ABI_FAILS(api().TensorAt(x.get(), before, 2, &at), ORT_INVALID_ARGUMENT, "invalid location range");
  ABI_FAILS(api().TensorAt(x.get(), deep, 3, &at), ORT_INVALID_ARGUMENT, "location dimensions do not match shape size");
  ABI_FAILS(api().TensorAt(s.get(), deep, 1, &at), ORT_INVALID_ARGUMENT, "this API does not support strings");
}

TEST(BadInput, PartsOfContainers) {
  const Value x = floats({2, 3}, kOnes), s = strings({2}, {"a", "b"});
  const OrtValue *mixed[] = {x.get(), s.get()}, *same[] = {x.get(), x.get()};
  OrtValue *v = nullptr, *part = nullptr;
  size_t n = 0;
  ABI_FAILS(api().CreateValue(mixed, 2, ONNX_TYPE_SEQUENCE, &v), ORT_FAIL,
            "Sequences must have tensors of the same data type.");
  ABI_FAILS(api().CreateValue(mixed, 1, ONNX_TYPE_MAP, &v), ORT_FAIL, "For map type num_values MUST be 2");
  EXPECT_EQ(take(api().CreateValue(mixed, 2, ONNX_TYPE_MAP, &v)).code, ORT_FAIL);
  ABI_FAILS(api().CreateValue(same, 0, ONNX_TYPE_SEQUENCE, &v), ORT_FAIL, "Number of values should be at least 1.");
  ABI_FAILS(api().CreateValue(same, 1, ONNX_TYPE_OPAQUE, &v), ORT_FAIL, "Input is not of type sequence or map.");
  ABI_OK(api().CreateValue(same, 2, ONNX_TYPE_SEQUENCE, &v));
  const Value sequence(v);
  for (int i : {2, -1}) EXPECT_EQ(take(api().GetValue(v, i, allocator(), &part)).code, ORT_FAIL);
  ABI_FAILS(api().GetValue(x.get(), 0, allocator(), &part), ORT_FAIL, "Input is not of type sequence or map.");
  ABI_FAILS(api().GetValueCount(x.get(), &n), ORT_FAIL, "Input is not of type sequence or map.");
  OrtTensorTypeAndShapeInfo* info = nullptr;
  EXPECT_EQ(take(api().GetTensorTypeAndShape(v, &info)).code, ORT_FAIL);
  EXPECT_EQ(part, nullptr);
}

TEST(BadInput, PositionsOfASession) {
  const Session s = open(relu_model());
  char* name = nullptr;
  OrtTypeInfo* type = nullptr;
  ABI_FAILS(api().SessionGetInputName(s.get(), 9, allocator(), &name), ORT_FAIL, "index out of range");
  ABI_FAILS(api().SessionGetOverridableInitializerName(s.get(), 0, allocator(), &name), ORT_FAIL, "index out of range");
  ABI_FAILS(api().SessionGetOutputTypeInfo(s.get(), 9, &type), ORT_FAIL, "out of index");
  EXPECT_EQ(name, nullptr);
}

// What belongs to something else is released with it.
TEST(BadInput, ReleasingPartsDoesNothing) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime crashes";
  const Session s = open(relu_model());
  OrtTypeInfo* type = nullptr;
  ABI_OK(api().SessionGetInputTypeInfo(s.get(), 0, &type));
  const TypeInfo owner(type);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  ABI_OK(api().CastTypeInfoToTensorInfo(type, &tensor));
  api().ReleaseTensorTypeAndShapeInfo(const_cast<OrtTensorTypeAndShapeInfo*>(tensor));
  size_t rank = 0;
  ABI_OK(api().GetDimensionsCount(tensor, &rank));
  EXPECT_EQ(rank, 2u);
}

}  // namespace
}  // namespace abi_test
