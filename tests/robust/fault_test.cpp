// Memory that runs out: each allocation of opening and running fails once, and everything from it on; what comes out is
// kMemory, nothing leaks, and the next try works.
#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

#include "exec/session.h"
#include "robust/memory_hooks.h"
#include "robust/small_models.h"
#include "tensor/tensor.h"

namespace sardonyx::testing {
namespace {

constexpr int kTries = 300;  // per model, stage and way of failing: evenly spread if there are more allocations

BufferPtr buffer_of(const std::string& bytes) {
  BufferPtr b = *Buffer::heap(bytes.size());
  std::copy(bytes.begin(), bytes.end(), static_cast<char*>(b->data()));
  return b;
}

SessionOptions options_for(int threads) {
  SessionOptions o;
  o.threads = threads;
  return o;
}

// Calls attempt() with every n-th allocation failing, once and from there on. attempt() returns what happened.
template <class F>
void fail_each_allocation(const char* what, F attempt) {
  for (int warm = 0; warm < 2; ++warm) ASSERT_TRUE(attempt().ok()) << what;
  const int64_t before = allocations();
  ASSERT_TRUE(attempt().ok());
  const int64_t count = allocations() - before, step = std::max<int64_t>(1, count / kTries);
  ASSERT_GT(count, 0);
  for (const int64_t how_many : {int64_t{1}, INT64_MAX}) {
    const int64_t live = live_objects();
    for (int64_t n = 1; n <= count; n += step) {
      SCOPED_TRACE(cat(what, ", allocation ", n, how_many == 1 ? "" : " and all later ones"));
      const int64_t failed = failures();
      Status s;
      {
        const FailAllocations failing(n, how_many);
        s = attempt();
      }
      if (failures() == failed) continue;  // threads: not every run allocates equally often
      EXPECT_EQ(s.code(), Code::kMemory) << s.to_string();
    }
    EXPECT_TRUE(attempt().ok());
    EXPECT_LE(live_objects() - live, 16) << what << ": objects leaked by " << count / step << " failures";
  }
}

// Without regular expressions: RE2 does not free what it holds when memory runs out in it.
std::vector<SmallModel> fault_models() {
  std::vector<SmallModel> models = small_models();
  std::erase_if(models, [](const SmallModel& m) { return m.name == "regex"; });
  return models;
}

TEST(FaultInjection, Opening) {
  for (const SmallModel& m : fault_models()) {
    const BufferPtr bytes = buffer_of(m.bytes);
    fail_each_allocation(cat("opening ", m.name).c_str(),
                         [&] { return Session::open(bytes, options_for(1)).take_status(); });
  }
}

TEST(FaultInjection, OpeningAFile) {
  const std::string path = SDX_SOURCE_DIR "/examples/digits/digits.onnx";
  fail_each_allocation("opening digits.onnx", [&] { return Session::open(path, options_for(1)).take_status(); });
}

// The first run of a session makes its plan.
TEST(FaultInjection, TheFirstRun) {
  for (const int threads : {1, 2}) {
    for (const SmallModel& m : fault_models()) {
      const BufferPtr bytes = buffer_of(m.bytes);
      // Opened here, so that only run() meets failures.
      std::vector<std::unique_ptr<Session>> fresh;
      std::vector<Value> outputs;
      const auto attempt = [&] {
        std::fill(outputs.begin(), outputs.end(), Value());
        return fresh.back()->run(m.inputs, outputs);
      };
      for (int64_t n = 1; n < 5000; n += n < 60 ? 1 : 37) {
        SCOPED_TRACE(cat("first run of ", m.name, ", allocation ", n, ", threads ", threads));
        auto s = Session::open(bytes, options_for(threads));
        ASSERT_TRUE(s.ok()) << s.status().to_string();
        fresh.clear();
        fresh.push_back(std::move(*s));
        outputs.resize(fresh.back()->outputs().size());
        const int64_t failed = failures();
        Status status;
        {
          const FailAllocations failing(n, n % 2 == 0 ? INT64_MAX : 1);
          status = attempt();
        }
        if (failures() == failed) break;
        EXPECT_EQ(status.code(), Code::kMemory) << status.to_string();
        EXPECT_TRUE(attempt().ok()) << "the run after the failure";
      }
    }
  }
}

TEST(FaultInjection, LaterRunsGiveTheSameResult) {
  for (const SmallModel& m : fault_models()) {
    auto session = Session::open(buffer_of(m.bytes), options_for(2));
    ASSERT_TRUE(session.ok());
    std::vector<Value> want((*session)->outputs().size());
    ASSERT_TRUE((*session)->run(m.inputs, want).ok());
    std::vector<Value> got(want.size());
    fail_each_allocation(cat("running ", m.name).c_str(), [&] {
      std::fill(got.begin(), got.end(), Value());
      Status s = (*session)->run(m.inputs, got);
      for (size_t k = 0; s.ok() && k < got.size(); ++k)
        EXPECT_TRUE(!got[k].is_tensor() || identical(got[k].tensor(), want[k].tensor()));
      return s;
    });
  }
}

// Through the public interface: never an exception from the forms that return a Result.
TEST(FaultInjection, PublicInterface) {
  const std::string path = SDX_SOURCE_DIR "/examples/digits/digits.onnx";
  sdx::Options options;
  options.threads = 1;
  const sdx::Value x = sdx::Value::copy<float>({1, 1, 8, 8}, std::vector<float>(64, 0.5f));
  const std::vector<sdx::NamedValue> inputs{{"image", x}};
  const auto memory = [](const sdx::Failure& f) {
    return f.code == "SDX_E_MEMORY" ? Status::out_of_memory() : fail(Code::kInternal, f.message);
  };
  fail_each_allocation("sdx::Session::open", [&] {
    auto s = sdx::Session::open(path, options);
    return s ? Status() : memory(s.failure());
  });
  const sdx::Session session(path, options);
  fail_each_allocation("sdx::Session::try_run", [&] {
    auto r = session.try_run(inputs);
    return r ? Status() : memory(r.failure());
  });
}

}  // namespace
}  // namespace sardonyx::testing
