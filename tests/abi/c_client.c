/* A client in C: environments of its own, global thread pools, a model from bytes to outputs and back to nothing.
   usage: abi_c_client LIBRARY */
#define _POSIX_C_SOURCE 200112L
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnxruntime/onnxruntime_c_api.h"

static const OrtApi* g_api;
static int g_checks;
static int g_lines;

static void check(int good, const char* what, int line) {
  ++g_checks;
  if (good) return;
  fprintf(stderr, "c_client.c:%d: %s\n", line, what);
  exit(1);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static void check_ok(OrtStatus* status, const char* what, int line) {
  ++g_checks;
  if (status == NULL) return;
  fprintf(stderr, "c_client.c:%d: %s: %s\n", line, what, g_api->GetErrorMessage(status));
  exit(1);
}
#define OK(call) check_ok((call), #call, __LINE__)

/* A model as bytes: y = Relu(x), both float[2,3]. */
static size_t put(unsigned char* out, size_t at, int field, const void* data, size_t size) {
  out[at++] = (unsigned char)(field << 3 | 2);
  out[at++] = (unsigned char)size;
  memcpy(out + at, data, size);
  return at + size;
}
static size_t put_value(unsigned char* out, size_t at, int field, const char* name) {
  static const unsigned char kType[] = {0x0a, 0x0c, 0x08, 1, 0x12, 0x08, 0x0a, 2, 0x08, 2, 0x0a, 2, 0x08, 3};
  unsigned char value[64];
  size_t n = put(value, 0, 1, name, strlen(name));
  n = put(value, n, 2, kType, sizeof kType);
  return put(out, at, field, value, n);
}
static size_t relu_model(unsigned char* out) {
  static const unsigned char kOpset[] = {0x10, 17};
  unsigned char node[64], graph[256];
  size_t n = put(node, 0, 1, "x", 1), at;
  n = put(node, n, 2, "y", 1);
  n = put(node, n, 4, "Relu", 4);
  at = put(graph, 0, 1, node, n);
  at = put(graph, at, 2, "g", 1);
  at = put_value(graph, at, 11, "x");
  at = put_value(graph, at, 12, "y");
  out[0] = 0x08, out[1] = 8;
  n = put(out, 2, 8, kOpset, sizeof kOpset);
  return put(out, n, 7, graph, at);
}

static void ORT_API_CALL log_line(void* param, OrtLoggingLevel severity, const char* category, const char* logid,
                                  const char* code_location, const char* message) {
  CHECK(param == &g_lines);
  CHECK(severity >= ORT_LOGGING_LEVEL_VERBOSE && severity <= ORT_LOGGING_LEVEL_FATAL);
  CHECK(category != NULL && logid != NULL && code_location != NULL && message != NULL);
  ++g_lines;
}

static void run_model(OrtEnv* env, OrtSessionOptions* options) {
  unsigned char model[512];
  const size_t size = relu_model(model);
  OrtSession* session = NULL;
  OrtMemoryInfo* memory = NULL;
  OrtAllocator* allocator = NULL;
  OrtValue *x = NULL, *y = NULL;
  float in[6] = {-1, 2, -3, 4, -5, 6}, *out = NULL;
  const int64_t dims[2] = {2, 3};
  char *in_name = NULL, *out_name = NULL;
  int i, is_tensor = 0;
  OK(g_api->CreateSessionFromArray(env, model, size, options, &session));
  OK(g_api->GetAllocatorWithDefaultOptions(&allocator));
  OK(g_api->SessionGetInputName(session, 0, allocator, &in_name));
  OK(g_api->SessionGetOutputName(session, 0, allocator, &out_name));
  CHECK(strcmp(in_name, "x") == 0 && strcmp(out_name, "y") == 0);
  OK(g_api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));
  OK(g_api->CreateTensorWithDataAsOrtValue(memory, in, sizeof in, dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &x));
  OK(g_api->Run(session, NULL, (const char* const*)&in_name, (const OrtValue* const*)&x, 1,
                (const char* const*)&out_name, 1, &y));
  OK(g_api->IsTensor(y, &is_tensor));
  CHECK(is_tensor);
  OK(g_api->GetTensorMutableData(y, (void**)&out));
  for (i = 0; i < 6; ++i) CHECK(out[i] == (in[i] > 0 ? in[i] : 0));
  OK(g_api->AllocatorFree(allocator, in_name));
  OK(g_api->AllocatorFree(allocator, out_name));
  g_api->ReleaseValue(y);
  g_api->ReleaseValue(x);
  g_api->ReleaseMemoryInfo(memory);
  g_api->ReleaseSession(session);
}

static void with_custom_logger(void) {
  OrtEnv* env = NULL;
  OrtSessionOptions* options = NULL;
  OK(g_api->CreateEnvWithCustomLogger(log_line, &g_lines, ORT_LOGGING_LEVEL_VERBOSE, "c_client", &env));
  OK(g_api->CreateSessionOptions(&options));
  run_model(env, options);
  CHECK(g_lines > 0);
  g_api->ReleaseSessionOptions(options);
  g_api->ReleaseEnv(env);
}

static void with_global_threads(void) {
  OrtEnv* env = NULL;
  OrtThreadingOptions* threads = NULL;
  OrtSessionOptions* options = NULL;
  OK(g_api->CreateThreadingOptions(&threads));
  OK(g_api->SetGlobalIntraOpNumThreads(threads, 2));
  OK(g_api->SetGlobalSpinControl(threads, 0));
  OK(g_api->CreateEnvWithGlobalThreadPools(ORT_LOGGING_LEVEL_FATAL, "c_client", threads, &env));
  g_api->ReleaseThreadingOptions(threads);
  OK(g_api->CreateSessionOptions(&options));
  OK(g_api->DisablePerSessionThreads(options));
  run_model(env, options);
  g_api->ReleaseSessionOptions(options);
  g_api->ReleaseEnv(env);
}

static void with_creation_options(void) {
  OrtEnv* env = NULL;
  OrtSessionOptions* options = NULL;
  OrtEnvCreationOptions how;
  memset(&how, 0, sizeof how);
  how.version = ORT_API_VERSION;
  how.logging_severity_level = ORT_LOGGING_LEVEL_FATAL;
  how.log_id = "c_client";
  OK(g_api->CreateEnvWithOptions(&how, &env));
  OK(g_api->CreateSessionOptions(&options));
  run_model(env, options);
  g_api->ReleaseSessionOptions(options);
  g_api->ReleaseEnv(env);
}

/* 200 sessions, made and released. */
static void again_and_again(void) {
  OrtEnv* env = NULL;
  OrtSessionOptions* options = NULL;
  int i;
  OK(g_api->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "c_client", &env));
  OK(g_api->CreateSessionOptions(&options));
  for (i = 0; i < 200; ++i) run_model(env, options);
  g_api->ReleaseSessionOptions(options);
  g_api->ReleaseEnv(env);
}

int main(int argc, char** argv) {
  void* library;
  const OrtApiBase* (*get_base)(void);
  if (argc != 2) {
    fprintf(stderr, "usage: abi_c_client LIBRARY\n");
    return 2;
  }
  setenv("ORT_DISABLE_TELEMETRY", "1", 1);
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 2;
  }
  *(void**)&get_base = dlsym(library, "OrtGetApiBase");
  CHECK(get_base != NULL);
  g_api = get_base()->GetApi(ORT_API_VERSION);
  CHECK(g_api != NULL);
  with_custom_logger();
  with_global_threads();
  with_creation_options();
  again_and_again();
  printf("summary: %d checks in C\n", g_checks);
  return 0;
}
