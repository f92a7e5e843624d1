// Bytes that are no model, or one that somebody cut, bent or made up: a clear refusal, never a crash, a leak or a huge
// allocation.
#include <gtest/gtest.h>

#include <random>

#include "onnx/model_writer.h"
#include "onnx/value_pb.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

const Text kVector = tensor_type(DType::kF32, {"N", 2});

// A small model with something of everything.
Text sample() {
  const Text w = initializer(tensor(DType::kF32, {2}, "w") + raw(bytes_of<float>({1, 2})));
  const Text typed = initializer(tensor(DType::kI64, {2}, "k") + text(7, varints({1, 300}))) +
                     initializer(tensor(DType::kString, {1}, "str") + text(6, "abc"));
  const Text sparse = text(15, text(1, tensor(DType::kF32, {1}, "sp") + raw(bytes_of<float>({4}))) +
                                   text(2, tensor(DType::kI64, {1}) + text(7, varints({1}))) + number(3, 2));
  const Text branch = node("Add", {"x", "w"}, {"b"}) + output("b");
  const Text body = input("i", {}) + input("go", {}) + input("v", kVector) + node("Identity", {"go"}, {"go2"}) +
                    node("Identity", {"v"}, {"v2"}) + output("go2") + output("v2");
  const Text f = function("f", "F", {"a"}, {"y"},
                          function_node("Decode", {"a"}, {"y"}, domain("com.example") + ref_attr("i", 2, "p")) +
                              text(11, text(1, "p") + number(20, 2) + number(3, 7)));
  const Text g =
      text(2, "sample") + input("x", kVector) + input("c", tensor_type(DType::kBool, {})) +
      input("s", sequence_type(optional_type(kVector))) + w + typed + sparse +
      node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
      node("Loop", {"", "", "y"}, {"z"}, graph_attr("body", body)) +
      node("F", {"z"}, {"q"}, domain("f") + int_attr("p", 3)) +
      node("Constant", {}, {"con"}, attr("value_floats", 6, text(7, bytes_of<float>({1, 2, 3})))) +
      node("Add", {"sp", "w"}, {"r"}) +
      node("Decode", {"str"}, {"e"},
           domain("com.example") + attr("is", 7, text(8, varints({1, 2}))) + attr("type", 13, text(14, kVector))) +
      output("q") + output("r", tensor_type(DType::kF32, {2})) + output("con") +
      text(14, text(1, "x") + entry(2, "SCALE_TENSOR", "w"));
  return model_of(g, opset("com.example", 1) + opset("f", 1) + entry(14, "key", "value") + f);
}

TEST(OnnxHostile, TheSampleIsAModel) { EXPECT_EQ(error_of(sample()), "no error"); }

TEST(OnnxHostile, ForeignFilesAreNamed) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "it is empty"},
      {"<html><body>404</body></html>",
       "it begins with \"<html><body>404</body></\": a web page was saved instead of the file"},
      {"\n<!DOCTYPE html>", "a web page was saved"},
      {"version https://git-lfs.github.com/spec/v1\noid sha256:00", "it is a Git LFS pointer"},
      {std::string("PK\x03\x04\0\0", 6), "it is a ZIP archive"},
      {"GGUF\x03", "it is a GGUF model"},
      {std::string("\x1c\0\0\0TFL3", 8), "it is a TensorFlow Lite model"},
      {std::string("\x1c\0\0\0ORTM", 8), "ORT format"},
      {"ir_version: 8\n", "protobuf's text form"},
      {"{\"a\": 1}", "it is JSON text"},
      {"hello world", "it begins with \"hello world\": it is text"},
      {std::string(100, '\0'), "nothing but zeros"},
      {std::string("\xa0\0\0\0\0\0\0\0{\"w\"", 12), "safetensors"},
      {"\xfe\xad\xbe\xef", "it begins with \"\\xfe\\xad\\xbe\\xef\""},
  };
  for (const auto& [bytes, expected] : cases) {
    const std::string error = error_of(bytes);
    EXPECT_EQ(error.find("SDX_E_PROTO model: does not look like an ONNX model: "), 0u) << error;
    EXPECT_NE(error.find(expected), std::string::npos) << error;
    EXPECT_LT(error.size(), 300u);
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(OnnxHostile, IncompleteModelsAreNamed) {
  const Text whole = sample();
  EXPECT_NE(error_of(whole.substr(0, whole.size() / 2)).find("SDX_E_PROTO model: the file is incomplete"),
            std::string::npos);
  EXPECT_EQ(error_of(number(1, 8)),
            "SDX_E_PROTO model: does not look like an ONNX model: it begins with \"\\x08\\x08\"");
  EXPECT_EQ(error_of(number(1, 8) + opset("", 17)), "SDX_E_PROTO model: the model has no graph");
  EXPECT_EQ(error_of(opset("", 17) + text(7, "")), "SDX_E_PROTO model: the model does not say its IR version");
}

// Whatever comes back is an error or a graph that can be saved and read again.
void try_bytes(const Text& bytes) {
  auto m = load(bytes);
  if (!m.ok()) {
    EXPECT_FALSE(m.status().message().empty());
    EXPECT_NE(m.status().code(), Code::kInternal);
    return;
  }
  auto saved = write_model(*m->graph, save_options_of(*m));
  if (saved.ok()) {
    auto back = load(saved->bytes);
    EXPECT_TRUE(back.ok()) << back.status().to_string();
  }
}

TEST(OnnxHostile, CutAnywhere) {
  const Text whole = sample();
  for (size_t n = 0; n < whole.size(); ++n) try_bytes(whole.substr(0, n));
  const Text body = sample();
  for (size_t n = 1; n < body.size(); ++n) try_bytes(body.substr(n));
}

TEST(OnnxHostile, EveryByteBent) {
  const Text whole = sample();
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int delta : {1, -1, 0x80, 0x40}) {
      Text bent = whole;
      bent[i] = static_cast<char>(bent[i] + delta);
      try_bytes(bent);
    }
    for (const char c : {'\0', '\x7f', '\xff'}) {
      Text bent = whole;
      bent[i] = c;
      try_bytes(bent);
    }
  }
}

TEST(OnnxHostile, RandomEdits) {
  std::mt19937 random(12345);
  const Text whole = sample();
  for (int n = 0; n < 4000; ++n) {
    Text bytes = whole;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      const size_t at = random() % bytes.size(), length = random() % 16;
      switch (random() % 4) {
        case 0: bytes[at] = static_cast<char>(random()); break;
        case 1: bytes.erase(at, length); break;
        case 2: bytes.insert(at, whole.substr(random() % whole.size(), length)); break;
        case 3:
          bytes.replace(at, std::min(length, bytes.size() - at), whole.substr(random() % whole.size(), length));
          break;
      }
      if (bytes.empty()) bytes = "x";
    }
    try_bytes(bytes);
  }
}

TEST(OnnxHostile, RandomBytes) {
  std::mt19937 random(54321);
  for (int n = 0; n < 2000; ++n) {
    Text bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    try_bytes(bytes);
    try_bytes(number(1, 8) + opset("", 17) + text(7, bytes));
    (void)read_value_pb(bytes, Type::tensor(DType::kF32));
    (void)read_value_pb(bytes, Type::sequence(Type::optional(Type::tensor(DType::kF32))));
    (void)read_value_pb(bytes, Type::map(DType::kString, Type::tensor(DType::kF32)));
  }
}

TEST(OnnxHostile, ClaimsBeyondTheBytesAreRefused) {
  const auto weight = [&](const Text& t) { return error_of(model_of(initializer(t) + output("w"))); };
  const int64_t huge = int64_t{1} << 60;
  EXPECT_NE(weight(tensor(DType::kF32, {huge}, "w") + raw("abcd")).find("SDX_E_"), std::string::npos);
  EXPECT_NE(weight(tensor(DType::kI64, {1 << 30}, "w") + text(7, varints({1})))
                .find("SDX_E_PROTO initializer \"w\": holds 1 elements"),
            std::string::npos);
  EXPECT_NE(weight(tensor(DType::kString, {1 << 30}, "w")).find("holds 0 strings"), std::string::npos);
  const Text sparse = text(
      15, text(1, tensor(DType::kF32, {0}, "w")) + text(2, tensor(DType::kI64, {0})) + number(3, int64_t{1} << 36));
  EXPECT_NE(error_of(model_of(sparse + output("w"))).find("SDX_E_MEMORY initializer \"w\""), std::string::npos);
  Text many;
  for (int i = 0; i < 300; ++i) many += int_attr("a" + std::to_string(i), 1);
  EXPECT_NE(error_of(model_of(node("Decode", {}, {"y"}, domain("com.example") + many) + output("y")))
                .find("has 300 attributes, more than 256"),
            std::string::npos);
}

TEST(OnnxHostile, LongChainsNeedNoStack) {
  Text g = input("x", kVector);
  for (int i = 100000; i-- > 0;)
    g += node("Identity", {i == 0 ? "x" : "v" + std::to_string(i)}, {"v" + std::to_string(i + 1)});
  EXPECT_EQ(error_of(model_of(g + output("v100000"))), "no error");
}

}  // namespace
}  // namespace sardonyx
