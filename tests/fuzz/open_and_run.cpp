#include "fuzz/open_and_run.h"

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "robust/memory_hooks.h"

namespace sardonyx::fuzz {
namespace {

constexpr size_t kMostBytes = size_t{32} << 20;  // of one allocation
constexpr auto kMostTime = std::chrono::milliseconds(500);

void check(const Status& s) {
  if (s.code() != Code::kInternal && s.code() != Code::kDeferred) return;
  std::fprintf(stderr, "a broken invariant: %s\n", s.to_string().c_str());
  std::abort();
}

// Sets a flag when the time is up, unless it goes first.
class Alarm {
 public:
  explicit Alarm(std::atomic<bool>& flag)
      : thread_([this, &flag] {
          std::unique_lock lock(mutex_);
          if (!stopped_.wait_for(lock, kMostTime, [this] { return done_; })) flag = true;
        }) {}
  ~Alarm() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    stopped_.notify_one();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool done_ = false;
  std::thread thread_;
};

Result<Value> input_for(const Port& p, unsigned choice) {
  if (!p.type.is_tensor()) return Value();
  Extents dims;
  for (int64_t d : p.dims) dims.push_back(d < 0 ? 1 + static_cast<int64_t>((choice += 7) % 3) : d);
  SDX_TRY(Tensor t, Tensor::make(p.type.elem, dims));
  if (t.dtype() == DType::kString) {
    for (size_t i = 0; i < t.strings().size(); ++i) t.strings()[i] = i % 2 == 0 ? "aB" : "";
  } else {
    unsigned char* bytes = t.as<unsigned char>();
    for (size_t i = 0; i < t.bytes(); ++i) bytes[i] = t.dtype() == DType::kBool ? i % 2 : i % 8 == 0 ? choice % 5 : 0;
    if (t.dtype() == DType::kF32)
      for (int64_t i = 0; i < t.count(); ++i) t.as<float>()[i] = static_cast<float>(i % 7) - 3;
  }
  return Value(std::move(t));
}

}  // namespace

void open_and_run(Model model, unsigned choice) {
  const testing::LimitRequests limit(kMostBytes);
  SessionOptions options;
  options.threads = 1;
  options.level = choice % 2 == 0 ? OptLevel::kAll : OptLevel::kDisableAll;
  auto session = Session::open(std::move(model), options);
  if (!session.ok()) return check(session.status());
  std::vector<Value> inputs;
  for (const Port& p : (*session)->inputs()) {
    auto v = input_for(p, choice);
    if (!v.ok()) return check(v.status());
    inputs.push_back(std::move(*v));
  }
  std::atomic<bool> cancel{false};
  const Alarm alarm(cancel);
  RunOptions run;
  run.cancel = &cancel;
  std::vector<Value> outputs((*session)->outputs().size());
  check((*session)->run(inputs, outputs, run));
}

}  // namespace sardonyx::fuzz
