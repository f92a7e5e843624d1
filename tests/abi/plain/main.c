/* usage: abi_plain_c LIBRARY. Opens the library as its users do and runs every group. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

#include "plain.h"

const OrtApi* ort;
OrtEnv* env;
OrtAllocator* heap;
OrtMemoryInfo* cpu;
int is_sardonyx;
char folder[256];
static int g_checks;

void check(int good, const char* what, const char* file, int line) {
  ++g_checks;
  if (good) return;
  fprintf(stderr, "%s:%d: %s\n", file, line, what);
  exit(1);
}
void check_ok(OrtStatus* status, const char* what, const char* file, int line) {
  ++g_checks;
  if (status == NULL) return;
  fprintf(stderr, "%s:%d: %s: %s\n", file, line, what, ort->GetErrorMessage(status));
  exit(1);
}
void check_fails(OrtStatus* status, OrtErrorCode code, const char* text, const char* what, const char* file, int line) {
  ++g_checks;
  if (status != NULL && ort->GetErrorCode(status) == code &&
      strncmp(ort->GetErrorMessage(status), text, strlen(text)) == 0) {
    ort->ReleaseStatus(status);
    return;
  }
  fprintf(stderr, "%s:%d: %s: wanted %d %s, came %d %s\n", file, line, what, (int)code, text,
          status == NULL ? 0 : (int)ort->GetErrorCode(status), status == NULL ? "" : ort->GetErrorMessage(status));
  exit(1);
}

const char* in_folder(const char* name) {
  static char path[512];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static void put_varint(Bytes* to, unsigned long long v) {
  for (; v >= 128; v >>= 7) to->data[to->size++] = (unsigned char)(v | 128);
  to->data[to->size++] = (unsigned char)v;
}
void put_number(Bytes* to, int field, long long value) {
  put_varint(to, (unsigned long long)field << 3);
  put_varint(to, (unsigned long long)value);
}
void put_bytes(Bytes* to, int field, const void* data, size_t size) {
  put_varint(to, (unsigned long long)field << 3 | 2);
  put_varint(to, size);
  check(to->size + size <= sizeof to->data, "the model is small", __FILE__, __LINE__);
  memcpy(to->data + to->size, data, size);
  to->size += size;
}
void put_text(Bytes* to, int field, const char* text) { put_bytes(to, field, text, strlen(text)); }
void put_message(Bytes* to, int field, const Bytes* message) { put_bytes(to, field, message->data, message->size); }

Bytes value_info(const char* name, int type, const int64_t* dims, int rank) {
  Bytes value = {{0}, 0}, shape = {{0}, 0}, tensor = {{0}, 0}, of_type = {{0}, 0};
  int i;
  for (i = 0; i < rank; ++i) {
    Bytes dim = {{0}, 0};
    if (dims[i] >= 0)
      put_number(&dim, 1, dims[i]);
    else
      put_text(&dim, 2, "N");
    put_message(&shape, 1, &dim);
  }
  put_number(&tensor, 1, type);
  put_message(&tensor, 2, &shape);
  put_message(&of_type, 1, &tensor);
  put_text(&value, 1, name);
  put_message(&value, 2, &of_type);
  return value;
}
Bytes node_of(const char* op, const char* domain, const char* name, const char* const* in, int in_count,
              const char* out) {
  Bytes node = {{0}, 0};
  int i;
  for (i = 0; i < in_count; ++i) put_text(&node, 1, in[i]);
  put_text(&node, 2, out);
  put_text(&node, 3, name);
  put_text(&node, 4, op);
  put_text(&node, 7, domain);
  return node;
}
Bytes model_of(const Bytes* graph, const char* custom_domain) {
  Bytes model = {{0}, 0}, opset = {{0}, 0};
  put_number(&model, 1, 8);
  put_text(&model, 2, "by hand");
  put_number(&opset, 2, 17);
  put_message(&model, 8, &opset);
  if (custom_domain != NULL) {
    Bytes other = {{0}, 0}, entry = {{0}, 0};
    put_text(&other, 1, custom_domain);
    put_number(&other, 2, 1);
    put_message(&model, 8, &other);
    put_text(&entry, 1, "key");
    put_text(&entry, 2, "value");
    put_message(&model, 14, &entry);
  }
  put_message(&model, 7, graph);
  return model;
}
Bytes relu_model(void) {
  static const int64_t dims[] = {2, 3};
  const char* x = "x";
  Bytes graph = {{0}, 0}, m = node_of("Relu", "", "relu", &x, 1, "y");
  put_message(&graph, 1, &m);
  put_text(&graph, 2, "g");
  m = value_info("x", 1, dims, 2);
  put_message(&graph, 11, &m);
  m = value_info("y", 1, dims, 2);
  put_message(&graph, 12, &m);
  return model_of(&graph, NULL);
}
Bytes add_model(void) {
  static const int64_t dims[] = {-1, 3};
  static const char* const in[] = {"x", "y"};
  Bytes graph = {{0}, 0}, m = node_of("Add", "", "add", in, 2, "z");
  put_message(&graph, 1, &m);
  put_text(&graph, 2, "g");
  m = value_info("x", 1, dims, 2);
  put_message(&graph, 11, &m);
  m = value_info("y", 1, dims, 2);
  put_message(&graph, 11, &m);
  m = value_info("z", 1, dims, 2);
  put_message(&graph, 12, &m);
  return model_of(&graph, NULL);
}

OrtSession* open_bytes(const Bytes* model, const OrtSessionOptions* given) {
  OrtSession* session = NULL;
  OrtSessionOptions* own = NULL;
  OK(ort->CreateSessionOptions(&own));
  OK(ort->CreateSessionFromArray(env, model->data, model->size, given != NULL ? given : own, &session));
  ort->ReleaseSessionOptions(own);
  return session;
}
OrtValue* floats(const int64_t* dims, size_t rank, const float* values) {
  OrtValue* value = NULL;
  void* data = NULL;
  size_t i, count = 1;
  for (i = 0; i < rank; ++i) count *= (size_t)dims[i];
  OK(ort->CreateTensorAsOrtValue(heap, dims, rank, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &value));
  OK(ort->GetTensorMutableData(value, &data));
  memcpy(data, values, count * sizeof *values);
  return value;
}
const float* floats_of(const OrtValue* value) {
  const void* data = NULL;
  OK(ort->GetTensorData(value, &data));
  return (const float*)data;
}
OrtValue* run_one(OrtSession* session, const OrtRunOptions* given, const char* in, const OrtValue* x, const char* out) {
  OrtValue* y = NULL;
  OK(ort->Run(session, given, &in, &x, 1, &out, 1, &y));
  return y;
}

static void remove_folder(void) {
  DIR* d = opendir(folder);
  struct dirent* e;
  while (d != NULL && (e = readdir(d)) != NULL)
    if (e->d_name[0] != '.') unlink(in_folder(e->d_name));
  if (d != NULL) closedir(d);
  rmdir(folder);
}

int main(int argc, char** argv) {
  void* library;
  const OrtApiBase* (*get_base)(void);
  const char* place = getenv("TMPDIR");
  if (argc != 2) {
    fprintf(stderr, "usage: abi_plain_c LIBRARY\n");
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
  ort = get_base()->GetApi(ORT_API_VERSION);
  CHECK(ort != NULL && get_base()->GetApi(1) == ort && get_base()->GetVersionString()[0] == '1');
  is_sardonyx = strstr(ort->GetBuildInfoString(), "sardonyx") != NULL;
  snprintf(folder, sizeof folder, "%s/abi_plain_XXXXXX", place != NULL ? place : "/tmp");
  CHECK(mkdtemp(folder) != NULL);
  atexit(remove_folder);

  environments();
  OK(ort->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "plain", &env));
  OK(ort->GetAllocatorWithDefaultOptions(&heap));
  OK(ort->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &cpu));
  memory();
  tensors();
  texts_and_containers();
  sparse_tensors();
  types();
  options();
  sessions();
  runs();
  bindings();
  providers();
  custom_operators();
  built_models();
  compiled_models();
  other_tables();
  ort->ReleaseMemoryInfo(cpu);
  ort->ReleaseEnv(env);
  printf("summary: %d checks in C\n", g_checks);
  return 0;
}
