// Wrong ways to call a good model, through the native API.
#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases/case_values.h"
#include "robust/bad_models.h"
#include "robust/message_rules.h"
#include "robust/small_models.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

using sdx::Value;

std::string message(const sdx::Failure& f) { return f.code + " " + f.message; }

template <class F>
std::string error_of(F f) {
  try {
    auto r = f();
    return r ? "no error" : message(r.failure());
  } catch (const sdx::Error& e) {
    return e.what();
  }
}

void expect_error(const std::string& error, const std::string& pattern) {
  EXPECT_TRUE(is_clear(error));
  EXPECT_TRUE(cases::matches(pattern, error)) << error << "\n  expected " << pattern;
}

sdx::Session open(const std::string& bytes) {
  sdx::Options options;
  options.threads = 1;
  return sdx::Session(bytes.data(), bytes.size(), options);
}

class BadRun : public ::testing::Test {
 protected:
  std::string run(const std::vector<sdx::NamedValue>& inputs, const std::vector<std::string>& outputs = {}) {
    return error_of([&] { return session_.try_run(inputs, outputs); });
  }
  std::string run_placed(std::vector<Value> inputs, std::vector<Value> outputs) {
    try {
      session_.run(inputs, outputs);
    } catch (const sdx::Error& e) {
      return e.what();
    }
    return "no error";
  }
  sdx::Session session_ =
      open(model_of(input("x", tensor_type(DType::kF32, {"N", 2})) + input("z", tensor_type(DType::kF32, {"N", 2})) +
                    node("Add", {"x", "z"}, {"y"}) + output("y")));
  const Value two_ = Value::copy<float>({1, 2}, {1, 2}), four_ = Value::copy<float>({2, 2}, {1, 2, 3, 4});
};

TEST_F(BadRun, Names) {
  EXPECT_EQ(run({{"x", two_}, {"z", two_}}), "no error");
  expect_error(run({{"x", two_}}), "SDX_E_INPUT_NAME <*>\"z\"<*>");
  expect_error(run({}), "SDX_E_INPUT_NAME <*>\"x\"<*>");
  expect_error(run({{"x", two_}, {"z", two_}, {"w", two_}}), "SDX_E_INPUT_NAME <*>\"w\"<*>\"x\", \"z\"<*>");
  expect_error(run({{"x", two_}, {"z", two_}, {"x", two_}}), "SDX_E_INPUT_NAME <*>\"x\"<*>twice<*>");
  expect_error(run({{"x", two_}, {"z", two_}}, {"nobody"}), "SDX_E_INPUT_NAME <*>\"nobody\"<*>\"y\"<*>");
  expect_error(run({{std::string(10000, 'n'), two_}}), "SDX_E_INPUT_NAME <*>");
  expect_error(run({{"\xff\n", two_}}), "SDX_E_INPUT_NAME <*>\\xff\\x0a<*>");
}

TEST_F(BadRun, Values) {
  expect_error(run({{"x", two_}, {"z", Value::copy<int64_t>({1, 2}, {1, 2})}}),
               "SDX_E_TYPE <*>\"z\" is int64<*>float<*>");
  expect_error(run({{"x", two_}, {"z", Value()}}), "SDX_E_TYPE <*>\"z\"<*>nothing<*>");
  expect_error(run({{"x", two_}, {"z", Value::sequence({two_})}}), "SDX_E_TYPE <*>\"z\"<*>a sequence<*>");
  expect_error(run({{"x", two_}, {"z", Value::copy<float>({2}, {1, 2})}}), "SDX_E_SHAPE <*>\"z\"<*>[2]<*>[N,2]<*>");
  expect_error(run({{"x", two_}, {"z", Value::copy<float>({1, 3}, {1, 2, 3})}}),
               "SDX_E_SHAPE <*>\"z\"<*>[1,3]<*>[N,2]<*>");
}

TEST_F(BadRun, Positions) {
  EXPECT_EQ(run_placed({two_, two_}, {Value()}), "no error");
  expect_error(run_placed({two_}, {Value()}), "SDX_E_INPUT_NAME 1 inputs<*>2");
  expect_error(run_placed({}, {Value()}), "SDX_E_INPUT_NAME <*>");
  expect_error(run_placed({two_, two_, two_}, {Value()}), "SDX_E_INPUT_NAME 3 inputs<*>2");
  expect_error(run_placed({two_, two_}, {}), "SDX_E_INPUT_NAME <*>outputs<*>1");
  expect_error(run_placed({two_, two_}, {four_}), "SDX_E_SHAPE output \"y\"<*>[1,2]<*>[2,2]<*>");
  expect_error(run_placed({two_, two_}, {Value::copy<int64_t>({1, 2}, {1, 2})}), "SDX_E_<*> output \"y\"<*>int64<*>");
}

// One symbol, two extents: inputs that contradict each other.
TEST_F(BadRun, ExtentsThatContradictEachOther) {
  const Value six = Value::copy<float>({3, 2}, {1, 2, 3, 4, 5, 6});
  expect_error(run({{"x", four_}, {"z", six}}), "SDX_E_SHAPE <*>");
}

TEST(BadRuns, SequencesOfOtherElements) {
  const sdx::Session session =
      open(model_of(input("s", sequence_type(unranked_type(DType::kF32))) +
                    node("ConcatFromSequence", {"s"}, {"y"}, int_attr("axis", 0)) + output("y")));
  const auto run = [&](Value v) { return error_of([&] { return session.try_run({{"s", std::move(v)}}); }); };
  const Value x = Value::copy<float>({2}, {1, 2}), bytes = Value::copy<uint8_t>({2}, {1, 2});
  EXPECT_EQ(run(Value::sequence({x, x})), "no error");
  expect_error(run(x), "SDX_E_TYPE input \"s\" must be seq(float)<*>");
  expect_error(run(Value()), "SDX_E_TYPE input \"s\"<*>nothing<*>");
  expect_error(run(Value::sequence({bytes, bytes})), "SDX_E_TYPE input \"s\"<*>");
  expect_error(run(Value::sequence({x, bytes})), "SDX_E_TYPE input \"s\"<*>");
  expect_error(run(Value::sequence({Value::sequence({x})})), "SDX_E_TYPE input \"s\"<*>");
  expect_error(run(Value::sequence({Value()})), "SDX_E_TYPE input \"s\"<*>");
  expect_error(run(Value::sequence({})), "SDX_E_<*>");
}

TEST(BadRuns, ValuesThatCannotBe) {
  const auto make = [](sdx::Type t, const Value::Shape& shape) {
    return error_of([&] { return sdx::Result<Value>(Value::make(t, shape)); });
  };
  const int64_t huge = int64_t{1} << 60;
  expect_error(make(sdx::Type::float32, {-1}), "SDX_E_SHAPE <*>-1<*>");
  expect_error(make(sdx::Type::float32, {huge, 16}), "SDX_E_SHAPE <*>");
  expect_error(make(sdx::Type::uint8, {huge / 4}), "SDX_E_MEMORY <*>");
  expect_error(make(sdx::Type::string, {huge}), "SDX_E_<*>");
  expect_error(make(sdx::Type::undefined, {1}), "SDX_E_TYPE <*>");
  expect_error(make(static_cast<sdx::Type>(99), {1}), "SDX_E_TYPE <*>99<*>");
  expect_error(make(static_cast<sdx::Type>(-1), {1}), "SDX_E_TYPE <*>");
  float one = 0;
  const auto borrow = [&](sdx::Type t, const Value::Shape& shape, void* p, size_t n) {
    return error_of([&] { return sdx::Result<Value>(Value::borrow(t, shape, p, n)); });
  };
  expect_error(borrow(sdx::Type::float32, {2}, &one, 4), "SDX_E_SHAPE <*>4 bytes<*>8<*>");
  expect_error(borrow(sdx::Type::float32, {1}, nullptr, 4), "SDX_E_SHAPE <*>null<*>");
  expect_error(borrow(sdx::Type::string, {1}, &one, 32), "SDX_E_TYPE <*>");
  expect_error(borrow(sdx::Type::float32, {-1}, &one, 4), "SDX_E_SHAPE <*>");
}

TEST(BadRuns, WrongFilesAndOptions) {
  TemporaryFolder folder;
  const auto open_path = [](const std::string& path, const sdx::Options& o = {}) {
    return error_of([&] { return sdx::Session::open(path, o); });
  };
  expect_error(open_path(folder.path() + "/missing.onnx"), "SDX_E_FILE \"<*>missing.onnx\"<*>");
  expect_error(open_path(folder.path()), "SDX_E_FILE <*>folder<*>");
  expect_error(open_path(""), "SDX_E_FILE <*>");
  expect_error(open_path(std::string("a\0b", 3)), "SDX_E_FILE <*>");
  expect_error(open_path("/dev/zero"), "SDX_E_FILE <*>device<*>");
  expect_error(error_of([] { return sdx::Session::open(nullptr, 5); }), "SDX_E_PROTO <*>");
  const std::string good = folder.write("good.onnx", good_model());
  sdx::Options o;
  EXPECT_EQ(open_path(good), "no error");
  o.threads = -1;
  expect_error(open_path(good, o), "SDX_E_OPTION <*>threads<*>-1<*>");
  o.threads = 1 << 30;
  expect_error(open_path(good, o), "SDX_E_OPTION <*>threads<*>");
  o = {};
  o.level = static_cast<sdx::Level>(17);
  expect_error(open_path(good, o), "SDX_E_OPTION <*>level<*>17<*>");
  o = {};
  o.passes_off = {"no_such_pass"};
  expect_error(open_path(good, o), "SDX_E_OPTION <*>\"no_such_pass\"<*>");
  o = {};
  o.dims = {{"N", -4}};
  expect_error(open_path(good, o), "SDX_E_<*>\"N\"<*>-4<*>");
}

// Which bytes of which files a model may reach.
TEST(BadRuns, ExternalData) {
  TemporaryFolder folder, other;
  other.write("secret.bin", bytes_of<float>({1, 2}));
  folder.write("weights.bin", bytes_of<float>({1, 2, 3}));
  ASSERT_EQ(::mkdir((folder.path() + "/sub").c_str(), 0700), 0);
  ASSERT_EQ(::symlink((other.path() + "/secret.bin").c_str(), (folder.path() + "/link.bin").c_str()), 0);
  ASSERT_EQ(::symlink("round.bin", (folder.path() + "/round.bin").c_str()), 0);
  ASSERT_EQ(::mkfifo((folder.path() + "/pipe.bin").c_str(), 0600), 0);
  const auto with = [&](std::string_view location, std::string_view offset = {}, std::string_view length = {}) {
    const Text w = initializer(tensor(DType::kF32, {2}, "w") + external(location, offset, length));
    const std::string path = folder.write("model.onnx", model_of(w + node("Relu", {"w"}, {"y"}) + output("y")));
    return error_of([&] { return sdx::Session::open(path); });
  };
  EXPECT_EQ(with("weights.bin"), "no error");
  EXPECT_EQ(with("weights.bin", "4", "8"), "no error");
  const std::pair<std::string, const char*> locations[] = {
      {"missing.bin", "<*>no such file<*>"},
      {other.path() + "/secret.bin", "<*>absolute path<*>"},
      {"/etc/passwd", "<*>absolute path<*>"},
      {"../secret.bin", "<*>leaves the model's folder<*>"},
      {"sub/../../secret.bin", "<*>leaves the model's folder<*>"},
      {"..\\secret.bin", "<*>leaves the model's folder<*>"},
      {"link.bin", "<*>a link leads out<*>"},
      {"round.bin", "<*>no such file<*>"},
      {"sub", "<*>folder<*>"},
      {"pipe.bin", "<*>pipe<*>"},
      {"", "<*>"},
      {std::string("weights.bin\0x", 13), "<*>not a file name<*>"},
      {std::string(10000, 'a'), "<*>not a file name<*>"},
  };
  for (const auto& [location, pattern] : locations)
    expect_error(with(location), std::string("SDX_E_FILE initializer \"w\"") + pattern);
  for (const char* offset : {"8", "12", "13", "9223372036854775807", "18446744073709551615", "18446744073709551616",
                             "-4", "four", "4.0", "0x4", " 4"})
    expect_error(with("weights.bin", offset), "SDX_E_<*> initializer \"w\"<*>");
  for (const char* length : {"0", "4", "9", "12", "18446744073709551608", "-8", "eight"})
    expect_error(with("weights.bin", "0", length), "SDX_E_<*> initializer \"w\"<*>");
}

}  // namespace
}  // namespace sardonyx::testing
