// External data: which files a model may reach, and which bytes of them.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "onnx/model.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

Text model_with(const Text& weight_message) {
  return model_of(input("x", tensor_type(DType::kF32, {2})) + initializer(weight_message) +
                  node("Add", {"x", "w"}, {"y"}) + output("y"));
}
Text weight(std::string_view location, std::string_view offset = {}, std::string_view length = {}) {
  return tensor(DType::kF32, {2}, "w") + external(location, offset, length);
}

class OnnxExternalData : public ::testing::Test {
 protected:
  std::string error_of(const Text& model, const LoadOptions& options = {}) {
    auto m = load_model(folder_.write("model.onnx", model), test_ops(), options);
    if (!m.ok()) return m.status().to_string();
    const Tensor t = m->graph->fact(m->graph->node(0).inputs[1]).constant;
    loaded_.assign(t.as<float>(), t.as<float>() + 2);
    return "no error";
  }
  bool is_refused(std::string_view location) {
    return error_of(model_with(weight(location))).find("SDX_E_FILE initializer \"w\"") == 0;
  }

  TemporaryFolder folder_;
  std::vector<float> loaded_;
};

TEST_F(OnnxExternalData, IsReadAtItsOffset) {
  folder_.write("data.bin", bytes_of<float>({1, 2, 3, 4}));
  EXPECT_EQ(error_of(model_with(weight("data.bin"))), "no error");
  EXPECT_EQ(loaded_, (std::vector<float>{1, 2}));
  EXPECT_EQ(error_of(model_with(weight("./data.bin", "8", "8"))), "no error");
  EXPECT_EQ(loaded_, (std::vector<float>{3, 4}));
  folder_.write("odd.bin", "!" + bytes_of<float>({5, 6}));
  EXPECT_EQ(error_of(model_with(weight("odd.bin", "1"))), "no error");
  EXPECT_EQ(loaded_, (std::vector<float>{5, 6}));
  EXPECT_EQ(error_of(model_with(weight("data.bin") + entry(13, "checksum", "ignored"))), "no error");
}

TEST_F(OnnxExternalData, SharesOneMappingOfTheFile) {
  folder_.write("data.bin", bytes_of<float>({1, 2, 3, 4}));
  const Text g = initializer(weight("data.bin")) +
                 initializer(tensor(DType::kF32, {2}, "v") + external("data.bin", "8")) +
                 node("Add", {"w", "v"}, {"y"}) + output("y");
  auto m = load_model(folder_.write("model.onnx", model_of(g)), test_ops());
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  const auto input = [&](size_t i) { return m->graph->fact(m->graph->node(0).inputs[i]).constant; };
  EXPECT_EQ(input(0).buffer(), input(1).buffer());
  EXPECT_EQ(input(1).as<float>()[1], 4);
}

TEST_F(OnnxExternalData, SizesAreChecked) {
  folder_.write("data.bin", bytes_of<float>({1, 2, 3}));
  EXPECT_EQ(error_of(model_with(weight("data.bin", "8"))),
            "SDX_E_FILE initializer \"w\": external data \"data.bin\": bytes 8 to 16 are wanted, the file has 12. "
            "hint: the file is incomplete, or is not the one written with this model");
  EXPECT_NE(error_of(model_with(weight("data.bin", "18446744073709551615"))).find("SDX_E_FILE"), std::string::npos);
  EXPECT_NE(error_of(model_with(weight("data.bin", "18446744073709551616"))).find("is not a number"),
            std::string::npos);
  EXPECT_NE(error_of(model_with(weight("data.bin", "-4"))).find("is not a number"), std::string::npos);
  EXPECT_NE(error_of(model_with(weight("data.bin", "0", "4"))).find("length is 4"), std::string::npos);
  EXPECT_NE(error_of(model_with(weight("missing.bin"))).find("there is no such file"), std::string::npos);
}

TEST_F(OnnxExternalData, StaysInTheModelsFolder) {
  TemporaryFolder other;
  const std::string secret = other.write("secret.bin", bytes_of<float>({1, 2}));
  folder_.write("data.bin", bytes_of<float>({1, 2}));
  EXPECT_TRUE(is_refused(secret));
  EXPECT_TRUE(is_refused("../" + other.path().substr(other.path().rfind('/') + 1) + "/secret.bin"));
  EXPECT_TRUE(is_refused("sub/../../secret.bin"));
  EXPECT_TRUE(is_refused("sub\\..\\secret.bin"));
  EXPECT_TRUE(is_refused("C:secret.bin"));
  EXPECT_TRUE(is_refused(""));
  EXPECT_TRUE(is_refused("."));
  EXPECT_TRUE(is_refused(std::string_view("data.bin\0x", 10)));
  EXPECT_TRUE(is_refused(std::string(100000, 'a')));

  ASSERT_EQ(::symlink(secret.c_str(), (folder_.path() + "/link").c_str()), 0);
  EXPECT_TRUE(is_refused("link"));
  ASSERT_EQ(::symlink(other.path().c_str(), (folder_.path() + "/folder").c_str()), 0);
  EXPECT_TRUE(is_refused("folder/secret.bin"));
  ASSERT_EQ(::symlink("data.bin", (folder_.path() + "/inside").c_str()), 0);
  EXPECT_FALSE(is_refused("inside"));
  EXPECT_FALSE(is_refused("..data") &&
               error_of(model_with(weight("..data"))).find("no such file") == std::string::npos);
}

TEST_F(OnnxExternalData, OnlyFilesAreRead) {
  ASSERT_EQ(::mkdir((folder_.path() + "/sub").c_str(), 0700), 0);
  EXPECT_NE(error_of(model_with(weight("sub"))).find("is a folder, expected a file"), std::string::npos);
  ASSERT_EQ(::mkfifo((folder_.path() + "/pipe").c_str(), 0600), 0);
  EXPECT_NE(error_of(model_with(weight("pipe"))).find("is a pipe, expected a file"), std::string::npos);
}

// Download caches keep files under other names in one folder, and link to them from the folder that users see.
TEST_F(OnnxExternalData, FollowsTheModelsOwnLink) {
  TemporaryFolder blobs;
  const std::string model = blobs.write("aaaa", model_with(weight("model.data")));
  const std::string data = blobs.write("bbbb", bytes_of<float>({1, 2}));
  ASSERT_EQ(::symlink(model.c_str(), (folder_.path() + "/linked.onnx").c_str()), 0);
  ASSERT_EQ(::symlink(data.c_str(), (folder_.path() + "/model.data").c_str()), 0);
  auto m = load_model(folder_.path() + "/linked.onnx", test_ops());
  EXPECT_TRUE(m.ok()) << m.status().to_string();
}

TEST_F(OnnxExternalData, ModelsFromMemoryNeedAFolderOrTheBytes) {
  folder_.write("data.bin", bytes_of<float>({1, 2}));
  const Text model = model_with(weight("data.bin"));
  EXPECT_EQ(load_model_bytes(model, test_ops()).status().code(), Code::kFile);
  LoadOptions options;
  options.folder = folder_.path();
  EXPECT_TRUE(load_model_bytes(model, test_ops(), options).ok());
  options.external_data = false;
  EXPECT_EQ(load_model_bytes(model, test_ops(), options).status().code(), Code::kFile);
  auto held = Buffer::heap(8);
  ASSERT_TRUE(held.ok());
  const Text contents = bytes_of<float>({8, 9});
  std::memcpy((*held)->data(), contents.data(), 8);
  options.files["data.bin"] = *held;
  auto m = load_model_bytes(model, test_ops(), options);
  ASSERT_TRUE(m.ok()) << m.status().to_string();
  EXPECT_EQ(m->graph->fact(m->graph->node(0).inputs[1]).constant.as<float>()[1], 9);
}

TEST_F(OnnxExternalData, FilesLargerThan4GBAreMapped) {
  const std::string path = folder_.path() + "/large.bin";
  const off_t offset = (off_t{5} << 30) + 4;
  folder_.write("large.bin", "");
  if (::truncate(path.c_str(), offset + 8) != 0)
    GTEST_SKIP() << "the temporary folder cannot hold a sparse file of 5 GB";
  EXPECT_EQ(error_of(model_with(weight("large.bin", std::to_string(offset)))), "no error");
  EXPECT_EQ(loaded_, (std::vector<float>{0, 0}));
}

TEST(OnnxFile, WhatCannotBeOpenedIsSaidPlainly) {
  TemporaryFolder folder;
  EXPECT_EQ(load_model(folder.path() + "/none", test_ops()).status().to_string(),
            "SDX_E_FILE \"" + folder.path() + "/none\": No such file or directory");
  EXPECT_EQ(load_model(folder.path(), test_ops()).status().to_string(),
            "SDX_E_FILE \"" + folder.path() + "\" is a folder, expected a file");
}

TEST(OnnxFile, TensorsOutliveTheModel) {
  TemporaryFolder folder;
  Tensor t;
  {
    auto m = load_model(
        folder.write("m.onnx", model_with(tensor(DType::kF32, {2}, "w") + raw(bytes_of<float>({3, 4})))), test_ops());
    ASSERT_TRUE(m.ok()) << m.status().to_string();
    t = m->graph->fact(m->graph->node(0).inputs[1]).constant;
  }
  EXPECT_EQ(t.as<float>()[1], 4);
}

}  // namespace
}  // namespace sardonyx
