// Tensors of onnxruntime-common to values of the library and back.
#pragma once
#include <napi.h>

#include <memory>
#include <string>
#include <unordered_map>

#include "api.h"

namespace sardonyx_node {

// Outputs whose memory JavaScript holds, by address. Feeding such an output again shares its memory; every other input
// is copied when run is called, so that nothing JavaScript does later can reach a run under way. Of one JavaScript
// thread.
using SharedOutputs = std::unordered_map<const void*, std::weak_ptr<OrtValue>>;

// The name of an element type in JavaScript, "float32", …; ONNX's name for one that JavaScript has none for.
const char* type_name(ONNXTensorElementDataType type);

// The value of a Tensor. Throws Napi::Error that begins with name when it is none, or not on the CPU.
Value to_value(const Napi::Value& js, const std::string& name, const SharedOutputs& shared);

// A value of the type and dims of a Tensor that will be written.
Value like_tensor(const Napi::Value& js, const std::string& name);

// {type, data, dims} of a value. Large data stays in the value, which lives as long as the array.
Napi::Object to_js(Napi::Env env, const Value& value, const std::string& name,
                   const std::shared_ptr<SharedOutputs>& shared);

// Copies a value into the data of a Tensor of the same type and dims.
void copy_into(const Napi::Value& js, const Value& value, const std::string& name);

}  // namespace sardonyx_node
