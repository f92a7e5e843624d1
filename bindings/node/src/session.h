// The class Session of the addon: a session of the library, with what its inputs and outputs are.
//
//   Session.create(pathOrBytes, options) -> Promise<Session>
//   inputs, outputs                      [{name, isTensor, type, shape}], shape of numbers and names
//   run(feeds, fetches, options)         -> Promise<{name: Tensor | {type, data, dims}}>
//   start(feeds, fetches, options)       -> {promise, terminate()}
//   endProfiling()                       -> the name of the file
//   dispose()                            releases it once the runs under way have ended
#pragma once
#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "api.h"
#include "options.h"
#include "tensor.h"

namespace sardonyx_node {

struct ValueInfo {
  std::string name;
  bool is_tensor = false;
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::vector<int64_t> dims;
  std::vector<std::string> symbols;  // the name of each extent, "" where it has none
};

// Shared by the JavaScript object and the runs under way.
struct SessionState {
  SessionOptions options;
  Owned<OrtSession> session;
  std::vector<ValueInfo> inputs, outputs;
  std::vector<std::string> overridable;  // initializers that a run may replace
};
using SessionPtr = std::shared_ptr<SessionState>;

// What the addon keeps per thread of JavaScript.
struct Instance {
  Napi::FunctionReference session_class;
  std::shared_ptr<SharedOutputs> shared = std::make_shared<SharedOutputs>();
};

class Session : public Napi::ObjectWrap<Session> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit Session(const Napi::CallbackInfo& info);

 private:
  static Napi::Value create(const Napi::CallbackInfo& info);
  Napi::Value inputs(const Napi::CallbackInfo& info);
  Napi::Value outputs(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value start(const Napi::CallbackInfo& info);
  Napi::Value end_profiling(const Napi::CallbackInfo& info);
  void dispose(const Napi::CallbackInfo& info);
  const SessionPtr& state(Napi::Env env) const;  // throws when disposed

  SessionPtr state_;
};

}  // namespace sardonyx_node
