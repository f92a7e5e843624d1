// Many threads on one session, sessions opened at once, cancelling, forking: made for ThreadSanitizer, checked without
// it.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"
#include "robust/small_models.h"
#include "tensor/tensor.h"

namespace sardonyx::testing {
namespace {

#ifdef __SANITIZE_THREAD__
constexpr bool kTsan = true;
#else
constexpr bool kTsan = false;
#endif
constexpr int kThreads = 4;

template <class F>
void in_threads(F body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back([&body, t] { body(t); });
  for (std::thread& t : threads) t.join();
}

std::unique_ptr<Session> open(const SmallModel& m, int threads) {
  SessionOptions options;
  options.threads = threads;
  BufferPtr bytes = *Buffer::heap(m.bytes.size());
  std::copy(m.bytes.begin(), m.bytes.end(), static_cast<char*>(bytes->data()));
  auto s = Session::open(std::move(bytes), options);
  return s.ok() ? std::move(*s) : nullptr;
}

std::unique_ptr<Session> open_text(const char* graph) {
  auto g = parse_graph(graph, ops());
  if (!g.ok()) return nullptr;
  Model model;
  model.graph = std::move(*g);
  auto s = Session::open(std::move(model), {});
  return s.ok() ? std::move(*s) : nullptr;
}

bool same(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (size_t k = 0; k < a.size(); ++k)
    if (a[k].is_tensor() && !identical(a[k].tensor(), b[k].tensor())) return false;
  return true;
}

TEST(Concurrency, ManyThreadsRunOneSession) {
  for (const SmallModel& m : small_models()) {
    for (const int pool : {0, 1, 3}) {
      const std::unique_ptr<Session> session = open(m, pool);
      ASSERT_TRUE(session);
      std::vector<Value> want(session->outputs().size());
      ASSERT_TRUE(session->run(m.inputs, want).ok());
      std::atomic<int> wrong{0};
      in_threads([&](int) {
        for (int i = 0; i < 10; ++i) {
          std::vector<Value> got(want.size());
          if (!session->run(m.inputs, got).ok() || !same(want, got)) ++wrong;
        }
      });
      EXPECT_EQ(wrong, 0) << m.name << ", pool of " << pool;
    }
  }
}

TEST(Concurrency, SessionsOpenAtOnce) {
  std::atomic<int> wrong{0};
  in_threads([&](int t) {
    for (size_t i = 0; i < small_models().size(); ++i) {
      const SmallModel& m = small_models()[(i + static_cast<size_t>(t / 2)) % small_models().size()];
      const std::unique_ptr<Session> session = open(m, t % 2);  // the shared pool, and none
      std::vector<Value> got(session ? session->outputs().size() : 0);
      if (!session || !session->run(m.inputs, got).ok()) ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

// More extents at once than the cache holds plans for.
TEST(Concurrency, PlansComeAndGo) {
  const auto session = open_text("(float[N,8] x) => (y) { a = Mul(x, x) s = ReduceSum(a, [1]) y = Div(x, s) }");
  ASSERT_TRUE(session);
  std::atomic<int> wrong{0};
  in_threads([&](int t) {
    for (int64_t i = 0; i < 60; ++i) {
      const int64_t rows = 1 + (i * 7 + t) % 23;
      const Value x(*Tensor::make(DType::kF32, Extents{rows, 8}));
      std::fill_n(x.tensor().as<float>(), rows * 8, 2.0f);
      Value y;
      if (!session->run({&x, 1}, {&y, 1}).ok() || y.tensor().dims()[0] != rows || y.tensor().as<float>()[0] != 0.0625f)
        ++wrong;
    }
  });
  EXPECT_EQ(wrong, 0);
}

// A loop that never ends by itself, with work in its body and without.
TEST(Concurrency, AnotherThreadCancels) {
  for (const char* body : {"g = Identity(c) b = Add(a, 1.0)", "g = Identity(c) b = Identity(a)"}) {
    const auto session = open_text(
        cat("(float[2] x) => (y) { y = Loop<body = b (int64 i, bool c, float[2] a) => (g, b) { ", body, " }>(, , x) }")
            .c_str());
    ASSERT_TRUE(session);
    std::atomic<bool> cancel{false};
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      cancel = true;
    });
    RunOptions options;
    options.cancel = &cancel;
    const Value x(*Tensor::make(DType::kF32, Extents{2}));
    std::fill_n(x.tensor().as<float>(), 2, 0.0f);
    Value y;
    EXPECT_EQ(session->run({&x, 1}, {&y, 1}, options).code(), Code::kCancelled);
    other.join();
  }
}

TEST(Concurrency, AForkedChildRunsAndOpens) {
  if (kTsan) GTEST_SKIP() << "ThreadSanitizer does not support new threads in a forked child";
  const SmallModel& m = small_model("conv");
  const std::unique_ptr<Session> session = open(m, 0);
  ASSERT_TRUE(session);
  std::vector<Value> want(session->outputs().size());
  ASSERT_TRUE(session->run(m.inputs, want).ok());
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    std::vector<Value> got(want.size()), again(want.size());
    const bool ran = session->run(m.inputs, got).ok() && same(want, got);
    const std::unique_ptr<Session> fresh = open(m, 0);
    _exit(ran && fresh && fresh->run(m.inputs, again).ok() && same(want, again) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

}  // namespace
}  // namespace sardonyx::testing
