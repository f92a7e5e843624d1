// The options objects of JavaScript as handles of the library. Wrong ones throw Napi::Error with the option's name.
#pragma once
#include <napi.h>

#include <string>
#include <vector>

#include "api.h"

namespace sardonyx_node {

// Session options with the bytes that they point into; keep both until the session is created.
struct SessionOptions {
  Owned<OrtSessionOptions> handle;
  std::vector<std::string> external_data;
};

// Reads a SessionOptions object of onnxruntime-common, whose externalData is a list of {path, data: Uint8Array}.
SessionOptions session_options(const Napi::Object& js);

// Reads a RunOptions object of onnxruntime-common.
Owned<OrtRunOptions> run_options(const Napi::Object& js);

}  // namespace sardonyx_node
