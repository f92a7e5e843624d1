// IoBinding, execution providers and their option objects, devices.
#include <dlfcn.h>

#include "abi/abi.h"

namespace abi_test {
namespace {

const std::vector<float> kSix{0, 1, 2, 3, 4, 5};

TEST(Binding, InputsAndOutputsForManyRuns) {
  const Session s = open(add_model());
  OrtIoBinding* raw = nullptr;
  ABI_OK(api().CreateIoBinding(s.get(), &raw));
  const Binding b(raw);
  const Value x = floats({2, 3}, kSix), y = floats({2, 3}, kSix), z = floats({2, 3}, std::vector<float>(6));
  ABI_FAILS(api().BindInput(raw, "nope", x.get()), ORT_FAIL, "Failed to find input name in the mapping: nope");
  if (sardonyx()) ABI_FAILS(api().RunWithBinding(s.get(), nullptr, raw), ORT_INVALID_ARGUMENT, "At least one output");
  const Binding fresh([&] {
    OrtIoBinding* p = nullptr;
    EXPECT_EQ(take(api().CreateIoBinding(s.get(), &p)).text, "");
    return p;
  }());
  OrtIoBinding* f = fresh.get();
  ABI_OK(api().BindInput(f, "x", x.get()));
  ABI_OK(api().BindInput(f, "y", y.get()));
  ABI_OK(api().BindOutput(f, "z", z.get()));
  ABI_OK(api().SynchronizeBoundInputs(f));
  for (int i = 0; i < 3; ++i) ABI_OK(api().RunWithBinding(s.get(), nullptr, f));
  ABI_OK(api().SynchronizeBoundOutputs(f));
  EXPECT_EQ(contents<float>(z.get()), (std::vector<float>{0, 2, 4, 6, 8, 10}));
  OrtValue** values = nullptr;
  size_t count = 0;
  ABI_OK(api().GetBoundOutputValues(f, allocator(), &values, &count));
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(contents<float>(values[0]), contents<float>(z.get()));
  api().ReleaseValue(values[0]);
  ABI_OK(api().AllocatorFree(allocator(), values));

  api().ClearBoundOutputs(f);
  ABI_OK(api().GetBoundOutputValues(f, allocator(), &values, &count));
  EXPECT_EQ(count, 0u);
  ABI_OK(api().BindOutputToDevice(f, "z", cpu()));
  const Value longer = floats({3, 3}, std::vector<float>(9, 1));
  for (const OrtValue* v : {x.get(), longer.get()}) {
    if (!sardonyx()) api().ClearBoundOutputs(f);  // others go on with the value that the last run made
    ABI_OK(api().BindOutputToDevice(f, "z", cpu()));
    ABI_OK(api().BindInput(f, "x", v));
    ABI_OK(api().BindInput(f, "y", v));
    ABI_OK(api().RunWithBinding(s.get(), nullptr, f));
    ABI_OK(api().GetBoundOutputValues(f, allocator(), &values, &count));
    ASSERT_EQ(count, 1u);
    EXPECT_EQ(shape_of(values[0]), shape_of(v));
    api().ReleaseValue(values[0]);
    ABI_OK(api().AllocatorFree(allocator(), values));
  }
  char* names = nullptr;
  size_t* lengths = nullptr;
  ABI_OK(api().GetBoundOutputNames(f, allocator(), &names, &lengths, &count));
  ASSERT_EQ(count, 1u);
  EXPECT_EQ(std::string(names, lengths[0]), "z");
  ABI_OK(api().AllocatorFree(allocator(), names));
  ABI_OK(api().AllocatorFree(allocator(), lengths));
  api().ClearBoundInputs(f);
  EXPECT_NE(take(api().RunWithBinding(s.get(), nullptr, f)).code, ORT_OK);
}

TEST(Binding, WrongTypesAndSessions) {
  const Session s = open(relu_model()), other = open(relu_model());
  OrtIoBinding* raw = nullptr;
  ABI_OK(api().CreateIoBinding(s.get(), &raw));
  const Binding b(raw);
  const Value x = ints({2, 3}, {1, 2, 3, 4, 5, 6});
  ABI_OK(api().BindInput(raw, "x", x.get()));
  ABI_OK(api().BindOutputToDevice(raw, "y", cpu()));
  ABI_FAILS(api().RunWithBinding(s.get(), nullptr, raw), ORT_INVALID_ARGUMENT, "Unexpected input data type.");
  if (!sardonyx()) return;
  ABI_FAILS(api().RunWithBinding(other.get(), nullptr, raw), ORT_INVALID_ARGUMENT,
            "the binding was made for another session");
  OrtMemoryInfo* cuda = nullptr;
  ABI_OK(api().CreateMemoryInfo("Cuda", OrtDeviceAllocator, 0, OrtMemTypeDefault, &cuda));
  const MemoryInfo owner(cuda);
  ABI_FAILS(api().BindOutputToDevice(raw, "y", cuda), ORT_INVALID_ARGUMENT, "memory of Cuda is not available");
  ABI_NULL(api().BindInput(raw, nullptr, x.get()), "name");
}

TEST(Binding, OutlivesTheCallersSession) {
  if (!sardonyx()) GTEST_SKIP() << "ONNX Runtime crashes: its binding holds the released session";
  Session s = open(relu_model());
  OrtSession* kept = s.get();
  OrtIoBinding* raw = nullptr;
  ABI_OK(api().CreateIoBinding(kept, &raw));
  const Binding b(raw);
  s.reset();
  const Value x = floats({2, 3}, kSix);
  ABI_OK(api().BindInput(raw, "x", x.get()));
}

TEST(Providers, ListAndCpu) {
  char** names = nullptr;
  int count = 0;
  ABI_OK(api().GetAvailableProviders(&names, &count));
  ASSERT_GE(count, 1);
  EXPECT_STREQ(names[count - 1], "CPUExecutionProvider");
  ABI_OK(api().ReleaseAvailableProviders(names, count));
  const SessionOptions o = options();
  for (const char* name : {"CPU", "CPUExecutionProvider"})
    ABI_OK(api().SessionOptionsAppendExecutionProvider(o.get(), name, nullptr, nullptr, 0));
  const auto cpu_legacy = reinterpret_cast<OrtStatus* (*)(OrtSessionOptions*, int)>(
      ::dlsym(library(), "OrtSessionOptionsAppendExecutionProvider_CPU"));
  ASSERT_NE(cpu_legacy, nullptr);
  ABI_OK(cpu_legacy(o.get(), 1));
  EXPECT_NE(open(relu_model(), o.get()), nullptr);
}

TEST(Providers, ThoseNotHereAreRefused) {
  const SessionOptions o = options();
  const auto append = [&](const char* name) {
    return api().SessionOptionsAppendExecutionProvider(o.get(), name, nullptr, nullptr, 0);
  };
  ABI_FAILS(append("QNN"), ORT_INVALID_ARGUMENT, "QNN execution provider is not supported in this build. ");
  ABI_FAILS(append("CoreML"), ORT_INVALID_ARGUMENT, "CoreML execution provider is not supported in this build. ");
  ABI_FAILS(append("Foo"), ORT_INVALID_ARGUMENT,
            "Unknown provider name 'Foo'. Currently supported values are 'DML'/'DmlExecutionProvider', ");
  OrtCUDAProviderOptionsV2* cuda = nullptr;
  ABI_OK(api().CreateCUDAProviderOptions(&cuda));
  ABI_FAILS(api().SessionOptionsAppendExecutionProvider_CUDA_V2(o.get(), cuda), ORT_FAIL,
            "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library");
  api().ReleaseCUDAProviderOptions(cuda);
  OrtTensorRTProviderOptionsV2* trt = nullptr;
  ABI_OK(api().CreateTensorRTProviderOptions(&trt));
  ABI_FAILS(api().SessionOptionsAppendExecutionProvider_TensorRT_V2(o.get(), trt), ORT_FAIL,
            "OrtSessionOptionsAppendExecutionProvider_TensorRT: Failed to load shared library");
  api().ReleaseTensorRTProviderOptions(trt);
  const OrtROCMProviderOptions rocm{};
  ABI_FAILS(api().SessionOptionsAppendExecutionProvider_ROCM(o.get(), &rocm), ORT_FAIL,
            "ROCM execution provider is not enabled in this build. ");
  OrtDnnlProviderOptions* dnnl = nullptr;
  ABI_FAILS(api().CreateDnnlProviderOptions(&dnnl), ORT_FAIL,
            "oneDNN execution provider is not enabled in this build.");
  OrtCANNProviderOptions* cann = nullptr;
  ABI_FAILS(api().CreateCANNProviderOptions(&cann), ORT_FAIL, "CANN execution provider is not enabled in this build.");
  for (const char* symbol : {"CUDA", "Tensorrt"}) {
    const auto legacy = reinterpret_cast<OrtStatus* (*)(OrtSessionOptions*, int)>(
        ::dlsym(library(), (std::string("OrtSessionOptionsAppendExecutionProvider_") + symbol).c_str()));
    ASSERT_NE(legacy, nullptr);
    EXPECT_EQ(take(legacy(o.get(), 0)).code, ORT_FAIL);
  }
  ABI_FAILS(api().SetCurrentGpuDeviceId(0), ORT_FAIL,
            "CUDA execution provider is either not enabled or not available.");
  const void* table = nullptr;
  ABI_FAILS(api().GetExecutionProviderApi("CPU", 0, &table), ORT_INVALID_ARGUMENT,
            "Specified provider is not supported.");
}

TEST(Providers, LibrariesThatAreMissing) {
  OrtEnv* e = const_cast<OrtEnv*>(env());
  ABI_FAILS(api().RegisterExecutionProviderLibrary(e, "foo", "/nowhere.so"), ORT_FAIL,
            "Failed to load library /nowhere.so with error: ");
  ABI_FAILS(api().UnregisterExecutionProviderLibrary(e, "foo"), ORT_FAIL,
            "Execution provider library: foo was not registered.");
}

TEST(Devices, TheCpu) {
  const OrtEpDevice* const* devices = nullptr;
  size_t count = 0;
  ABI_OK(api().GetEpDevices(env(), &devices, &count));
  ASSERT_GE(count, 1u);
  EXPECT_STREQ(api().EpDevice_EpName(devices[0]), "CPUExecutionProvider");
  EXPECT_NE(api().GetKeyValue(api().EpDevice_EpMetadata(devices[0]), "version"), nullptr);
  EXPECT_NE(api().EpDevice_EpOptions(devices[0]), nullptr);
  const OrtHardwareDevice* d = api().EpDevice_Device(devices[0]);
  EXPECT_EQ(api().HardwareDevice_Type(d), OrtHardwareDeviceType_CPU);
  EXPECT_NE(api().HardwareDevice_Vendor(d), nullptr);
  EXPECT_NE(api().HardwareDevice_Metadata(d), nullptr);
  ABI_OK(api().GetNumHardwareDevices(env(), &count));
  ASSERT_GE(count, 1u);
  std::vector<const OrtHardwareDevice*> all(count);
  ABI_OK(api().GetHardwareDevices(env(), all.data(), count));
  EXPECT_NE(all[0], nullptr);
  const SessionOptions o = options();
  ABI_OK(api().SessionOptionsAppendExecutionProvider_V2(o.get(), const_cast<OrtEnv*>(env()), devices, 1, nullptr,
                                                        nullptr, 0));
  ABI_OK(api().SessionOptionsSetEpSelectionPolicy(options().get(), OrtExecutionProviderDevicePolicy_PREFER_CPU));
  const Session s = open(relu_model(), o.get());
  const OrtEpDevice* where[1] = {};
  ABI_OK(api().SessionGetEpDeviceForInputs(s.get(), where, 1));
  ABI_OK(api().SessionGetEpDeviceForOutputs(s.get(), where, 1));
  OrtDeviceEpIncompatibilityDetails* details = nullptr;
  ABI_OK(api().GetHardwareDeviceEpIncompatibilityDetails(env(), "CPUExecutionProvider", d, &details));
  uint32_t reasons = 9;
  ABI_OK(api().DeviceEpIncompatibilityDetails_GetReasonsBitmask(details, &reasons));
  EXPECT_EQ(reasons, 0u);
  api().ReleaseDeviceEpIncompatibilityDetails(details);
  OrtSyncStream* stream = nullptr;
  ABI_FAILS(api().CreateSyncStreamForEpDevice(devices[0], nullptr, &stream), ORT_INVALID_ARGUMENT,
            "ep_device does not use DEFAULT memory of a non-CPU device.");
}

TEST(Models, CompatibilityOfCompiledOnes) {
  const Text m =
      model(node("Relu", {"x"}, {"y"}) + input("x", tensor_type(kFloat, {1})) + output("y", tensor_type(kFloat, {1})),
            entry(14, "ep_compatibility_info.Mine", "v7"));
  char* text = nullptr;
  ABI_OK(api().GetCompatibilityInfoFromModelBytes(m.data(), m.size(), "Mine", allocator(), &text));
  EXPECT_EQ(taken(text), "v7");
  ABI_OK(api().GetCompatibilityInfoFromModelBytes(m.data(), m.size(), "Other", allocator(), &text));
  EXPECT_EQ(text, nullptr);
  EXPECT_EQ(take(api().GetCompatibilityInfoFromModel("/nowhere.onnx", "Mine", allocator(), &text)).code,
            ORT_NO_SUCHFILE);
}

}  // namespace
}  // namespace abi_test
