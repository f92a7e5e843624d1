// Work off the event loop's thread whose result is a promise.
#pragma once
#include <napi.h>

#include <exception>

#include "api.h"

namespace sardonyx_node {

// The JavaScript Error of an exception: its message, and code "ORT_…" where the library reported it.
Napi::Error to_error(Napi::Env env, const std::exception& e);

// Runs body and turns the library's failures into JavaScript errors.
template <class Body>
auto guarded(Napi::Env env, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& e) {
    throw to_error(env, e);
  }
}

// Implement work() and result(); Queue() starts it, promise() is for the caller. Deletes itself when done.
class Work : public Napi::AsyncWorker {
 public:
  explicit Work(Napi::Env env) : Napi::AsyncWorker(env), deferred_(env) {}
  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  virtual void work() = 0;                        // on another thread: touches no JavaScript
  virtual Napi::Value result(Napi::Env env) = 0;  // on the thread of JavaScript

 private:
  void Execute() final;
  void OnOK() final;
  void settle();

  Napi::Promise::Deferred deferred_;
  std::exception_ptr failure_;
};

}  // namespace sardonyx_node
