/* Options, sessions, runs, bindings. */
#include <pthread.h>

#include "plain.h"

static const int64_t kDims[] = {2, 3};
static const float kNumbers[] = {-1, 2, -3, 4, -5, 6};

void options(void) {
  OrtSessionOptions *o = NULL, *copy = NULL;
  OrtKeyValuePairs* entries = NULL;
  ExecutionMode mode;
  char value[16];
  size_t n = sizeof value;
  int yes = 0;
  OK(ort->CreateSessionOptions(&o));
  OK(ort->SetSessionExecutionMode(o, ORT_PARALLEL));
  OK(ort->GetSessionExecutionMode(o, &mode));
  CHECK(mode == ORT_PARALLEL);
  OK(ort->DisableMemPattern(o));
  OK(ort->GetMemPatternEnabled(o, &yes));
  CHECK(!yes);
  OK(ort->EnableMemPattern(o));
  OK(ort->DisableCpuMemArena(o));
  OK(ort->EnableCpuMemArena(o));
  OK(ort->EnableProfiling(o, "unused"));
  OK(ort->DisableProfiling(o));
  OK(ort->SetSessionLogId(o, "id"));
  OK(ort->SetSessionLogVerbosityLevel(o, 0));
  OK(ort->SetSessionLogSeverityLevel(o, ORT_LOGGING_LEVEL_ERROR));
  OK(ort->SetSessionGraphOptimizationLevel(o, ORT_ENABLE_EXTENDED));
  FAILS(ort->SetSessionGraphOptimizationLevel(o, (GraphOptimizationLevel)77), ORT_INVALID_ARGUMENT,
        "graph_optimization_level is not valid");
  OK(ort->SetIntraOpNumThreads(o, 2));
  OK(ort->SetInterOpNumThreads(o, 1));
  OK(ort->SetDeterministicCompute(o, true));
  OK(ort->AddFreeDimensionOverrideByName(o, "N", 2));
  OK(ort->AddFreeDimensionOverride(o, "DATA_BATCH", 2));
  OK(ort->AddSessionConfigEntry(o, "my.key", "my value"));
  FAILS(ort->AddSessionConfigEntry(o, "", "x"), ORT_INVALID_ARGUMENT,
        "Config key is empty or longer than maximum length 1024");
  OK(ort->HasSessionConfigEntry(o, "my.key", &yes));
  CHECK(yes);
  OK(ort->GetSessionConfigEntry(o, "my.key", value, &n));
  CHECK(n == 9 && strcmp(value, "my value") == 0);
  OK(ort->GetSessionOptionsConfigEntries(o, &entries));
  CHECK(strcmp(ort->GetKeyValue(entries, "my.key"), "my value") == 0);
  ort->ReleaseKeyValuePairs(entries);
  OK(ort->CloneSessionOptions(o, &copy));
  OK(ort->HasSessionConfigEntry(copy, "my.key", &yes));
  CHECK(yes);
  ort->ReleaseSessionOptions(copy);
  ort->ReleaseSessionOptions(o);
}

static void check_metadata(const OrtSession* session) {
  OrtModelMetadata* metadata = NULL;
  char *text = NULL, **keys = NULL;
  int64_t version = -1, n = 0;
  OK(ort->SessionGetModelMetadata(session, &metadata));
  OK(ort->ModelMetadataGetProducerName(metadata, heap, &text));
  CHECK(strcmp(text, "by hand") == 0);
  OK(ort->AllocatorFree(heap, text));
  OK(ort->ModelMetadataGetGraphName(metadata, heap, &text));
  CHECK(strcmp(text, "g") == 0);
  OK(ort->AllocatorFree(heap, text));
  OK(ort->ModelMetadataGetDomain(metadata, heap, &text));
  OK(ort->AllocatorFree(heap, text));
  OK(ort->ModelMetadataGetDescription(metadata, heap, &text));
  OK(ort->AllocatorFree(heap, text));
  OK(ort->ModelMetadataGetGraphDescription(metadata, heap, &text));
  OK(ort->AllocatorFree(heap, text));
  OK(ort->ModelMetadataGetVersion(metadata, &version));
  OK(ort->ModelMetadataGetCustomMetadataMapKeys(metadata, heap, &keys, &n));
  CHECK(n == 0);
  OK(ort->ModelMetadataLookupCustomMetadataMap(metadata, heap, "key", &text));
  CHECK(text == NULL);
  ort->ReleaseModelMetadata(metadata);
}

void sessions(void) {
  const Bytes bytes = relu_model();
  OrtSession *session = NULL, *other = NULL;
  OrtSessionOptions* o = NULL;
  OrtPrepackedWeightsContainer* packed = NULL;
  OrtTypeInfo* type = NULL;
  const OrtMemoryInfo* where[1];
  FILE* file;
  char *name = NULL, path[512];
  size_t n = 0;
  uint64_t begin = 0;
  snprintf(path, sizeof path, "%s", in_folder("relu.onnx"));
  file = fopen(path, "wb");
  CHECK(file != NULL && fwrite(bytes.data, 1, bytes.size, file) == bytes.size);
  fclose(file);
  OK(ort->CreateSessionOptions(&o));
  OK(ort->SetOptimizedModelFilePath(o, in_folder("optimised.onnx")));
  OK(ort->CreateSession(env, path, o, &session));
  file = fopen(in_folder("optimised.onnx"), "rb");
  CHECK(file != NULL);
  fclose(file);
  ort->ReleaseSessionOptions(o);
  OK(ort->SessionGetInputCount(session, &n));
  CHECK(n == 1);
  OK(ort->SessionGetOutputCount(session, &n));
  CHECK(n == 1);
  OK(ort->SessionGetOverridableInitializerCount(session, &n));
  CHECK(n == 0);
  OK(ort->SessionGetInputName(session, 0, heap, &name));
  CHECK(strcmp(name, "x") == 0);
  OK(ort->AllocatorFree(heap, name));
  OK(ort->SessionGetOutputName(session, 0, heap, &name));
  CHECK(strcmp(name, "y") == 0);
  OK(ort->AllocatorFree(heap, name));
  OK(ort->SessionGetInputTypeInfo(session, 0, &type));
  ort->ReleaseTypeInfo(type);
  OK(ort->SessionGetOutputTypeInfo(session, 0, &type));
  ort->ReleaseTypeInfo(type);
  OK(ort->SessionGetMemoryInfoForInputs(session, where, 1));
  OK(ort->SessionGetMemoryInfoForOutputs(session, where, 1));
  OK(ort->SessionGetProfilingStartTimeNs(session, &begin));
  check_metadata(session);
  ort->ReleaseSession(session);

  OK(ort->CreateSessionOptions(&o));
  OK(ort->CreatePrepackedWeightsContainer(&packed));
  OK(ort->CreateSessionWithPrepackedWeightsContainer(env, path, o, packed, &session));
  OK(ort->CreateSessionFromArrayWithPrepackedWeightsContainer(env, bytes.data, bytes.size, o, packed, &other));
  ort->ReleaseSession(other);
  ort->ReleaseSession(session);
  ort->ReleasePrepackedWeightsContainer(packed);
  session = NULL;
  FAILS(ort->CreateSession(env, "/no/such.onnx", o, &session), ORT_NO_SUCHFILE,
        "Load model from /no/such.onnx failed:Load model /no/such.onnx failed. File doesn't exist");
  FAILS(ort->CreateSessionFromArray(env, "\xff\xff\xff", 3, o, &session), ORT_INVALID_PROTOBUF,
        "Failed to load model because protobuf parsing failed.");
  FAILS(ort->CreateSessionFromArray(env, "", 0, o, &session), ORT_INVALID_ARGUMENT,
        "No graph was found in the protobuf.");
  OK(ort->SessionOptionsSetLoadCancellationFlag(o, true));
  ort->ReleaseSessionOptions(o);
  CHECK(session == NULL);
}

typedef struct Done {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int called;
} Done;
static void when_done(void* data, OrtValue** outputs, size_t count, OrtStatus* status) {
  Done* done = (Done*)data;
  CHECK(status == NULL && count == 1 && floats_of(outputs[0])[1] == 2);
  pthread_mutex_lock(&done->mutex);
  done->called = 1;
  pthread_cond_signal(&done->changed);
  pthread_mutex_unlock(&done->mutex);
}

static void check_refusals(OrtSession* session, const OrtValue* x) {
  const int64_t wrong[] = {2, 4}, flat[] = {6};
  const float eight[8] = {0};
  OrtValue *other = floats(wrong, 2, eight), *y = NULL;
  const char *in = "x", *out = "y", *nope = "nope";
  FAILS(ort->Run(session, NULL, &in, (const OrtValue* const*)&other, 1, &out, 1, &y), ORT_INVALID_ARGUMENT,
        "Got invalid dimensions for input: x for the following indices");
  FAILS(ort->Run(session, NULL, &nope, &x, 1, &out, 1, &y), ORT_INVALID_ARGUMENT, "Invalid input name: nope");
  FAILS(ort->Run(session, NULL, &in, &x, 1, &nope, 1, &y), ORT_INVALID_ARGUMENT, "Invalid output name: nope");
  ort->ReleaseValue(other);
  other = floats(flat, 1, eight);
  FAILS(ort->Run(session, NULL, &in, (const OrtValue* const*)&other, 1, &out, 1, &y), ORT_INVALID_ARGUMENT,
        "Invalid rank for input: x Got: 1 Expected: 2 Please fix either the inputs/outputs or the model.");
  ort->ReleaseValue(other);
  OK(ort->CreateTensorAsOrtValue(heap, kDims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &other));
  FAILS(ort->Run(session, NULL, &in, (const OrtValue* const*)&other, 1, &out, 1, &y), ORT_INVALID_ARGUMENT,
        "Unexpected input data type. Actual: (tensor(int64)) , expected: (tensor(float))");
  ort->ReleaseValue(other);
  CHECK(y == NULL);
}

void runs(void) {
  const Bytes bytes = relu_model();
  OrtSessionOptions* o = NULL;
  OrtRunOptions* r = NULL;
  OrtSession* session;
  OrtValue *x = floats(kDims, 2, kNumbers), *y = NULL;
  Done done = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
  const char *in = "x", *out = "y", *tag = NULL;
  char* profile = NULL;
  int level = -1;
  OK(ort->CreateSessionOptions(&o));
  OK(ort->SetIntraOpNumThreads(o, 2)); /* running in the background takes a thread */
  OK(ort->EnableProfiling(o, in_folder("profile")));
  session = open_bytes(&bytes, o);
  ort->ReleaseSessionOptions(o);
  OK(ort->CreateRunOptions(&r));
  OK(ort->RunOptionsSetRunLogSeverityLevel(r, ORT_LOGGING_LEVEL_ERROR));
  OK(ort->RunOptionsGetRunLogSeverityLevel(r, &level));
  CHECK(level == ORT_LOGGING_LEVEL_ERROR);
  OK(ort->RunOptionsSetRunLogVerbosityLevel(r, 1));
  OK(ort->RunOptionsGetRunLogVerbosityLevel(r, &level));
  CHECK(level == 1);
  OK(ort->RunOptionsSetRunTag(r, "tag"));
  OK(ort->RunOptionsGetRunTag(r, &tag));
  CHECK(strcmp(tag, "tag") == 0);
  OK(ort->AddRunConfigEntry(r, "memory.enable_memory_arena_shrinkage", "cpu:0"));
  CHECK(strcmp(ort->GetRunConfigEntry(r, "memory.enable_memory_arena_shrinkage"), "cpu:0") == 0);
  y = run_one(session, r, "x", x, "y");
  CHECK(floats_of(y)[0] == 0 && floats_of(y)[5] == 6);
  ort->ReleaseValue(y);
  y = NULL;
  OK(ort->RunOptionsSetTerminate(r));
  FAILS(ort->Run(session, r, &in, (const OrtValue* const*)&x, 1, &out, 1, &y), ORT_FAIL,
        "Exiting due to terminate flag");
  OK(ort->RunOptionsUnsetTerminate(r));
  ort->ReleaseRunOptions(r);
  check_refusals(session, x);
  OK(ort->RunAsync(session, NULL, &in, (const OrtValue* const*)&x, 1, &out, 1, &y, when_done, &done));
  pthread_mutex_lock(&done.mutex);
  while (!done.called) pthread_cond_wait(&done.changed, &done.mutex);
  pthread_mutex_unlock(&done.mutex);
  ort->ReleaseValue(y);
  OK(ort->SessionEndProfiling(session, heap, &profile));
  CHECK(strstr(profile, "profile") != NULL);
  OK(ort->AllocatorFree(heap, profile));
  ort->ReleaseValue(x);
  ort->ReleaseSession(session);
}

void bindings(void) {
  const Bytes bytes = add_model();
  OrtSession* session = open_bytes(&bytes, NULL);
  OrtIoBinding* binding = NULL;
  OrtValue *x = floats(kDims, 2, kNumbers), *z = floats(kDims, 2, kNumbers), **values = NULL;
  OrtAllocator* own = NULL;
  char* names = NULL;
  size_t* lengths = NULL;
  size_t n = 0;
  OK(ort->CreateIoBinding(session, &binding));
  OK(ort->BindInput(binding, "x", x));
  OK(ort->BindInput(binding, "y", x));
  OK(ort->BindOutput(binding, "z", z));
  OK(ort->SynchronizeBoundInputs(binding));
  OK(ort->RunWithBinding(session, NULL, binding));
  OK(ort->SynchronizeBoundOutputs(binding));
  CHECK(floats_of(z)[5] == 12);
  ort->ClearBoundOutputs(binding);
  OK(ort->BindOutputToDevice(binding, "z", cpu));
  OK(ort->RunWithBinding(session, NULL, binding));
  OK(ort->GetBoundOutputNames(binding, heap, &names, &lengths, &n));
  CHECK(n == 1 && lengths[0] == 1 && names[0] == 'z');
  OK(ort->AllocatorFree(heap, names));
  OK(ort->AllocatorFree(heap, lengths));
  OK(ort->GetBoundOutputValues(binding, heap, &values, &n));
  CHECK(n == 1 && floats_of(values[0])[1] == 4);
  ort->ReleaseValue(values[0]);
  OK(ort->AllocatorFree(heap, values));
  ort->ClearBoundInputs(binding);
  ort->ReleaseIoBinding(binding);
  OK(ort->CreateAllocator(session, cpu, &own));
  ort->ReleaseAllocator(own);
  ort->ReleaseValue(z);
  ort->ReleaseValue(x);
  ort->ReleaseSession(session);
}
