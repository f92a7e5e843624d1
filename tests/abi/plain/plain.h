/* A client written in C against the public header alone. Each file covers some groups of functions; all of them run on
   any library with the interface. */
#ifndef ABI_PLAIN_H
#define ABI_PLAIN_H
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnxruntime/onnxruntime_c_api.h"

extern const OrtApi* ort;
extern OrtEnv* env;
extern OrtAllocator* heap; /* the default one */
extern OrtMemoryInfo* cpu; /* where its memory lies */
extern int is_sardonyx;    /* asked only where docs/compatibility.md names a difference */
extern char folder[256];   /* for files; goes at the end */

void check(int good, const char* what, const char* file, int line);
void check_ok(OrtStatus* status, const char* what, const char* file, int line);
/* The code of a failure whose text begins with `text`. */
void check_fails(OrtStatus* status, OrtErrorCode code, const char* text, const char* what, const char* file, int line);
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
#define OK(call) check_ok((call), #call, __FILE__, __LINE__)
#define FAILS(call, code, text) check_fails((call), (code), (text), #call, __FILE__, __LINE__)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A path in the folder; valid until the next call. */
const char* in_folder(const char* name);
/* A model as bytes, written by hand: fields, messages inside messages. Bytes stay valid until the program ends. */
typedef struct Bytes {
  unsigned char data[2048];
  size_t size;
} Bytes;
void put_number(Bytes* to, int field, long long value);
void put_bytes(Bytes* to, int field, const void* data, size_t size);
void put_text(Bytes* to, int field, const char* text);
void put_message(Bytes* to, int field, const Bytes* message);
/* A value's name and type: tensor of these extents; -1 is written as the symbol "N". */
Bytes value_info(const char* name, int type, const int64_t* dims, int rank);
Bytes node_of(const char* op, const char* domain, const char* name, const char* const* in, int in_count,
              const char* out);
Bytes model_of(const Bytes* graph, const char* custom_domain);
/* y = Relu(x), float [2,3]; z = x + y, float [N,3]. */
Bytes relu_model(void);
Bytes add_model(void);

OrtSession* open_bytes(const Bytes* model, const OrtSessionOptions* options);
OrtValue* floats(const int64_t* dims, size_t rank, const float* values);
const float* floats_of(const OrtValue* value);
OrtValue* run_one(OrtSession* session, const OrtRunOptions* options, const char* in, const OrtValue* x,
                  const char* out);

void environments(void);
void memory(void);
void tensors(void);
void texts_and_containers(void);
void sparse_tensors(void);
void types(void);
void options(void);
void sessions(void);
void runs(void);
void bindings(void);
void providers(void);
void custom_operators(void);
void built_models(void);
void compiled_models(void);
void other_tables(void);

#endif
