// Tensors in every encoding of the format, and where their bytes lie.
#include <gtest/gtest.h>

#include "onnx/guard.h"
#include "onnx/tensor_reader.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

Result<Tensor> read(const Text& message, BufferPtr shared = nullptr) {
  return guarded([&]() -> Result<Tensor> {
    TensorSource source;
    source.file = std::move(shared);
    return read_tensor(proto::read_tensor_msg(message), source);
  });
}
std::string error_of(const Text& message) {
  auto t = read(message);
  return t.ok() ? "no error" : t.status().to_string();
}

template <class T>
void expect_values(const Text& message, std::vector<T> expected) {
  auto t = read(message);
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  ASSERT_EQ(t->bytes(), expected.size() * sizeof(T));
  EXPECT_EQ(std::memcmp(t->data(), expected.data(), t->bytes()), 0);
}

TEST(OnnxTensor, RawDataOfEveryType) {
  for (int number = 1; number < kDTypeCount; ++number) {
    const DType type = static_cast<DType>(number);
    if (type == DType::kString) continue;
    const size_t bytes = storage_bytes(type, 3);
    std::string contents(bytes, '\1');
    auto t = read(tensor(type, {3}) + raw(contents));
    ASSERT_TRUE(t.ok()) << dtype_name(type) << ": " << t.status().to_string();
    EXPECT_EQ(std::string_view(t->as<char>(), bytes), contents) << dtype_name(type);
    EXPECT_FALSE(read(tensor(type, {3}) + raw(contents + '\1')).ok()) << dtype_name(type);
    EXPECT_FALSE(read(tensor(type, {3}) + raw(contents.substr(1))).ok()) << dtype_name(type);
    EXPECT_FALSE(read(tensor(type, {3})).ok()) << dtype_name(type);
    auto empty = read(tensor(type, {0, 3}));
    ASSERT_TRUE(empty.ok()) << dtype_name(type);
    EXPECT_EQ(empty->count(), 0);
  }
}

TEST(OnnxTensor, TypedDataPackedAndNot) {
  expect_values<float>(tensor(DType::kF32, {2}) + text(4, bytes_of<float>({1, 2})), {1, 2});
  expect_values<float>(tensor(DType::kF32, {3}) + real(4, 1) + text(4, bytes_of<float>({2, 3})), {1, 2, 3});
  expect_values<float>(tensor(DType::kC64, {1}) + text(4, bytes_of<float>({1, 2})), {1, 2});
  expect_values<double>(tensor(DType::kF64, {2}) + text(10, bytes_of<double>({1, 2})), {1, 2});
  expect_values<double>(tensor(DType::kC128, {1}) + text(10, bytes_of<double>({1, 2})), {1, 2});
  expect_values<int32_t>(tensor(DType::kI32, {3}) + text(5, varints({1, -2})) + number(5, INT32_MIN),
                         {1, -2, INT32_MIN});
  expect_values<int32_t>(tensor(DType::kI32, {1}) + text(5, varints({0xffffffff})), {-1});
  expect_values<int16_t>(tensor(DType::kI16, {2}) + text(5, varints({-5, 32767})), {-5, 32767});
  expect_values<int8_t>(tensor(DType::kI8, {2}) + text(5, varints({-128, 127})), {-128, 127});
  expect_values<uint16_t>(tensor(DType::kU16, {1}) + text(5, varints({65535})), {65535});
  expect_values<uint8_t>(tensor(DType::kU8, {1}) + text(5, varints({255})), {255});
  expect_values<uint8_t>(tensor(DType::kBool, {3}) + text(5, varints({0, 1, 7})), {0, 1, 1});
  expect_values<uint16_t>(tensor(DType::kF16, {2}) + text(5, varints({0x3c00, 0xbc00})), {0x3c00, 0xbc00});
  expect_values<uint16_t>(tensor(DType::kBF16, {1}) + text(5, varints({0x3f80})), {0x3f80});
  expect_values<uint8_t>(tensor(DType::kF8E4M3FN, {2}) + text(5, varints({0x38, 0xb8})), {0x38, 0xb8});
  expect_values<uint8_t>(tensor(DType::kF8E8M0, {1}) + text(5, varints({127})), {127});
  expect_values<int64_t>(tensor(DType::kI64, {2}) + text(7, varints({INT64_MIN, 3})), {INT64_MIN, 3});
  expect_values<uint64_t>(tensor(DType::kU64, {1}) + text(11, varints({-1})), {UINT64_MAX});
  expect_values<uint32_t>(tensor(DType::kU32, {1}) + text(11, varints({0xffffffff})), {UINT32_MAX});
  // One number of int32_data is one byte of packed elements.
  expect_values<uint8_t>(tensor(DType::kU4, {3}) + text(5, varints({0x21, 0x03})), {0x21, 0x03});
  expect_values<uint8_t>(tensor(DType::kI4, {2}) + text(5, varints({0xf8})), {0xf8});
  expect_values<uint8_t>(tensor(DType::kF4E2M1, {1}) + text(5, varints({0x0f})), {0x0f});
  expect_values<uint8_t>(tensor(DType::kU2, {5}) + text(5, varints({0xe4, 0x01})), {0xe4, 0x01});
  expect_values<uint8_t>(tensor(DType::kI2, {4}) + text(5, varints({0xe4})), {0xe4});
}

TEST(OnnxTensor, ExtentsMayBePacked) {
  auto t = read(text(1, varints({2, 3})) + number(2, 3) + raw("abcdef"));
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(to_string(t->dims()), "[2,3]");
}

TEST(OnnxTensor, Strings) {
  auto t = read(tensor(DType::kString, {2}) + text(6, "a") + text(6, std::string_view("b\0c", 3)));
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(t->strings()[1], std::string_view("b\0c", 3));
  EXPECT_EQ(error_of(tensor(DType::kString, {3}) + text(6, "a")),
            "SDX_E_PROTO holds 1 strings, its extents [3] need 3");
  EXPECT_FALSE(read(tensor(DType::kString, {1}) + raw("a")).ok());
}

TEST(OnnxTensor, WrongSizesAreRefused) {
  EXPECT_EQ(error_of(tensor(DType::kF32, {2, 2}) + text(4, bytes_of<float>({1, 2}))),
            "SDX_E_PROTO holds 2 elements, its extents [2,2] need 4");
  EXPECT_EQ(error_of(tensor(DType::kU8, {1}) + text(5, varints({256}))),
            "SDX_E_PROTO the value 256 does not fit uint8");
  EXPECT_EQ(error_of(tensor(DType::kU32, {1}) + text(11, varints({-1}))),
            "SDX_E_PROTO the value -1 does not fit uint32");
  EXPECT_EQ(error_of(tensor(static_cast<DType>(99), {1}) + raw("a")), "SDX_E_TYPE element type number 99 is not known");
  EXPECT_NE(error_of(tensor(DType::kF32, {-1})).find("SDX_E_SHAPE"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF32, {INT64_MAX, INT64_MAX, 0})).find("SDX_E_SHAPE"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF64, {INT64_MAX / 4})).find("SDX_E_SHAPE"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF32, {int64_t{1} << 40}) + raw("abcd")).find("SDX_E_PROTO"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF32, {1}) + text(4, "abc")).find("SDX_E_PROTO"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF32, {1}) + raw("abcd") + text(3, "")).find("segments"), std::string::npos);
  EXPECT_NE(error_of(tensor(DType::kF32, {1}) + external("file")).find("SDX_E_FILE"), std::string::npos);
}

TEST(OnnxTensor, AlignedRawDataIsShared) {
  std::string file;
  size_t at = 0;
  for (int padding = 0; padding < 8; ++padding) {
    file = tensor(DType::kF64, {2}, std::string(static_cast<size_t>(padding) + 1, 'n')) + raw(bytes_of<double>({1, 2}));
    at = file.size() - 16;
    auto buffer = Buffer::heap(file.size());
    ASSERT_TRUE(buffer.ok());
    char* bytes = static_cast<char*>((*buffer)->data());
    std::memcpy(bytes, file.data(), file.size());
    TensorSource source;
    source.file = *buffer;
    auto t = read_tensor(proto::read_tensor_msg({bytes, file.size()}), source);
    ASSERT_TRUE(t.ok());
    EXPECT_EQ(t->data() == bytes + at, at % 8 == 0) << at;
    EXPECT_EQ(reinterpret_cast<uintptr_t>(t->data()) % 8, 0u);
    EXPECT_EQ(t->as<double>()[1], 2);
    source.unaligned_from = 16;
    EXPECT_EQ(read_tensor(proto::read_tensor_msg({bytes, file.size()}), source)->data(), bytes + at);
    source.unaligned_from = 17;
    EXPECT_EQ(read_tensor(proto::read_tensor_msg({bytes, file.size()}), source)->data() == bytes + at, at % 8 == 0);
  }
}

TEST(OnnxTensor, BoolsBecomeZeroAndOne) {
  const std::string file = tensor(DType::kBool, {3}) + raw(std::string_view("\0\2\1", 3));
  auto t = read(file, Buffer::wrap(const_cast<char*>(file.data()), file.size()));
  ASSERT_TRUE(t.ok());
  EXPECT_EQ(t->as<uint8_t>()[1], 1);
}

Result<Tensor> sparse(std::initializer_list<int64_t> dims, const Text& values, const Text& indices,
                      size_t budget = 1000) {
  return guarded([&]() -> Result<Tensor> {
    Text message = text(1, values) + text(2, indices);
    for (int64_t d : dims) message += number(3, d);
    TensorSource source;
    source.dense_budget = budget;
    return read_sparse_tensor(proto::read_sparse_msg(message), source);
  });
}

TEST(OnnxTensor, SparseBecomesDense) {
  const Text values = tensor(DType::kI16, {2}) + text(5, varints({5, 6}));
  const auto linear = [](int64_t a, int64_t b) { return tensor(DType::kI64, {2}) + text(7, varints({a, b})); };
  auto t = sparse({2, 3}, values, linear(1, 5));
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(std::vector<int16_t>(t->as<int16_t>(), t->as<int16_t>() + 6), (std::vector<int16_t>{0, 5, 0, 0, 0, 6}));
  t = sparse({2, 3}, values, tensor(DType::kI64, {2, 2}) + text(7, varints({0, 2, 1, 0})));
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(std::vector<int16_t>(t->as<int16_t>(), t->as<int16_t>() + 6), (std::vector<int16_t>{0, 0, 5, 6, 0, 0}));
  EXPECT_TRUE(sparse({0}, tensor(DType::kF32, {0}), tensor(DType::kI64, {0})).ok());

  EXPECT_EQ(sparse({2, 3}, values, linear(0, 6)).status().code(), Code::kRange);
  EXPECT_EQ(sparse({2, 3}, values, linear(-1, 0)).status().code(), Code::kRange);
  EXPECT_EQ(sparse({2, 3}, values, tensor(DType::kI64, {2, 2}) + text(7, varints({0, 3, 1, 0}))).status().code(),
            Code::kRange);
  EXPECT_EQ(sparse({2, 3}, values, tensor(DType::kI64, {1}) + text(7, varints({1}))).status().code(), Code::kProto);
  EXPECT_EQ(sparse({1000}, values, linear(0, 1)).status().code(), Code::kMemory);
  EXPECT_FALSE(sparse({-3}, values, linear(0, 1)).ok());
  EXPECT_FALSE(sparse({8}, tensor(DType::kI4, {2}) + text(5, varints({1})), linear(0, 1)).ok());
}

}  // namespace
}  // namespace sardonyx
