// docs/errors.md: it has every code, and its examples are what the library says.
#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

#include <fstream>
#include <sstream>

#include "base/status.h"
#include "robust/bad_models.h"
#include "robust/memory_hooks.h"
#include "robust/message_rules.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

std::string document() {
  std::stringstream text;
  text << std::ifstream(SDX_SOURCE_DIR "/docs/errors.md").rdbuf();
  return text.str();
}

std::string of(const sdx::Failure& f) { return f.code + " " + f.message; }

std::string opening(const std::string& bytes, const sdx::Options& options = {}) {
  auto s = sdx::Session::open(bytes.data(), bytes.size(), options);
  return s ? "no error" : of(s.failure());
}

std::string running(const std::vector<sdx::NamedValue>& inputs, bool cancelled = false) {
  const std::string model =
      model_of(input("x", tensor_type(DType::kF32, {"N", 2})) + node("Relu", {"x"}, {"y"}) + output("y"));
  const sdx::Session session(model.data(), model.size());
  const std::atomic<bool> cancel{cancelled};
  auto r = session.try_run(inputs, {}, {&cancel});
  return r ? "no error" : of(r.failure());
}

std::string bad_model(std::string_view name) {
  for (const BadModel& m : all_bad_models())
    if (m.name == name) return opening(m.bytes);
  return "no such model";
}

std::string allocating() {
  const LimitRequests limit(1 << 20);
  try {
    (void)sdx::Value::make(sdx::Type::float32, {100, 1000000});
  } catch (const sdx::Error& e) {
    return e.what();
  }
  return "no error";
}

std::vector<std::string> examples() {
  sdx::Options unknown_pass;
  unknown_pass.passes_off = {"fuse_conf"};
  const auto value = [](const sdx::Value::Shape& shape) { return sdx::Value::make(sdx::Type::float32, shape); };
  auto missing = sdx::Session::open("missing.onnx");
  return {missing ? "no error" : of(missing.failure()),
          opening("<html><body>Not found</body></html>"),
          bad_model("name_given_twice"),
          bad_model("opset_999"),
          bad_model("misspelt_operator"),
          bad_model("unknown_attribute"),
          bad_model("wrong_type"),
          bad_model("matmul_extents"),
          running({{"x", value({3, 4})}}),
          bad_model("axis_out_of_range"),
          running({{"z", value({1, 2})}}),
          allocating(),
          running({{"x", value({1, 2})}}, true),
          opening(good_model(), unknown_pass)};
}

TEST(ErrorsDocument, NamesEveryCode) {
  const std::string text = document();
  for (int code = 1; code < static_cast<int>(Code::kDeferred); ++code)
    EXPECT_NE(text.find(cat("`", code_name(static_cast<Code>(code)), "`")), std::string::npos) << code;
}

TEST(ErrorsDocument, ExamplesAreWhatTheLibrarySays) {
  const std::string text = document();
  for (const std::string& example : examples()) {
    EXPECT_TRUE(is_clear(example));
    EXPECT_NE(text.find("\n    " + example + "\n"), std::string::npos)
        << "docs/errors.md lacks the line:\n    " << example;
  }
}

}  // namespace
}  // namespace sardonyx::testing
