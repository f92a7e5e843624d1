#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

namespace {

std::string digits() { return std::string(SDX_SOURCE_DIR) + "/examples/digits/digits.onnx"; }

sdx::Value picture(const sdx::Session& s, float v) {
  sdx::Value::Shape shape = s.inputs()[0].dims;
  int64_t n = 1;
  for (int64_t& d : shape) d = d < 0 ? 1 : d, n *= d;
  return sdx::Value::copy<float>(shape, std::vector<float>(static_cast<size_t>(n), v));
}

TEST(Api, RunsByNameAndByPosition) {
  sdx::Session s(digits());
  const sdx::Value x = picture(s, 0.25f);
  const auto named = s.run({{s.inputs()[0].name, x}});
  ASSERT_EQ(named.size(), s.outputs().size());
  std::vector<sdx::Value> placed(s.outputs().size());
  s.run(std::span(&x, 1), placed);
  ASSERT_EQ(placed[0].shape(), named[0].shape());
  for (int64_t i = 0; i < placed[0].count(); ++i) EXPECT_EQ(placed[0].span<float>()[i], named[0].span<float>()[i]);
}

TEST(Api, FillsTheCallersOutput) {
  sdx::Session s(digits());
  const sdx::Value x = picture(s, 0.5f);
  const sdx::Value want = s.run({{s.inputs()[0].name, x}})[0];
  std::vector<float> room(static_cast<size_t>(want.count()));
  std::vector<sdx::Value> out{sdx::Value::borrow(sdx::Type::float32, want.shape(), room.data(), room.size() * 4)};
  out.resize(s.outputs().size());
  s.run(std::span(&x, 1), out);
  for (size_t i = 0; i < room.size(); ++i) EXPECT_EQ(room[i], want.span<float>()[i]);
}

TEST(Api, OpensFromBytesAndDescribesItself) {
  std::ifstream in(digits(), std::ios::binary);
  std::stringstream bytes;
  bytes << in.rdbuf();
  auto s = sdx::Session::open(bytes.str().data(), bytes.str().size());
  ASSERT_TRUE(s) << s.failure().message;
  EXPECT_EQ(s->inputs()[0].type, "float");
  EXPECT_FALSE(s->metadata().producer.empty());
}

TEST(Api, SaysWhatIsWrong) {
  EXPECT_THROW(sdx::Session("/nonexistent.onnx"), sdx::Error);
  EXPECT_EQ(sdx::Session::open("/nonexistent.onnx").failure().code, "SDX_E_FILE");
  sdx::Session s(digits());
  const auto wrong_name = s.try_run({{"nobody", picture(s, 0)}});
  ASSERT_FALSE(wrong_name);
  EXPECT_EQ(wrong_name.failure().code, "SDX_E_INPUT_NAME");
  const auto wrong_type = s.try_run({{s.inputs()[0].name, sdx::Value::make(sdx::Type::int64, {1, 1, 8, 8})}});
  ASSERT_FALSE(wrong_type);
  EXPECT_EQ(wrong_type.failure().code, "SDX_E_TYPE");
  EXPECT_THROW(picture(s, 0).span<int64_t>(), sdx::Error);
  EXPECT_THROW(sdx::Value::make(sdx::Type::float32, {INT64_MAX, 4}), sdx::Error);
  float one = 0;
  EXPECT_THROW(sdx::Value::borrow(sdx::Type::float32, {2}, &one, 4), sdx::Error);
}

TEST(Api, CancelStopsTheRun) {
  sdx::Session s(digits());
  std::atomic<bool> cancel{true};
  const auto r = s.try_run({{s.inputs()[0].name, picture(s, 0)}}, {}, {&cancel});
  ASSERT_FALSE(r);
  EXPECT_EQ(r.failure().code, "SDX_E_CANCELLED");
}

struct Messages {
  std::vector<std::string> lines;
  sdx::LogSink sink() {
    return [this](sdx::Severity s, std::string_view where, std::string_view text) {
      lines.push_back(std::to_string(static_cast<int>(s)) + " " + std::string(where) + ": " + std::string(text));
    };
  }
  int count(std::string_view part) const {
    return static_cast<int>(
        std::count_if(lines.begin(), lines.end(), [&](const std::string& l) { return l.find(part) != l.npos; }));
  }
};

TEST(Api, LogsNothingUnlessAsked) {
  Messages m;
  sdx::Options options;
  options.log = m.sink();
  sdx::Session s(digits(), options);
  s.run({{s.inputs()[0].name, picture(s, 0)}});
  EXPECT_TRUE(m.lines.empty()) << m.lines[0];
}

TEST(Api, LogsOpeningAndRunsAtTheSessionsLevel) {
  Messages m;
  sdx::Options options;
  options.log = m.sink();
  options.log_level = sdx::Severity::verbose;
  sdx::Session s(digits(), options);
  EXPECT_EQ(m.count("1 Session::open: Session successfully initialized"), 1);
  EXPECT_GE(m.count("runs as cpu"), 1);
  m.lines.clear();
  s.run({{s.inputs()[0].name, picture(s, 0)}});
  EXPECT_EQ(m.count("0 Session::run: "), 1);  // a plan: the batch was open
  EXPECT_EQ(m.count("1 Session::run: run took"), 1);
  s.run({{s.inputs()[0].name, picture(s, 0)}});
  EXPECT_EQ(m.count("planned"), 1) << "the plan was at hand";
}

TEST(Api, ARunMayHaveALevelOfItsOwn) {
  Messages m;
  sdx::Options options;
  options.log = m.sink();
  options.log_level = sdx::Severity::fatal;
  sdx::Session s(digits(), options);
  EXPECT_TRUE(m.lines.empty());
  sdx::RunOptions run;
  run.log_level = sdx::Severity::info;
  s.run({{s.inputs()[0].name, picture(s, 0)}}, {}, run);
  EXPECT_EQ(m.lines.size(), 1u);
  run.log_level = sdx::Severity::warning;
  s.run({{s.inputs()[0].name, picture(s, 0)}}, {}, run);
  EXPECT_EQ(m.lines.size(), 1u);
}

TEST(Api, StopsAreLoggedAsFailures) {
  Messages m;
  sdx::Options options;
  options.log = m.sink();
  sdx::Session s(digits(), options);
  std::atomic<bool> cancel{true};
  sdx::RunOptions run;
  run.cancel = &cancel;
  run.log_level = sdx::Severity::info;
  EXPECT_FALSE(s.try_run({{s.inputs()[0].name, picture(s, 0)}}, {}, run));
  EXPECT_EQ(m.count("run failed"), 1);
}

TEST(Api, ManyThreadsRunOneSession) {
  sdx::Session s(digits());
  const sdx::Value x = picture(s, 0.75f);
  const sdx::Value want = s.run({{s.inputs()[0].name, x}})[0];
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const sdx::Value got = s.run({{s.inputs()[0].name, x}})[0];
        for (int64_t i = 0; i < want.count(); ++i) wrong += got.span<float>()[i] != want.span<float>()[i];
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Api, SequencesHoldValues) {
  const sdx::Value a = sdx::Value::copy<int64_t>({2}, {1, 2}), b = sdx::Value::copy<std::string>({1}, {"x"});
  const sdx::Value s = sdx::Value::sequence({a, b});
  ASSERT_EQ(s.size(), 2u);
  EXPECT_EQ(s.item(1).span<std::string>()[0], "x");
  EXPECT_THROW(s.item(2), sdx::Error);
}

}  // namespace
