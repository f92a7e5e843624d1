// The addon: load(path, logLevel) opens the library, Session is its class.
#include <napi.h>

#include "session.h"
#include "work.h"

namespace sardonyx_node {
namespace {

void load_library(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] { load(info[0].As<Napi::String>().Utf8Value(), info[1].As<Napi::Number>().Int32Value()); });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  auto* const instance = new Instance;
  env.SetInstanceData(instance);
  const Napi::Function session = Session::define(env);
  instance->session_class = Napi::Persistent(session);
  exports.Set("Session", session);
  exports.Set("load", Napi::Function::New<load_library>(env, "load"));
  return exports;
}

}  // namespace
}  // namespace sardonyx_node

static Napi::Object sardonyx_init(Napi::Env env, Napi::Object exports) { return sardonyx_node::init(env, exports); }
NODE_API_MODULE(sardonyx, sardonyx_init)
