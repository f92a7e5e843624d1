#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

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
