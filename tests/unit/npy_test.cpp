#include "common/npy.h"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

class NpyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "sardonyx_npy_XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path() const { return (folder_ / "a.npy").string(); }
  void put(std::string_view header, std::string_view data, char version = 1) {
    std::string text = std::string("\x93NUMPY") + version + '\0';
    const size_t n = header.size();
    text += {static_cast<char>(n & 255), static_cast<char>(n >> 8)};
    if (version >= 2) text += {'\0', '\0'};
    std::ofstream(path(), std::ios::binary) << text << header << data;
  }
  std::string error() { return read_npy(path()).status().message(); }

  fs::path folder_;
};

TEST_F(NpyTest, WritesWhatItReads) {
  using Dims = Extents;
  for (const Dims& dims : {Dims{}, Dims{3}, Dims{2, 3}, Dims{0, 4}, Dims{1, 2, 1, 3}}) {
    for (DType type : {DType::kBool, DType::kI8, DType::kU8, DType::kI16, DType::kU16, DType::kI32, DType::kU32,
                       DType::kI64, DType::kU64, DType::kF16, DType::kF32, DType::kF64, DType::kC64, DType::kC128}) {
      Result<Tensor> made = Tensor::make(type, dims);
      ASSERT_TRUE(made.ok());
      auto* bytes = made->as<uint8_t>();
      for (size_t i = 0; i < made->bytes(); ++i)
        bytes[i] = static_cast<uint8_t>(type == DType::kBool ? i % 2 : i * 7 + 1);
      ASSERT_TRUE(write_npy(path(), *made).ok());
      EXPECT_EQ((fs::file_size(path()) - made->bytes()) % 64, 0u);
      const Result<Tensor> read = read_npy(path());
      ASSERT_TRUE(read.ok()) << read.status().to_string();
      EXPECT_TRUE(identical(*read, *made)) << dtype_name(type) << to_string(dims);
    }
  }
}

TEST_F(NpyTest, ReadsWhatNumPyWrites) {
  put("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", std::string_view("\x01\x00\xFE\xFF", 4));
  Result<Tensor> t = read_npy(path());
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(to_string(t->dims()), "[2]");
  EXPECT_EQ(t->as<int16_t>()[0], 1);
  EXPECT_EQ(t->as<int16_t>()[1], -2);
  put("{'shape':(1,2),'descr':'|u1','fortran_order':False}\n", "ab", 2);
  t = read_npy(path());
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(to_string(t->dims()), "[1,2]");
}

TEST_F(NpyTest, ReadsTheOtherOrderOfAxesAndTexts) {
  put("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }\n", "adbecf");
  Result<Tensor> t = read_npy(path());
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  EXPECT_EQ(to_string(t->dims()), "[2,3]");
  EXPECT_EQ(std::string(t->as<char>(), 6), "abcdef");
  put("{'descr': '<U2', 'fortran_order': False, 'shape': (2,), }\n",
      std::string_view("a\0\0\0\xE9\0\0\0\x00\xF6\x01\0\0\0\0\0", 16));
  t = read_npy(path());
  ASSERT_TRUE(t.ok()) << t.status().to_string();
  ASSERT_EQ(t->dtype(), DType::kString);
  EXPECT_EQ(t->strings()[0], "a\xC3\xA9");
  EXPECT_EQ(t->strings()[1], "\xF0\x9F\x98\x80");
}

TEST_F(NpyTest, RefusesWhatItCannotRead) {
  EXPECT_NE(error().find("No such file"), std::string::npos);
  std::ofstream(path()) << "hello";
  EXPECT_NE(error().find("not a .npy file"), std::string::npos);
  put("{'descr': '<f4', 'fortran_order': Maybe, 'shape': (2, 2), }\n", "");
  EXPECT_NE(error().find("not understood"), std::string::npos);
  put("{'descr': '<U4', 'fortran_order': False, 'shape': (2,), }\n", std::string(31, 'a'));
  EXPECT_NE(error().find("fewer than the 32 bytes"), std::string::npos);
  put("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }\n", "abcd");
  EXPECT_NE(error().find("not understood"), std::string::npos);
  put("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }\n", "abcd");
  EXPECT_NE(error().find("not understood"), std::string::npos);
  put("{'descr': '<f4', 'fortran_order': False, 'shape': (3", "abcd");
  EXPECT_NE(error().find("not understood"), std::string::npos);
  put("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }\n", "abcd");
  EXPECT_NE(error().find("fewer than the 8 bytes"), std::string::npos);
  put("{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4), }\n", "");
  EXPECT_FALSE(read_npy(path()).ok());
  const Result<Tensor> strings = Tensor::make(DType::kString, Extents{1});
  EXPECT_FALSE(write_npy(path(), *strings).ok());
  EXPECT_FALSE(write_npy((folder_ / "no" / "such").string(), *Tensor::make(DType::kF32, Extents{1})).ok());
}

}  // namespace
}  // namespace sardonyx
