/* Environments, memory, values and types. */
#include "plain.h"

static int g_lines;
static void ORT_API_CALL log_line(void* param, OrtLoggingLevel severity, const char* category, const char* logid,
                                  const char* location, const char* message) {
  CHECK(param == &g_lines && severity <= ORT_LOGGING_LEVEL_FATAL);
  CHECK(category != NULL && logid != NULL && location != NULL && message != NULL);
  ++g_lines;
}

void environments(void) {
  OrtEnv *a = NULL, *b = NULL;
  OrtThreadingOptions* threads = NULL;
  OrtEnvCreationOptions how;
  OrtStatus* status = ort->CreateStatus(ORT_NO_MODEL, "text");
  CHECK(ort->GetErrorCode(status) == ORT_NO_MODEL && strcmp(ort->GetErrorMessage(status), "text") == 0);
  ort->ReleaseStatus(status);

  OK(ort->CreateEnvWithCustomLogger(log_line, &g_lines, ORT_LOGGING_LEVEL_VERBOSE, "a", &a));
  OK(ort->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "b", &b));
  CHECK(a == b); /* there is one per process */
  OK(ort->UpdateEnvWithCustomLogLevel(a, ORT_LOGGING_LEVEL_FATAL));
  OK(ort->DisableTelemetryEvents(a));
  OK(ort->SetLanguageProjection(a, ORT_PROJECTION_C));
  ort->ReleaseEnv(b);
  ort->ReleaseEnv(a);

  OK(ort->CreateThreadingOptions(&threads));
  OK(ort->SetGlobalIntraOpNumThreads(threads, 2));
  OK(ort->SetGlobalInterOpNumThreads(threads, 1));
  OK(ort->SetGlobalSpinControl(threads, 0));
  FAILS(ort->SetGlobalSpinControl(threads, 2), ORT_INVALID_ARGUMENT, "Received invalid value for allow_spinning");
  OK(ort->SetGlobalDenormalAsZero(threads));
  OK(ort->SetGlobalIntraOpThreadAffinity(threads, "1"));
  OK(ort->CreateEnvWithGlobalThreadPools(ORT_LOGGING_LEVEL_FATAL, "c", threads, &a));
  ort->ReleaseThreadingOptions(threads);
  ort->ReleaseEnv(a);

  memset(&how, 0, sizeof how);
  how.version = ORT_API_VERSION;
  how.logging_severity_level = ORT_LOGGING_LEVEL_FATAL;
  how.log_id = "d";
  OK(ort->CreateEnvWithOptions(&how, &a));
  ort->ReleaseEnv(a);
}

void memory(void) {
  OrtMemoryInfo *info = NULL, *other = NULL;
  const OrtMemoryInfo* of_heap = NULL;
  OrtArenaCfg* arena = NULL;
  OrtKeyValuePairs* pairs = NULL;
  const char *name = NULL, *const *keys = NULL, *const *values = NULL;
  const char* const setting[] = {"max_mem"};
  const size_t limit[] = {1 << 20};
  OrtMemType type;
  OrtAllocatorType kind;
  OrtMemoryInfoDeviceType device;
  size_t n = 0;
  int id = -1, different = -1;
  void* p = NULL;
  OK(ort->CreateMemoryInfo("Cpu", OrtArenaAllocator, 0, OrtMemTypeDefault, &info));
  OK(ort->MemoryInfoGetName(info, &name));
  OK(ort->MemoryInfoGetId(info, &id));
  OK(ort->MemoryInfoGetMemType(info, &type));
  OK(ort->MemoryInfoGetType(info, &kind));
  ort->MemoryInfoGetDeviceType(info, &device);
  CHECK(strcmp(name, "Cpu") == 0 && id == 0 && type == OrtMemTypeDefault && kind == OrtArenaAllocator);
  CHECK(device == OrtMemoryInfoDeviceType_CPU);
  OK(ort->CompareMemoryInfo(info, info, &different));
  CHECK(different == 0);
  OK(ort->CompareMemoryInfo(info, cpu, &different));
  CHECK(different != 0);
  OK(ort->CreateMemoryInfo_V2("Cpu", OrtMemoryInfoDeviceType_CPU, 0, 0, OrtDeviceMemoryType_DEFAULT, 0,
                              OrtDeviceAllocator, &other));
  CHECK(ort->MemoryInfoGetDeviceMemType(other) == OrtDeviceMemoryType_DEFAULT &&
        ort->MemoryInfoGetVendorId(other) == 0);
  ort->ReleaseMemoryInfo(other);
  FAILS(ort->CreateMemoryInfo("Foo", OrtDeviceAllocator, 0, OrtMemTypeDefault, &other), ORT_INVALID_ARGUMENT,
        "Specified device is not supported. Try CreateMemoryInfo_V2.");
  ort->ReleaseMemoryInfo(info);

  OK(ort->AllocatorAlloc(heap, 100, &p));
  memset(p, 1, 100);
  OK(ort->AllocatorFree(heap, p));
  OK(ort->AllocatorGetInfo(heap, &of_heap));
  OK(ort->MemoryInfoGetName(of_heap, &name));
  CHECK(strcmp(name, "Cpu") == 0);
  OK(ort->CreateArenaCfg(0, -1, -1, -1, &arena));
  ort->ReleaseArenaCfg(arena);
  OK(ort->CreateArenaCfgV2(setting, limit, 1, &arena));
  OK(ort->CreateAndRegisterAllocator(env, cpu, arena));
  OK(ort->UnregisterAllocator(env, cpu));
  ort->ReleaseArenaCfg(arena);

  ort->CreateKeyValuePairs(&pairs);
  ort->AddKeyValuePair(pairs, "b", "2");
  ort->AddKeyValuePair(pairs, "a", "1");
  CHECK(strcmp(ort->GetKeyValue(pairs, "b"), "2") == 0 && ort->GetKeyValue(pairs, "c") == NULL);
  ort->RemoveKeyValuePair(pairs, "b");
  ort->GetKeyValuePairs(pairs, &keys, &values, &n);
  CHECK(n == 1 && strcmp(keys[0], "a") == 0 && strcmp(values[0], "1") == 0);
  ort->ReleaseKeyValuePairs(pairs);
}

/* Element types that own no memory, with the bits of an element. */
static const struct {
  ONNXTensorElementDataType type;
  int bits;
} kTypes[] = {{ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, 32},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16, 16},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16, 16},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32, 32},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, 64},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16, 16},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, 64},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32, 32},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64, 64},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16, 16},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ, 8},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT4, 4},
              {ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4, 4}};

static void check_tensor(const OrtValue* value, ONNXTensorElementDataType type) {
  OrtTensorTypeAndShapeInfo* info = NULL;
  ONNXTensorElementDataType found;
  size_t rank = 0, count = 0;
  int64_t dims[2] = {0, 0};
  OK(ort->GetTensorTypeAndShape(value, &info));
  OK(ort->GetTensorElementType(info, &found));
  OK(ort->GetDimensionsCount(info, &rank));
  OK(ort->GetDimensions(info, dims, 2));
  OK(ort->GetTensorShapeElementCount(info, &count));
  CHECK(found == type && rank == 2 && dims[0] == 2 && dims[1] == 3 && count == 6);
  CHECK(ort->TensorTypeAndShape_HasShape(info));
  ort->ReleaseTensorTypeAndShapeInfo(info);
}

void tensors(void) {
  const int64_t dims[] = {2, 3}, negative[] = {2, -1}, huge[] = {INT64_MAX, INT64_MAX}, at[] = {1, 2},
                outside[] = {2, 0};
  const int64_t* shape = NULL;
  char place[64];
  const OrtMemoryInfo* where = NULL;
  ONNXTensorElementDataType type;
  ONNXType kind;
  OrtValue* v = NULL;
  size_t i, n = 0;
  int yes = 0;
  void* element = NULL;
  float* data = NULL;
  for (i = 0; i < COUNT(kTypes); ++i) {
    OK(ort->CreateTensorAsOrtValue(heap, dims, 2, kTypes[i].type, &v));
    check_tensor(v, kTypes[i].type);
    OK(ort->GetTensorSizeInBytes(v, &n));
    CHECK(n == (size_t)(6 * kTypes[i].bits + 7) / 8);
    OK(ort->GetTensorElementTypeAndShapeDataReference(v, &type, &shape, &n));
    CHECK(type == kTypes[i].type && n == 2 && shape[0] == 2 && shape[1] == 3);
    ort->ReleaseValue(v);
  }
  OK(ort->CreateTensorWithDataAsOrtValue(cpu, place, 24, dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v));
  OK(ort->IsTensor(v, &yes));
  CHECK(yes);
  OK(ort->HasValue(v, &yes));
  CHECK(yes);
  OK(ort->GetValueType(v, &kind));
  CHECK(kind == ONNX_TYPE_TENSOR);
  OK(ort->GetTensorMutableData(v, (void**)&data));
  CHECK((char*)data == place);
  data[5] = 7;
  OK(ort->TensorAt(v, at, 2, &element));
  CHECK(*(float*)element == 7);
  FAILS(ort->TensorAt(v, outside, 2, &element), ORT_INVALID_ARGUMENT, "");
  OK(ort->GetTensorMemoryInfo(v, &where));
  CHECK(where != NULL);
  ort->ReleaseValue(v);
  v = NULL;
  FAILS(ort->CreateTensorWithDataAsOrtValue(cpu, place, 23, dims, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v),
        ORT_INVALID_ARGUMENT, "not enough space: expected 24, got 23");
  CHECK(ort->CreateTensorAsOrtValue != NULL);
  FAILS(ort->CreateTensorAsOrtValue(heap, dims, 2, (ONNXTensorElementDataType)99, &v), ORT_NOT_IMPLEMENTED, "");
  {
    OrtStatus* bad = ort->CreateTensorAsOrtValue(heap, negative, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v);
    CHECK(bad != NULL);
    ort->ReleaseStatus(bad);
    bad = ort->CreateTensorAsOrtValue(heap, huge, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v);
    CHECK(bad != NULL);
    ort->ReleaseStatus(bad);
  }
  CHECK(v == NULL);
}

void texts_and_containers(void) {
  const int64_t two[] = {2};
  const char *words[] = {"one", "three"}, *more = "seven";
  const float numbers[] = {1, 2};
  OrtValue *s = NULL, *seq = NULL, *map = NULL, *part = NULL, *parts[2];
  size_t n = 0, starts[2];
  char text[32], *place = NULL;
  ONNXType kind;
  OK(ort->CreateTensorAsOrtValue(heap, two, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &s));
  OK(ort->FillStringTensor(s, words, 2));
  OK(ort->GetStringTensorDataLength(s, &n));
  CHECK(n == 8);
  OK(ort->GetStringTensorContent(s, text, n, starts, 2));
  CHECK(memcmp(text, "onethree", 8) == 0 && starts[0] == 0 && starts[1] == 3);
  OK(ort->FillStringTensorElement(s, more, 0));
  OK(ort->GetStringTensorElementLength(s, 0, &n));
  OK(ort->GetStringTensorElement(s, n, 0, text));
  CHECK(n == 5 && memcmp(text, "seven", 5) == 0);
  OK(ort->GetResizedStringTensorElementBuffer(s, 1, 2, &place));
  memcpy(place, "ok", 2);
  OK(ort->GetStringTensorElementLength(s, 1, &n));
  CHECK(n == 2);

  parts[0] = s;
  parts[1] = floats(two, 1, numbers);
  OK(ort->CreateValue((const OrtValue* const*)parts, 2, ONNX_TYPE_MAP, &map));
  OK(ort->GetValueType(map, &kind));
  OK(ort->GetValueCount(map, &n));
  CHECK(kind == ONNX_TYPE_MAP && n == 2);
  OK(ort->GetValue(map, 1, heap, &part));
  CHECK(floats_of(part)[0] + floats_of(part)[1] == 3);
  ort->ReleaseValue(part);
  parts[0] = parts[1];
  OK(ort->CreateValue((const OrtValue* const*)parts, 2, ONNX_TYPE_SEQUENCE, &seq));
  OK(ort->GetValueCount(seq, &n));
  CHECK(n == 2);
  OK(ort->GetValue(seq, 1, heap, &part));
  CHECK(floats_of(part)[1] == 2);
  ort->ReleaseValue(part);
  ort->ReleaseValue(seq);
  ort->ReleaseValue(map);
  ort->ReleaseValue(parts[1]);
  ort->ReleaseValue(s);
}

void sparse_tensors(void) {
  const int64_t dense[] = {3, 3}, two[] = {2}, at[] = {1, 5};
  const int64_t inner[] = {1, 2}, outer[] = {0, 1, 2, 2};
  float numbers[] = {4, 5};
  OrtValue* v = NULL;
  OrtTensorTypeAndShapeInfo* info = NULL;
  OrtSparseFormat format;
  const void* data = NULL;
  size_t n = 0;
  int yes = 0;
  OK(ort->CreateSparseTensorAsOrtValue(heap, dense, 2, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &v));
  OK(ort->IsSparseTensor(v, &yes));
  CHECK(yes);
  OK(ort->FillSparseTensorCoo(v, cpu, two, 1, numbers, at, 2));
  OK(ort->GetSparseTensorFormat(v, &format));
  CHECK(format == ORT_SPARSE_COO);
  OK(ort->GetSparseTensorValuesTypeAndShape(v, &info));
  OK(ort->GetTensorShapeElementCount(info, &n));
  CHECK(n == 2);
  ort->ReleaseTensorTypeAndShapeInfo(info);
  OK(ort->GetSparseTensorValues(v, &data));
  CHECK(((const float*)data)[1] == 5);
  OK(ort->GetSparseTensorIndicesTypeShape(v, ORT_SPARSE_COO_INDICES, &info));
  ort->ReleaseTensorTypeAndShapeInfo(info);
  OK(ort->GetSparseTensorIndices(v, ORT_SPARSE_COO_INDICES, &n, &data));
  CHECK(n == 2 && ((const int64_t*)data)[1] == 5);
  ort->ReleaseValue(v);
  OK(ort->CreateSparseTensorWithValuesAsOrtValue(cpu, numbers, dense, 2, two, 1, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT,
                                                 &v));
  OK(ort->UseCsrIndices(v, (int64_t*)inner, 2, (int64_t*)outer, 4));
  OK(ort->GetSparseTensorFormat(v, &format));
  CHECK(format == ORT_SPARSE_CSRC);
  ort->ReleaseValue(v);
}

void types(void) {
  const int64_t dims[] = {-1, 3};
  const char *names[] = {"N", ""}, *read[2] = {NULL, NULL};
  const OrtModelEditorApi* make = ort->GetModelEditorApi();
  const OrtTensorTypeAndShapeInfo* tensor = NULL;
  const OrtSequenceTypeInfo* as_sequence = NULL;
  const OrtMapTypeInfo* as_map = NULL;
  const OrtOptionalTypeInfo* as_optional = NULL;
  const char* denotation = NULL;
  OrtTensorTypeAndShapeInfo* info = NULL;
  OrtTypeInfo *type = NULL, *sequence = NULL, *map = NULL, *optional = NULL, *inner = NULL;
  ONNXTensorElementDataType key;
  ONNXType kind;
  size_t n = 0;
  OK(ort->CreateTensorTypeAndShapeInfo(&info));
  OK(ort->SetTensorElementType(info, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT));
  OK(ort->SetDimensions(info, dims, 2));
  OK(ort->SetSymbolicDimensions(info, names, 2));
  OK(ort->GetSymbolicDimensions(info, read, 2));
  CHECK(strcmp(read[0], "N") == 0 && strcmp(read[1], "") == 0);
  OK(make->CreateTensorTypeInfo(info, &type));
  OK(ort->GetOnnxTypeFromTypeInfo(type, &kind));
  OK(ort->GetDenotationFromTypeInfo(type, &denotation, &n));
  CHECK(kind == ONNX_TYPE_TENSOR && n == 0);
  OK(ort->CastTypeInfoToTensorInfo(type, &tensor));
  OK(ort->GetDimensionsCount(tensor, &n));
  CHECK(n == 2);
  OK(make->CreateSequenceTypeInfo(type, &sequence));
  OK(ort->CastTypeInfoToSequenceTypeInfo(sequence, &as_sequence));
  OK(ort->GetSequenceElementType(as_sequence, &inner));
  OK(ort->GetOnnxTypeFromTypeInfo(inner, &kind));
  CHECK(kind == ONNX_TYPE_TENSOR);
  ort->ReleaseTypeInfo(inner);
  OK(make->CreateMapTypeInfo(ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, type, &map));
  OK(ort->CastTypeInfoToMapTypeInfo(map, &as_map));
  OK(ort->GetMapKeyType(as_map, &key));
  OK(ort->GetMapValueType(as_map, &inner));
  CHECK(key == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
  ort->ReleaseTypeInfo(inner);
  OK(make->CreateOptionalTypeInfo(type, &optional));
  OK(ort->CastTypeInfoToOptionalTypeInfo(optional, &as_optional));
  OK(ort->GetOptionalContainedTypeInfo(as_optional, &inner));
  ort->ReleaseTypeInfo(inner);
  ort->ReleaseTypeInfo(optional);
  ort->ReleaseTypeInfo(map);
  ort->ReleaseTypeInfo(sequence);
  ort->ReleaseTypeInfo(type);
  ort->ReleaseTensorTypeAndShapeInfo(info);
}
