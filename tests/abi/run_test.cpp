// Runs: names, buffers of the caller's, errors, options, asynchronous runs, many threads.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "abi/abi.h"

namespace abi_test {
namespace {

const std::vector<float> kSix{0, 1, 2, 3, 4, 5};

TEST(Run, InputsByNameInAnyOrder) {
  const Text graph = node("Sub", {"x", "y"}, {"d"}) + node("Add", {"x", "y"}, {"s"}) +
                     input("x", tensor_type(kFloat, {"N"})) + input("y", tensor_type(kFloat, {"N"})) +
                     output("d", tensor_type(kFloat, {"N"})) + output("s", tensor_type(kFloat, {"N"}));
  const Session s = open(model(graph));
  const Value x = floats({2}, {5, 7}), y = floats({2}, {1, 2});
  std::vector<Value> out;
  ABI_OK(run(s.get(), {{"y", y.get()}, {"x", x.get()}}, {"s", "d"}, out));
  EXPECT_EQ(contents<float>(out[0].get()), (std::vector<float>{6, 9}));
  EXPECT_EQ(contents<float>(out[1].get()), (std::vector<float>{4, 5}));
  ABI_OK(run(s.get(), {{"x", x.get()}, {"y", y.get()}}, {"s"}, out));
  EXPECT_EQ(contents<float>(out[0].get()), (std::vector<float>{6, 9}));
  ABI_OK(run(s.get(), {{"x", x.get()}, {"y", y.get()}}, {"s", "s", "d"}, out));
  EXPECT_EQ(contents<float>(out[0].get()), contents<float>(out[1].get()));
  EXPECT_EQ(contents<float>(out[2].get()), (std::vector<float>{4, 5}));
}

TEST(Run, ManyInputs) {
  Text graph;
  Text sum;
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back("input_" + std::to_string(i));
  for (const std::string& n : names) graph += input(n, tensor_type(kFloat, {1})), sum += text(1, n);
  graph += text(1, sum + text(2, "y") + text(4, "Sum")) + output("y", tensor_type(kFloat, {1}));
  const Session s = open(model(graph));
  std::vector<Value> values;
  Inputs inputs;
  for (size_t i = names.size(); i-- > 0;) {
    values.push_back(floats({1}, {static_cast<float>(i)}));
    inputs.emplace_back(names[i].c_str(), values.back().get());
  }
  EXPECT_EQ(contents<float>(run_one(s.get(), inputs, "y").get())[0], 780.f);
  std::vector<Value> out;
  inputs[3].first = "input_99";
  ABI_FAILS(run(s.get(), inputs, {"y"}, out), ORT_INVALID_ARGUMENT, "Invalid input name: input_99");
}

TEST(Run, RefusesWhatDoesNotFit) {
  const Session s = open(add_model());
  const Value x = floats({2, 3}, kSix), wide = floats({2, 4}, std::vector<float>(8)), flat = floats({3}, {1, 2, 3});
  const Value whole = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  std::vector<Value> out;
  ABI_FAILS(run(s.get(), {{"nope", x.get()}, {"y", x.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "Invalid input name: nope");
  ABI_FAILS(run(s.get(), {{"x", x.get()}, {"y", x.get()}}, {"nope"}, out), ORT_INVALID_ARGUMENT,
            "Invalid output name: nope");
  ABI_FAILS(run(s.get(), {{"x", wide.get()}, {"y", x.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "Got invalid dimensions for input: x for the following indices\n index: 1 Got: 4 Expected: 3\n Please fix "
            "either the inputs/outputs or the model.");
  ABI_FAILS(run(s.get(), {{"x", flat.get()}, {"y", x.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "Invalid rank for input: x Got: 1 Expected: 2 Please fix either the inputs/outputs or the model.");
  ABI_FAILS(run(s.get(), {{"x", whole.get()}, {"y", x.get()}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "Unexpected input data type. Actual: (tensor(int64)) , expected: (tensor(float))");
  ABI_FAILS(run(s.get(), {{"x", x.get()}, {"y", nullptr}}, {"z"}, out), ORT_INVALID_ARGUMENT,
            "NULL input supplied for input y");
  ABI_FAILS(run(s.get(), {{"x", x.get()}, {"y", x.get()}}, {}, out), ORT_INVALID_ARGUMENT,
            "At least one output should be requested.");
  const Error missing = take(run(s.get(), {{"x", x.get()}}, {"z"}, out));
  EXPECT_EQ(missing.code, ORT_FAIL);
  EXPECT_NE(missing.text.find("Missing Input: y"), std::string::npos);
  const Value three = floats({3, 3}, std::vector<float>(9));
  const Error broadcast = take(run(s.get(), {{"x", x.get()}, {"y", three.get()}}, {"z"}, out));
  EXPECT_EQ(broadcast.code, ORT_FAIL);
  EXPECT_EQ(broadcast.text.rfind("Non-zero status code returned while running Add node. Name:'n1' Status Message: ", 0),
            0u)
      << broadcast.text;
}

TEST(Run, NullArguments) {
  const Session s = open(relu_model());
  const Value x = floats({2, 3}, kSix);
  const char *in[] = {"x"}, *out[] = {"y"}, *none[] = {nullptr};
  const OrtValue* values[] = {x.get()};
  OrtValue* results[] = {nullptr};
  ABI_NULL(api().Run(nullptr, nullptr, in, values, 1, out, 1, results), "session");
  ABI_NULL(api().Run(s.get(), nullptr, nullptr, values, 1, out, 1, results), "input_names");
  ABI_NULL(api().Run(s.get(), nullptr, in, nullptr, 1, out, 1, results), "inputs");
  ABI_NULL(api().Run(s.get(), nullptr, in, values, 1, nullptr, 1, results), "output_names");
  ABI_NULL(api().Run(s.get(), nullptr, in, values, 1, out, 1, nullptr), "outputs");
  if (!sardonyx()) return;
  EXPECT_EQ(take(api().Run(s.get(), nullptr, none, values, 1, out, 1, results)).code, ORT_INVALID_ARGUMENT);
  EXPECT_EQ(take(api().Run(s.get(), nullptr, in, values, 1, none, 1, results)).code, ORT_INVALID_ARGUMENT);
}

TEST(Run, FillsBuffersOfTheCaller) {
  const Session s = open(relu_model());
  std::vector<float> memory(6, -1);
  const int64_t dims[] = {2, 3};
  OrtValue* raw = nullptr;
  ABI_OK(api().CreateTensorWithDataAsOrtValue(cpu(), memory.data(), 24, dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
                                              &raw));
  const Value y(raw), x = floats({2, 3}, {-1, 1, -2, 2, -3, 3});
  const char *in[] = {"x"}, *out[] = {"y"};
  const OrtValue* inputs[] = {x.get()};
  OrtValue* outputs[] = {raw};
  ABI_OK(api().Run(s.get(), nullptr, in, inputs, 1, out, 1, outputs));
  EXPECT_EQ(outputs[0], raw);
  EXPECT_EQ(memory, (std::vector<float>{0, 1, 0, 2, 0, 3}));
}

TEST(Run, RefusesBuffersThatDoNotFit) {
  const Session s = open(add_model());
  const Value x = floats({2, 3}, kSix), small = floats({1, 3}, {0, 0, 0});
  const char *in[] = {"x", "y"}, *out[] = {"z"};
  const OrtValue* inputs[] = {x.get(), x.get()};
  OrtValue* outputs[] = {small.get()};
  EXPECT_EQ(take(api().Run(s.get(), nullptr, in, inputs, 2, out, 1, outputs)).code, ORT_INVALID_ARGUMENT);
  EXPECT_EQ(outputs[0], small.get());
}

TEST(RunOptions, AreReadBack) {
  const RunOptions o = run_options();
  int level = 9;
  ABI_OK(api().RunOptionsGetRunLogSeverityLevel(o.get(), &level));
  EXPECT_EQ(level, -1);
  ABI_OK(api().RunOptionsSetRunLogSeverityLevel(o.get(), 3));
  ABI_OK(api().RunOptionsGetRunLogSeverityLevel(o.get(), &level));
  EXPECT_EQ(level, 3);
  ABI_OK(api().RunOptionsSetRunLogVerbosityLevel(o.get(), 2));
  ABI_OK(api().RunOptionsGetRunLogVerbosityLevel(o.get(), &level));
  EXPECT_EQ(level, 2);
  const char* tag = nullptr;
  ABI_OK(api().RunOptionsGetRunTag(o.get(), &tag));
  EXPECT_STREQ(tag, "");
  ABI_OK(api().RunOptionsSetRunTag(o.get(), "my run"));
  ABI_OK(api().RunOptionsGetRunTag(o.get(), &tag));
  EXPECT_STREQ(tag, "my run");
  ABI_FAILS(api().AddRunConfigEntry(o.get(), "", ""), ORT_INVALID_ARGUMENT, "Config key is empty");
  ABI_OK(api().AddRunConfigEntry(o.get(), "memory.enable_memory_arena_shrinkage", "cpu:0"));
  EXPECT_STREQ(api().GetRunConfigEntry(o.get(), "memory.enable_memory_arena_shrinkage"), "cpu:0");
  EXPECT_EQ(api().GetRunConfigEntry(o.get(), "nothing"), nullptr);
  const Session s = open(relu_model());
  const Value x = floats({2, 3}, kSix);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(contents<float>(run_one(s.get(), {{"x", x.get()}}, "y", o.get()).get()), kSix);
  ABI_NULL(api().RunOptionsSetRunTag(o.get(), nullptr), "run_tag");
}

TEST(RunOptions, Terminate) {
  const Session s = open(relu_model());
  const Value x = floats({2, 3}, kSix);
  const RunOptions o = run_options();
  ABI_OK(api().RunOptionsSetTerminate(o.get()));
  std::vector<Value> out;
  ABI_FAILS(run(s.get(), {{"x", x.get()}}, {"y"}, out, o.get()), ORT_FAIL,
            "Exiting due to terminate flag being set to true.");
  ABI_OK(api().RunOptionsUnsetTerminate(o.get()));
  ABI_OK(run(s.get(), {{"x", x.get()}}, {"y"}, out, o.get()));
}

// A loop of many steps, stopped from another thread.
TEST(RunOptions, TerminateWhileRunning) {
  Text chain = input("x", tensor_type(kFloat, {512, 512}));
  std::string last = "x";
  for (int i = 0; i < 400; ++i) {
    const std::string next = "v" + std::to_string(i);
    chain += node("MatMul", {last, "x"}, {next});
    last = next;
  }
  chain += output(last, tensor_type(kFloat, {512, 512}));
  const SessionOptions own = options();
  ABI_OK(api().SetIntraOpNumThreads(own.get(), 2));
  const Session s = open(model(chain), own.get());
  const Value x = floats({512, 512}, std::vector<float>(512 * 512, 0));
  const RunOptions o = run_options();
  std::thread stop([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(take(api().RunOptionsSetTerminate(o.get())).text, "");
  });
  std::vector<Value> out;
  const Error e = take(run(s.get(), {{"x", x.get()}}, {last.c_str()}, out, o.get()));
  stop.join();
  EXPECT_EQ(e.code, ORT_FAIL) << "the run of 400 products was over within 20 ms";
  EXPECT_EQ(e.line(), "Exiting due to terminate flag being set to true.");
}

struct Done {
  std::mutex mutex;
  std::condition_variable changed;
  bool called = false;
  size_t outputs = 0;
  Error error;
};
void ORT_API_CALL done(void* user, OrtValue**, size_t count, OrtStatusPtr status) {
  Done& d = *static_cast<Done*>(user);
  std::lock_guard lock(d.mutex);
  d.outputs = count, d.error = take(status), d.called = true;
  d.changed.notify_one();
}
void wait(Done& d) {
  std::unique_lock lock(d.mutex);
  ASSERT_TRUE(d.changed.wait_for(lock, std::chrono::seconds(20), [&] { return d.called; }));
}

TEST(RunAsync, CallsBack) {
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 2));
  const Session s = open(relu_model(), o.get());
  const Value x = floats({2, 3}, kSix);
  const char *in[] = {"x"}, *out[] = {"y"};
  const OrtValue* inputs[] = {x.get()};
  OrtValue* outputs[] = {nullptr};
  Done d;
  ABI_OK(api().RunAsync(s.get(), nullptr, in, inputs, 1, out, 1, outputs, done, &d));
  wait(d);
  EXPECT_EQ(d.error.text, "");
  EXPECT_EQ(d.outputs, 1u);
  const Value y(outputs[0]);
  EXPECT_EQ(contents<float>(y.get()), kSix);
  ABI_NULL(api().RunAsync(s.get(), nullptr, in, inputs, 1, out, 1, outputs, nullptr, &d), "run_async_callback");
}

TEST(RunAsync, ReportsErrors) {
  const SessionOptions o = options();
  ABI_OK(api().SetIntraOpNumThreads(o.get(), 2));
  const Session s = open(relu_model(), o.get());
  const Value x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  const char *in[] = {"x"}, *out[] = {"y"};
  const OrtValue* inputs[] = {x.get()};
  OrtValue* outputs[] = {nullptr};
  Done d;
  ABI_OK(api().RunAsync(s.get(), nullptr, in, inputs, 1, out, 1, outputs, done, &d));
  wait(d);
  EXPECT_EQ(d.error.code, ORT_INVALID_ARGUMENT);
  EXPECT_EQ(outputs[0], nullptr);
}

TEST(Run, ManyThreadsShareASession) {
  const Session s = open(add_model());
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 6; ++t)
    threads.emplace_back([&, t] {
      for (int64_t i = 1; i < 60; ++i) {
        const int64_t n = (i + t) % 5 + 1;
        const std::vector<float> v(static_cast<size_t>(3 * n), static_cast<float>(t));
        const Value x = floats({n, 3}, v), y = floats({n, 3}, std::vector<float>(v.size(), 1));
        const std::vector<float> z = contents<float>(run_one(s.get(), {{"x", x.get()}, {"y", y.get()}}, "z").get());
        if (z != std::vector<float>(v.size(), static_cast<float>(t + 1))) ++wrong;
      }
    });
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Run, ProfilesOneRun) {
  if (!sardonyx()) GTEST_SKIP() << "the file's name cannot be asked for";
  const Folder folder;
  const Session s = open(relu_model());
  const Value x = floats({2, 3}, kSix);
  const RunOptions o = run_options();
  ABI_OK(api().RunOptionsEnableProfiling(o.get(), folder.path("run").c_str()));
  run_one(s.get(), {{"x", x.get()}}, "y", o.get());
  ABI_OK(api().RunOptionsDisableProfiling(o.get()));
  run_one(s.get(), {{"x", x.get()}}, "y", o.get());
}

}  // namespace
}  // namespace abi_test
