// What the C interface costs over the native call, for a model of one node. ABI_LIBRARY names the library, ABI_PEER
// another one with the same interface to compare with; without them only the native call is measured.
#include <benchmark/benchmark.h>
#include <dlfcn.h>

#include <cstdlib>

#include "../tests/abi/onnx_bytes.h"
#include "exec/session.h"
#include "onnxruntime/onnxruntime_c_api.h"

namespace {

using abi_test::Text;

struct Library {
  const OrtApi* api = nullptr;
  OrtEnv* env = nullptr;
};

Library load(const char* variable) {
  Library l;
  const char* path = std::getenv(variable);
  void* handle = path != nullptr ? ::dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (handle == nullptr) return l;
  const auto base = reinterpret_cast<const OrtApiBase* (*)()>(::dlsym(handle, "OrtGetApiBase"))();
  l.api = base->GetApi(ORT_API_VERSION);
  if (l.api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "bench", &l.env) != nullptr) l.api = nullptr;
  return l;
}

OrtSession* open(const Library& l) {
  const Text bytes = abi_test::relu_model();
  OrtSessionOptions* options = nullptr;
  OrtSession* s = nullptr;
  if (l.api->CreateSessionOptions(&options) == nullptr && l.api->SetIntraOpNumThreads(options, 1) == nullptr)
    if (l.api->CreateSessionFromArray(l.env, bytes.data(), bytes.size(), options, &s) != nullptr) s = nullptr;
  l.api->ReleaseSessionOptions(options);
  return s;
}

void native_run(benchmark::State& state) {
  Text bytes = abi_test::relu_model();
  const auto session = sardonyx::Session::open(sardonyx::Buffer::wrap(bytes.data(), bytes.size()));
  const sardonyx::Extents dims{2, 3};
  const sardonyx::Value in(*sardonyx::Tensor::make(sardonyx::DType::kF32, dims));
  for (auto _ : state) {
    sardonyx::Value out;
    if (!(*session)->run({&in, 1}, {&out, 1}).ok()) state.SkipWithError("the run failed");
  }
}

void abi_run(benchmark::State& state, const char* variable) {
  const Library l = load(variable);
  OrtSession* s = l.api != nullptr ? open(l) : nullptr;
  if (s == nullptr) return state.SkipWithError("no library");
  float data[6] = {};
  const int64_t dims[] = {2, 3};
  OrtMemoryInfo* memory = nullptr;
  OrtValue* x = nullptr;
  if (l.api->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory) != nullptr ||
      l.api->CreateTensorWithDataAsOrtValue(memory, data, sizeof data, dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
                                            &x) != nullptr)
    return state.SkipWithError("no value");
  const char *in[] = {"x"}, *out[] = {"y"};
  for (auto _ : state) {
    OrtValue* y = nullptr;
    if (l.api->Run(s, nullptr, in, &x, 1, out, 1, &y) != nullptr) return state.SkipWithError("the run failed");
    l.api->ReleaseValue(y);
  }
  l.api->ReleaseValue(x);
  l.api->ReleaseMemoryInfo(memory);
  l.api->ReleaseSession(s);
}

void abi_open(benchmark::State& state, const char* variable) {
  const Library l = load(variable);
  if (l.api == nullptr) return state.SkipWithError("no library");
  for (auto _ : state) l.api->ReleaseSession(open(l));
}

BENCHMARK(native_run);
BENCHMARK_CAPTURE(abi_run, library, "ABI_LIBRARY");
BENCHMARK_CAPTURE(abi_run, peer, "ABI_PEER");
BENCHMARK_CAPTURE(abi_open, library, "ABI_LIBRARY");
BENCHMARK_CAPTURE(abi_open, peer, "ABI_PEER");

}  // namespace
