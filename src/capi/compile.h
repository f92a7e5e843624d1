// OrtModelCompilationOptions: which model to compile, and where the result goes. On a CPU compiling means optimising:
// the result is a model that opens faster. Belongs to one thread at a time.
#pragma once
#include <string>
#include <variant>

#include "capi/session.h"

struct OrtModelCompilationOptions {
  struct ToBuffer {
    OrtAllocator* allocator;
    void** data;
    size_t* bytes;
  };
  struct ToFunction {
    OrtWriteBufferFunc write;
    void* state;
  };
  OrtSessionOptions session;
  std::variant<std::monostate, sardonyx::capi::ModelSource> input;
  std::variant<std::monostate, std::string, ToBuffer, ToFunction> output;  // a string is a path
  struct Locations {
    OrtGetInitializerLocationFunc ask = nullptr;
    void* state = nullptr;
  };
  std::string external_file;  // at most one of this and `locations` is set
  size_t external_min_bytes = 0;
  Locations locations;
  uint32_t flags = OrtCompileApiFlags_NONE;
  GraphOptimizationLevel level = ORT_DISABLE_ALL;
};
