#include "work.h"

namespace sardonyx_node {

Napi::Error to_error(Napi::Env env, const std::exception& e) {
  Napi::Error error = Napi::Error::New(env, e.what());
  if (const auto* const failure = dynamic_cast<const Failure*>(&e)) {
    error.Set("code", Napi::String::New(env, std::string("ORT_") + code_name(failure->code())));
  }
  return error;
}

void Work::Execute() {
  try {
    work();
  } catch (...) {
    failure_ = std::current_exception();
  }
}

void Work::settle() {
  const Napi::Env env = Env();
  try {
    if (failure_) std::rethrow_exception(failure_);
    deferred_.Resolve(result(env));
  } catch (const Napi::Error& e) {
    deferred_.Reject(e.Value());
  } catch (const std::exception& e) {
    deferred_.Reject(to_error(env, e).Value());
  }
}

void Work::OnOK() {
  try {
    settle();
  } catch (const Napi::Error&) {
    // The worker thread is being stopped: nobody waits for the promise and no JavaScript can be called.
  }
}

}  // namespace sardonyx_node
