// Bytes that are no usable model, through the native API: one clear line, the same at every level, no large allocation.
#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

#include <random>
#include <set>

#include "cases/case_values.h"
#include "robust/bad_models.h"
#include "robust/memory_hooks.h"
#include "robust/message_rules.h"

namespace sardonyx::testing {
namespace {

constexpr size_t kEnough = size_t{256} << 20;  // a million nodes written out take a list of a hundred megabytes

std::string error_of(const std::string& bytes, sdx::Level level = sdx::Level::all) {
  sdx::Options options;
  options.level = level;
  options.threads = 1;
  auto s = sdx::Session::open(bytes.data(), bytes.size(), options);
  return s ? "opened" : s.failure().code + " " + s.failure().message;
}

TEST(BadModels, AreRefusedWithOneClearLine) {
  std::set<std::string> names;
  for (const BadModel& m : all_bad_models()) {
    SCOPED_TRACE(m.name);
    EXPECT_TRUE(names.insert(m.name).second);
    reset_largest_request();
    const LimitRequests limit(kEnough);
    const std::string error = error_of(m.bytes);
    EXPECT_TRUE(is_clear(error));
    EXPECT_TRUE(cases::matches(m.error, error)) << error << "\n  expected " << m.error;
    EXPECT_EQ(error_of(m.bytes, sdx::Level::disable_all), error);
    EXPECT_LE(largest_request(), kEnough);
  }
}

// Opens it and, if that works, runs it with zeros. The answer does not matter, only that there is one.
void open_and_run(const std::string& bytes) {
  sdx::Options options;
  options.threads = 1;
  auto s = sdx::Session::open(bytes.data(), bytes.size(), options);
  if (!s) {
    EXPECT_TRUE(is_clear(s.failure().code + " " + s.failure().message));
    return;
  }
  std::vector<sdx::NamedValue> inputs;
  for (const sdx::Port& p : s->inputs()) {
    sdx::Value::Shape shape = p.dims;
    for (int64_t& d : shape) d = d < 0 ? 2 : std::min<int64_t>(d, 8);
    const sdx::Type type = p.type == "bool"    ? sdx::Type::boolean
                           : p.type == "int64" ? sdx::Type::int64
                                               : sdx::Type::float32;
    const sdx::Value v = sdx::Value::make(type, shape);
    std::fill_n(static_cast<char*>(v.data()), v.bytes(), '\0');
    inputs.emplace_back(p.name, v);
  }
  const auto r = s->try_run(inputs);
  if (!r) {
    EXPECT_TRUE(is_clear(r.failure().code + " " + r.failure().message));
  }
}

TEST(BadModels, TheGoodModelIsGood) { EXPECT_EQ(error_of(good_model()), "opened"); }

TEST(BadModels, CutAtEveryLength) {
  const LimitRequests limit(kEnough);
  const std::string good = good_model();
  for (size_t n = 0; n < good.size(); ++n) {
    SCOPED_TRACE(n);
    open_and_run(good.substr(0, n));
    open_and_run(good.substr(n));
  }
}

TEST(BadModels, EveryByteChanged) {
  const LimitRequests limit(kEnough);
  const std::string good = good_model();
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int to : {0, 0x7f, 0xff, good[i] ^ 1, good[i] ^ 8, good[i] + 1}) {
      SCOPED_TRACE(i);
      std::string bent = good;
      bent[i] = static_cast<char>(to);
      open_and_run(bent);
    }
  }
}

TEST(BadModels, RandomBytes) {
  const LimitRequests limit(kEnough);
  std::mt19937 random(4711);
  for (int n = 0; n < 1000; ++n) {
    std::string bytes(random() % 200, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    open_and_run(bytes);
  }
}

}  // namespace
}  // namespace sardonyx::testing
