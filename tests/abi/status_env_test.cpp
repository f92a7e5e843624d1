// The table, statuses, environments, loggers, thread options, key-value pairs.
#include "abi/abi.h"

namespace abi_test {
namespace {

TEST(Table, HasEverySlotForEveryVersion) {
  for (uint32_t v = 1; v <= ORT_API_VERSION; ++v) EXPECT_EQ(base().GetApi(v), &api()) << v;
  EXPECT_EQ(base().GetApi(0), nullptr);
  EXPECT_EQ(base().GetApi(ORT_API_VERSION + 1), nullptr);
  EXPECT_STREQ(base().GetVersionString(), "1.30.0");
  const auto full = [](const void* table, size_t bytes) {
    void* const* slot = static_cast<void* const*>(table);
    for (size_t i = 0; i < bytes / sizeof(void*); ++i) EXPECT_NE(slot[i], nullptr) << i;
  };
  full(&api(), sizeof(OrtApi));
  full(api().GetModelEditorApi(), sizeof(OrtModelEditorApi));
  full(api().GetCompileApi(), sizeof(OrtCompileApi));
  full(api().GetInteropApi(), sizeof(OrtInteropApi));
  full(api().GetEpApi(), sizeof(OrtEpApi));
  EXPECT_EQ(api().GetTrainingApi(ORT_API_VERSION), nullptr);
  EXPECT_EQ(api().GetExperimentalFunction("there is no such function"), nullptr);
  EXPECT_NE(std::string(api().GetBuildInfoString()).find("ORT Build Info: "), std::string::npos);
}

TEST(Status, CarriesCodeAndText) {
  OrtStatus* s = api().CreateStatus(ORT_NOT_FOUND, "not here");
  EXPECT_EQ(api().GetErrorCode(s), ORT_NOT_FOUND);
  EXPECT_STREQ(api().GetErrorMessage(s), "not here");
  api().ReleaseStatus(s);
  api().ReleaseStatus(nullptr);
}

TEST(Env, IsOnePerProcess) {
  OrtEnv *a = nullptr, *b = nullptr;
  ABI_OK(api().CreateEnv(ORT_LOGGING_LEVEL_FATAL, "one", &a));
  ABI_OK(api().CreateEnv(ORT_LOGGING_LEVEL_FATAL, "two", &b));
  EXPECT_EQ(a, b);
  EXPECT_EQ(a, env());
  ABI_OK(api().EnableTelemetryEvents(a));
  ABI_OK(api().DisableTelemetryEvents(a));
  ABI_OK(api().SetLanguageProjection(a, ORT_PROJECTION_CPLUSPLUS));
  ABI_OK(api().UpdateEnvWithCustomLogLevel(a, ORT_LOGGING_LEVEL_FATAL));
  api().ReleaseEnv(a);
  api().ReleaseEnv(b);
  api().ReleaseEnv(nullptr);
  ABI_NULL(api().CreateEnv(ORT_LOGGING_LEVEL_FATAL, "x", nullptr), "out");
  ABI_NULL(api().EnableTelemetryEvents(nullptr), "env");
}

struct Line {
  OrtLoggingLevel severity;
  std::string category, id, place, text;
};
void ORT_API_CALL keep(void* param, OrtLoggingLevel severity, const char* category, const char* id, const char* place,
                       const char* text) {
  static_cast<std::vector<Line>*>(param)->push_back({severity, category, id, place, text});
}

TEST(Logging, SessionsCallTheirFunction) {
  std::vector<Line> lines;
  const SessionOptions o = options();
  ABI_OK(api().SetUserLoggingFunction(o.get(), keep, &lines));
  ABI_OK(api().SetSessionLogSeverityLevel(o.get(), ORT_LOGGING_LEVEL_VERBOSE));
  ABI_OK(api().SetSessionLogId(o.get(), "my session"));
  ABI_OK(api().SetSessionLogVerbosityLevel(o.get(), 1));
  const Session s = open(relu_model(), o.get());
  ASSERT_FALSE(lines.empty());
  bool mine = false;
  for (const Line& l : lines) {
    EXPECT_EQ(l.category, "onnxruntime");
    EXPECT_FALSE(l.place.empty());
    mine |= l.id == "my session";
  }
  EXPECT_TRUE(mine);
}

TEST(Logging, SeverityHoldsBack) {
  std::vector<Line> lines;
  const SessionOptions o = options();
  ABI_OK(api().SetUserLoggingFunction(o.get(), keep, &lines));
  ABI_OK(api().SetSessionLogSeverityLevel(o.get(), ORT_LOGGING_LEVEL_FATAL));
  const Session s = open(relu_model(), o.get());
  EXPECT_TRUE(lines.empty());
}

TEST(Logging, RunsHaveASeverityAndATagOfTheirOwn) {
  std::vector<Line> lines;
  const SessionOptions o = options();
  ABI_OK(api().SetUserLoggingFunction(o.get(), keep, &lines));
  ABI_OK(api().SetSessionLogSeverityLevel(o.get(), ORT_LOGGING_LEVEL_FATAL));
  ABI_OK(api().SetSessionLogId(o.get(), "my session"));
  const Session s = open(relu_model(), o.get());
  const Value x = floats({2, 3}, {-1, 2, -3, 4, -5, 6});
  const char *in[] = {"x"}, *out[] = {"y"};
  const OrtValue* inputs[] = {x.get()};
  const auto run = [&](const OrtRunOptions* how) {
    OrtValue* y = nullptr;
    ABI_OK(api().Run(s.get(), how, in, inputs, 1, out, 1, &y));
    api().ReleaseValue(y);
  };
  const RunOptions r = run_options();
  run(r.get());
  EXPECT_TRUE(lines.empty());
  ABI_OK(api().RunOptionsSetRunLogSeverityLevel(r.get(), ORT_LOGGING_LEVEL_VERBOSE));
  ABI_OK(api().RunOptionsSetRunTag(r.get(), "my run"));
  run(r.get());
  if (sardonyx()) {  // ONNX Runtime says nothing of runs that go well
    ASSERT_FALSE(lines.empty());
  }
  for (const Line& l : lines) EXPECT_EQ(l.id, "my session/my run");
}

TEST(KeyValues, AreOrderedAndReplaced) {
  OrtKeyValuePairs* kv = nullptr;
  api().CreateKeyValuePairs(&kv);
  ASSERT_NE(kv, nullptr);
  api().AddKeyValuePair(kv, "b", "2");
  api().AddKeyValuePair(kv, "a", "1");
  api().AddKeyValuePair(kv, "b", "3");
  EXPECT_STREQ(api().GetKeyValue(kv, "b"), "3");
  EXPECT_EQ(api().GetKeyValue(kv, "c"), nullptr);
  const char *const *keys = nullptr, *const *values = nullptr;
  size_t count = 0;
  api().GetKeyValuePairs(kv, &keys, &values, &count);
  ASSERT_EQ(count, 2u);
  EXPECT_STREQ(keys[0], "a");
  EXPECT_STREQ(values[1], "3");
  api().RemoveKeyValuePair(kv, "a");
  api().RemoveKeyValuePair(kv, "nothing");
  api().GetKeyValuePairs(kv, &keys, &values, &count);
  EXPECT_EQ(count, 1u);
  api().ReleaseKeyValuePairs(kv);
  api().ReleaseKeyValuePairs(nullptr);
}

TEST(Threading, OptionsAreChecked) {
  OrtThreadingOptions* t = nullptr;
  ABI_OK(api().CreateThreadingOptions(&t));
  ABI_OK(api().SetGlobalIntraOpNumThreads(t, 2));
  ABI_OK(api().SetGlobalInterOpNumThreads(t, 1));
  ABI_OK(api().SetGlobalSpinControl(t, 0));
  ABI_OK(api().SetGlobalDenormalAsZero(t));
  ABI_OK(api().SetGlobalCustomCreateThreadFn(t, nullptr));
  ABI_OK(api().SetGlobalCustomThreadCreationOptions(t, nullptr));
  ABI_OK(api().SetGlobalCustomJoinThreadFn(t, nullptr));
  ABI_FAILS(api().SetGlobalSpinControl(t, 4), ORT_INVALID_ARGUMENT, "Received invalid value for allow_spinning.");
  ABI_FAILS(api().SetGlobalIntraOpThreadAffinity(t, ""), ORT_INVALID_ARGUMENT, "Size of affinity string must be");
  ABI_OK(api().SetGlobalIntraOpThreadAffinity(t, "1"));
  if (sardonyx()) {  // others look at it when the environment is made
    ABI_FAILS(api().SetGlobalIntraOpThreadAffinity(t, "1,x"), ORT_INVALID_ARGUMENT, "thread affinities \"1,x\"");
    ABI_FAILS(api().SetGlobalIntraOpThreadAffinity(t, "3-1"), ORT_INVALID_ARGUMENT, "thread affinities \"3-1\"");
  }
  api().ReleaseThreadingOptions(t);
}

TEST(Threading, SessionsWithoutOwnThreadsNeedGlobalOnes) {
  const SessionOptions o = options();
  ABI_OK(api().DisablePerSessionThreads(o.get()));
  OrtSession* s = nullptr;
  const Error e = take(try_open(relu_model(), o.get(), &s));
  EXPECT_EQ(e.code, ORT_FAIL);
  EXPECT_NE(e.text.find("the env must be created with the the CreateEnvWithGlobalThreadPools API."), std::string::npos);
}

}  // namespace
}  // namespace abi_test
