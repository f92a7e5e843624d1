// Sparse tensors in every layout, LoRA adapters, containers of packed weights.
#include <cstdio>
#include <cstring>
#include <fstream>

#include "abi/test_op.h"

namespace abi_test::ext {
namespace {

Value sparse(const std::vector<int64_t>& dims, ONNXTensorElementDataType type = kFloat) {
  OrtValue* v = nullptr;
  EXPECT_EQ(text_of(api().CreateSparseTensorAsOrtValue(allocator(), dims.data(), dims.size(), type, &v)), "");
  return Value(v);
}

OrtSparseFormat format_of(const OrtValue* v) {
  OrtSparseFormat f = ORT_SPARSE_UNDEFINED;
  EXPECT_EQ(text_of(api().GetSparseTensorFormat(v, &f)), "");
  return f;
}

std::vector<int64_t> dims_of_info(OrtTensorTypeAndShapeInfo* raw) {
  const TensorTypeAndShapeInfo info(raw);
  size_t rank = 0;
  EXPECT_EQ(text_of(api().GetDimensionsCount(raw, &rank)), "");
  std::vector<int64_t> dims(rank);
  EXPECT_EQ(text_of(api().GetDimensions(raw, dims.data(), rank)), "");
  return dims;
}

std::vector<float> values_of(const OrtValue* v) {
  OrtTensorTypeAndShapeInfo* raw = nullptr;
  EXPECT_EQ(text_of(api().GetSparseTensorValuesTypeAndShape(v, &raw)), "");
  int64_t n = 1;
  for (int64_t d : dims_of_info(raw)) n *= d;
  const void* data = nullptr;
  EXPECT_EQ(text_of(api().GetSparseTensorValues(v, &data)), "");
  return {static_cast<const float*>(data), static_cast<const float*>(data) + n};
}

template <class T>
std::vector<T> indices_of(const OrtValue* v, OrtSparseIndicesFormat which) {
  size_t n = 0;
  const void* data = nullptr;
  EXPECT_EQ(text_of(api().GetSparseTensorIndices(v, which, &n, &data)), "");
  return {static_cast<const T*>(data), static_cast<const T*>(data) + n};
}

TEST(SparseTensor, CooFilled) {
  const Value v = sparse({3, 3});
  int is = 0;
  EXPECT_EQ(text_of(api().IsSparseTensor(v.get(), &is)), "");
  EXPECT_EQ(is, 1);
  EXPECT_EQ(format_of(v.get()), ORT_SPARSE_UNDEFINED);
  EXPECT_EQ(dims_of(v.get()), (std::vector<int64_t>{3, 3}));
  const float values[] = {1, 2};
  const int64_t n[] = {2}, at[] = {1, 5}, wrong[] = {1, 99};
  EXPECT_NE(text_of(api().FillSparseTensorCoo(v.get(), cpu(), n, 1, values, at, 1)), "");
  if (sardonyx()) {
    EXPECT_NE(text_of(api().FillSparseTensorCoo(v.get(), cpu(), n, 1, values, wrong, 2)), "");
  }
  const Value w = sparse({3, 3});
  ASSERT_EQ(text_of(api().FillSparseTensorCoo(w.get(), cpu(), n, 1, values, at, 2)), "");
  EXPECT_EQ(format_of(w.get()), ORT_SPARSE_COO);
  EXPECT_EQ(values_of(w.get()), (std::vector<float>{1, 2}));
  EXPECT_EQ(indices_of<int64_t>(w.get(), ORT_SPARSE_COO_INDICES), (std::vector<int64_t>{1, 5}));
  OrtTensorTypeAndShapeInfo* info = nullptr;
  ASSERT_EQ(text_of(api().GetSparseTensorIndicesTypeShape(w.get(), ORT_SPARSE_COO_INDICES, &info)), "");
  EXPECT_EQ(dims_of_info(info), (std::vector<int64_t>{2}));
  size_t count = 0;
  const void* data = nullptr;
  EXPECT_NE(text_of(api().GetSparseTensorIndices(w.get(), ORT_SPARSE_CSR_INNER_INDICES, &count, &data)), "");
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  EXPECT_EQ(text_of(api().GetValueType(w.get(), &kind)), "");
  EXPECT_EQ(kind, ONNX_TYPE_SPARSETENSOR);
}

TEST(SparseTensor, CooCoordinates) {
  const Value v = sparse({3, 3});
  const float values[] = {1, 2};
  const int64_t n[] = {2}, at[] = {0, 1, 1, 2};
  ASSERT_EQ(text_of(api().FillSparseTensorCoo(v.get(), cpu(), n, 1, values, at, 4)), "");
  EXPECT_EQ(indices_of<int64_t>(v.get(), ORT_SPARSE_COO_INDICES), (std::vector<int64_t>{0, 1, 1, 2}));
  OrtTensorTypeAndShapeInfo* info = nullptr;
  ASSERT_EQ(text_of(api().GetSparseTensorIndicesTypeShape(v.get(), ORT_SPARSE_COO_INDICES, &info)), "");
  EXPECT_EQ(dims_of_info(info), (std::vector<int64_t>{2, 2}));
}

TEST(SparseTensor, CsrFilledAndBorrowed) {
  const float values[] = {1, 2, 3};
  const int64_t n[] = {3};
  int64_t inner[] = {1, 0, 2}, outer[] = {0, 1, 3, 3};
  const Value v = sparse({3, 3});
  ASSERT_EQ(text_of(api().FillSparseTensorCsr(v.get(), cpu(), n, 1, values, inner, 3, outer, 4)), "");
  EXPECT_EQ(format_of(v.get()), ORT_SPARSE_CSRC);
  EXPECT_EQ(indices_of<int64_t>(v.get(), ORT_SPARSE_CSR_INNER_INDICES), (std::vector<int64_t>{1, 0, 2}));
  EXPECT_EQ(indices_of<int64_t>(v.get(), ORT_SPARSE_CSR_OUTER_INDICES), (std::vector<int64_t>{0, 1, 3, 3}));

  float own[] = {4, 5, 6};
  const int64_t dense[] = {3, 3};
  OrtValue* raw = nullptr;
  ASSERT_EQ(text_of(api().CreateSparseTensorWithValuesAsOrtValue(cpu(), own, dense, 2, n, 1, kFloat, &raw)), "");
  const Value w(raw);
  ASSERT_EQ(text_of(api().UseCsrIndices(raw, inner, 3, outer, 4)), "");
  EXPECT_EQ(values_of(raw), (std::vector<float>{4, 5, 6}));
  const void* data = nullptr;
  EXPECT_EQ(text_of(api().GetSparseTensorValues(raw, &data)), "");
  EXPECT_EQ(data, own);
  size_t count = 0;
  EXPECT_EQ(text_of(api().GetSparseTensorIndices(raw, ORT_SPARSE_CSR_OUTER_INDICES, &count, &data)), "");
  EXPECT_EQ(data, outer);
}

TEST(SparseTensor, BlockSparse) {
  // Two blocks of 2 x 2 in a 4 x 4 tensor.
  const float values[] = {1, 2, 3, 4, 5, 6, 7, 8};
  const int64_t shape[] = {2, 2, 2}, at_shape[] = {2, 2};
  const int32_t at[] = {0, 1, 0, 1};
  const Value v = sparse({4, 4});
  ASSERT_EQ(text_of(api().FillSparseTensorBlockSparse(v.get(), cpu(), shape, 3, values, at_shape, 2, at)), "");
  EXPECT_EQ(format_of(v.get()), ORT_SPARSE_BLOCK_SPARSE);
  EXPECT_EQ(values_of(v.get()).size(), 8u);
  EXPECT_EQ(indices_of<int32_t>(v.get(), ORT_SPARSE_BLOCK_SPARSE_INDICES), (std::vector<int32_t>{0, 1, 0, 1}));
}

TEST(SparseTensor, CooBorrowedAndStrings) {
  float own[] = {4, 5};
  int64_t at[] = {0, 8};
  const int64_t dense[] = {9}, n[] = {2};
  OrtValue* raw = nullptr;
  ASSERT_EQ(text_of(api().CreateSparseTensorWithValuesAsOrtValue(cpu(), own, dense, 1, n, 1, kFloat, &raw)), "");
  const Value v(raw);
  ASSERT_EQ(text_of(api().UseCooIndices(raw, at, 2)), "");
  EXPECT_EQ(indices_of<int64_t>(raw, ORT_SPARSE_COO_INDICES), (std::vector<int64_t>{0, 8}));

  const Value s = sparse({9}, kString);
  const char* texts[] = {"one", "two and more"};
  ASSERT_EQ(text_of(api().FillSparseTensorCoo(s.get(), cpu(), n, 1, texts, at, 2)), "");
  size_t length = 0;
  EXPECT_EQ(text_of(api().GetStringTensorElementLength(s.get(), 1, &length)), "");
  EXPECT_EQ(length, 12u);
  EXPECT_EQ(text_of(api().GetStringTensorDataLength(s.get(), &length)), "");
  EXPECT_EQ(length, 15u);
}

TEST(SparseTensor, TensorsAreNone) {
  const Value v = tensor<float>({1}, {1});
  int is = 1;
  EXPECT_EQ(text_of(api().IsSparseTensor(v.get(), &is)), "");
  EXPECT_EQ(is, 0);
  OrtSparseFormat f = ORT_SPARSE_COO;
  EXPECT_NE(text_of(api().GetSparseTensorFormat(v.get(), &f)), "");
}

TEST(Lora, ParametersTakeThePlaceOfInitializers) {
  ModelText m;
  m.opset("", 17).input("x", 1, {2}).input("w", 1, {2}).output("y", 1, {2}).initializer("w", {2}, {1, 2});
  m.node("", "Add", {"x", "w"}, {"y"});
  const SessionOptions options = make_options();
  const Session s = open(m.bytes(), options.get());
  ASSERT_TRUE(s);
  const std::string bytes = adapter_bytes(), path = testing::TempDir() + "abi_ext.onnx_adapter";
  std::ofstream(path, std::ios::binary) << bytes;
  OrtLoraAdapter *from_array = nullptr, *from_file = nullptr;
  ASSERT_EQ(text_of(api().CreateLoraAdapterFromArray(bytes.data(), bytes.size(), nullptr, &from_array)), "");
  ASSERT_EQ(text_of(api().CreateLoraAdapter(path.c_str(), nullptr, &from_file)), "");
  const Value x = tensor<float>({2}, {0, 1});
  const auto plain = run(s.get(), {{"x", x.get()}}, {"y"});
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_EQ(elements<float>(plain[0].get()), (std::vector<float>{1, 3}));
  for (OrtLoraAdapter* adapter : {from_array, from_file}) {
    OrtRunOptions* raw = nullptr;
    ASSERT_EQ(text_of(api().CreateRunOptions(&raw)), "");
    const RunOptions run_options(raw);
    ASSERT_EQ(text_of(api().RunOptionsAddActiveLoraAdapter(raw, adapter)), "");
    const auto out = run(s.get(), {{"x", x.get()}}, {"y"}, nullptr, raw);
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{100, 201}));
  }
  api().ReleaseLoraAdapter(from_array);
  api().ReleaseLoraAdapter(from_file);
  std::remove(path.c_str());
}

TEST(Lora, FilesThatAreNotAdapters) {
  OrtLoraAdapter* a = nullptr;
  EXPECT_NE(text_of(api().CreateLoraAdapter("/no/such.onnx_adapter", nullptr, &a)), "");
  EXPECT_NE(text_of(api().CreateLoraAdapterFromArray("garbage", 7, nullptr, &a)), "");
  const std::string other = adapter_bytes(2);
  EXPECT_NE(text_of(api().CreateLoraAdapterFromArray(other.data(), other.size(), nullptr, &a)), "");
  if (!sardonyx()) return;  // ONNX Runtime trusts much of what looks like an adapter
  const std::string whole = adapter_bytes();
  for (size_t n = 0; n < whole.size(); ++n)
    EXPECT_NE(text_of(api().CreateLoraAdapterFromArray(whole.data(), n, nullptr, &a)), "") << n << " bytes";
  for (size_t at = 0; at < whole.size(); ++at)
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = whole;
      bad[at] = static_cast<char>(bad[at] ^ 1 << bit);
      if (OrtStatus* s = api().CreateLoraAdapterFromArray(bad.data(), bad.size(), nullptr, &a))
        api().ReleaseStatus(s);
      else
        api().ReleaseLoraAdapter(a);
    }
  const std::string text = adapter_bytes(1, 8);
  EXPECT_NE(text_of(api().CreateLoraAdapterFromArray(text.data(), text.size(), nullptr, &a)), "");
}

TEST(PrepackedWeights, ContainerServesSeveralSessions) {
  OrtPrepackedWeightsContainer* container = nullptr;
  ASSERT_EQ(text_of(api().CreatePrepackedWeightsContainer(&container)), "");
  ModelText m;
  m.opset("", 17).input("x", 1, {1, 4}).output("y", 1, {1, 4}).initializer("w", {4, 4}, std::vector<float>(16, 1));
  m.node("", "MatMul", {"x", "w"}, {"y"});
  const std::string bytes = m.bytes();
  const SessionOptions options = make_options();
  for (int i = 0; i < 2; ++i) {
    OrtSession* raw = nullptr;
    ASSERT_EQ(text_of(api().CreateSessionFromArrayWithPrepackedWeightsContainer(env(), bytes.data(), bytes.size(),
                                                                                options.get(), container, &raw)),
              "");
    const Session s(raw);
    const Value x = tensor<float>({1, 4}, {1, 2, 3, 4});
    const auto out = run(s.get(), {{"x", x.get()}}, {"y"});
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(elements<float>(out[0].get()), (std::vector<float>{10, 10, 10, 10}));
  }
  api().ReleasePrepackedWeightsContainer(container);
}

}  // namespace
}  // namespace abi_test::ext
