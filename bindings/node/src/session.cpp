#include "session.h"

#include <utility>

#include "work.h"

namespace sardonyx_node {
namespace {

using GetInfo = OrtStatus* (*)(const OrtSession*, size_t, OrtTypeInfo**);
using GetName = OrtStatus* (*)(const OrtSession*, size_t, OrtAllocator*, char**);

ValueInfo describe(const OrtSession* session, size_t i, GetName get_name, GetInfo get_info) {
  ValueInfo out;
  char* name = nullptr;
  check(get_name(session, i, allocator(), &name));
  out.name = take_string(name);
  OrtTypeInfo* raw = nullptr;
  check(get_info(session, i, &raw));
  const Owned<OrtTypeInfo> info(raw);
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  check(api().GetOnnxTypeFromTypeInfo(raw, &kind));
  out.is_tensor = kind == ONNX_TYPE_TENSOR;
  if (!out.is_tensor) return out;
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  size_t rank = 0;
  check(api().CastTypeInfoToTensorInfo(raw, &tensor));
  check(api().GetTensorElementType(tensor, &out.type));
  check(api().GetDimensionsCount(tensor, &rank));
  out.dims.resize(rank);
  std::vector<const char*> symbols(rank);
  check(api().GetDimensions(tensor, out.dims.data(), rank));
  check(api().GetSymbolicDimensions(tensor, symbols.data(), rank));
  out.symbols.assign(symbols.begin(), symbols.end());
  return out;
}

void describe_all(SessionState& state) {
  const OrtSession* const session = state.session.get();
  size_t count = 0;
  check(api().SessionGetInputCount(session, &count));
  for (size_t i = 0; i < count; ++i) {
    state.inputs.push_back(describe(session, i, api().SessionGetInputName, api().SessionGetInputTypeInfo));
  }
  check(api().SessionGetOutputCount(session, &count));
  for (size_t i = 0; i < count; ++i) {
    state.outputs.push_back(describe(session, i, api().SessionGetOutputName, api().SessionGetOutputTypeInfo));
  }
  check(api().SessionGetOverridableInitializerCount(session, &count));
  for (size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    check(api().SessionGetOverridableInitializerName(session, i, allocator(), &name));
    state.overridable.push_back(take_string(name));
  }
}

Napi::Array to_js(Napi::Env env, const std::vector<ValueInfo>& values) {
  Napi::Array out = Napi::Array::New(env, values.size());
  for (uint32_t i = 0; i < values.size(); ++i) {
    const ValueInfo& value = values[i];
    Napi::Object js = Napi::Object::New(env);
    js.Set("name", value.name);
    js.Set("isTensor", value.is_tensor);
    if (value.is_tensor) {
      js.Set("type", type_name(value.type));
      Napi::Array shape = Napi::Array::New(env, value.dims.size());
      for (uint32_t d = 0; d < value.dims.size(); ++d) {
        if (value.dims[d] >= 0) {
          shape.Set(d, static_cast<double>(value.dims[d]));
        } else {
          shape.Set(d, value.symbols[d]);
        }
      }
      js.Set("shape", shape);
    }
    out.Set(i, js);
  }
  return out;
}

class Creation final : public Work {
 public:
  Creation(Napi::Env env, Instance& instance, SessionOptions options, std::string path, std::string bytes)
      : Work(env), instance_(instance), path_(std::move(path)), bytes_(std::move(bytes)) {
    state_->options = std::move(options);
  }

 private:
  void work() override {
    OrtSession* session = nullptr;
    const OrtSessionOptions* const options = state_->options.handle.get();
    check(path_.empty() ? api().CreateSessionFromArray(environment(), bytes_.data(), bytes_.size(), options, &session)
                        : api().CreateSession(environment(), path_.c_str(), options, &session));
    state_->session.reset(session);
    describe_all(*state_);
  }
  Napi::Value result(Napi::Env env) override {
    return instance_.session_class.New({Napi::External<SessionPtr>::New(env, &state_)});
  }

  Instance& instance_;
  std::string path_, bytes_;
  SessionPtr state_ = std::make_shared<SessionState>();
};

// One run. Names point into the state of the session or into names_.
class Run final : public Work {
 public:
  Run(Napi::Env env, SessionPtr state, Owned<OrtRunOptions> options, std::shared_ptr<SharedOutputs> shared)
      : Work(env), state_(std::move(state)), options_(std::move(options)), shared_(std::move(shared)) {}

  void feed(const Napi::Object& feeds) {
    for (const ValueInfo& input : state_->inputs) add(feeds, input.name, true);
    for (const std::string& name : state_->overridable) add(feeds, name, false);
  }
  void fetch(const Napi::Object& fetches) {
    for (const ValueInfo& output : state_->outputs) {
      const Napi::Value target = fetches.Get(output.name);
      if (target.IsUndefined()) continue;
      if (!output.is_tensor) {
        throw Napi::Error::New(Env(),
                               "Non tensor type: output '" + output.name +
                                   "' is a sequence, map or optional, which onnxruntime-common has no class for. "
                                   "Ask for the other outputs by name.");
      }
      output_names_.push_back(output.name.c_str());
      outputs_.push_back(target.IsNull() ? nullptr : like_tensor(target, output.name));
      targets_.push_back(target.IsNull() ? Napi::ObjectReference() : Napi::Persistent(target.As<Napi::Object>()));
    }
  }
  std::shared_ptr<OrtRunOptions> options() const { return options_; }

 private:
  void add(const Napi::Object& feeds, const std::string& name, bool needed) {
    const Napi::Value value = feeds.Get(name);
    if (value.IsUndefined() && !needed) return;
    inputs_.push_back(to_value(value, name, *shared_));
    input_names_.push_back(name.c_str());
  }
  void work() override {
    std::vector<const OrtValue*> in;
    std::vector<OrtValue*> out;
    for (const Value& value : inputs_) in.push_back(value.get());
    for (const Value& value : outputs_) out.push_back(value.get());
    check(api().Run(state_->session.get(), options_.get(), input_names_.data(), in.data(), in.size(),
                    output_names_.data(), output_names_.size(), out.data()));
    for (size_t i = 0; i < out.size(); ++i) {
      if (!outputs_[i]) outputs_[i] = own(out[i]);
    }
    inputs_.clear();
  }
  Napi::Value result(Napi::Env env) override {
    Napi::Object out = Napi::Object::New(env);
    for (size_t i = 0; i < outputs_.size(); ++i) {
      const char* const name = output_names_[i];
      if (targets_[i].IsEmpty()) {
        out.Set(name, sardonyx_node::to_js(env, outputs_[i], name, shared_));
      } else {
        copy_into(targets_[i].Value(), outputs_[i], name);
        out.Set(name, targets_[i].Value());
      }
    }
    return out;
  }

  SessionPtr state_;
  std::shared_ptr<OrtRunOptions> options_;
  std::shared_ptr<SharedOutputs> shared_;
  std::vector<const char*> input_names_, output_names_;
  std::vector<Value> inputs_, outputs_;
  std::vector<Napi::ObjectReference> targets_;  // tensors of the caller to be written; empty where there is none
};

struct Started {
  Napi::Promise promise;
  std::shared_ptr<OrtRunOptions> options;
};
// By value: a getter of the options may dispose of the session.
Started begin(const Napi::CallbackInfo& info, SessionPtr state) {
  return guarded(info.Env(), [&] {
    const auto& shared = info.Env().GetInstanceData<Instance>()->shared;
    auto run = std::make_unique<Run>(info.Env(), state, run_options(info[2].As<Napi::Object>()), shared);
    run->feed(info[0].As<Napi::Object>());
    run->fetch(info[1].As<Napi::Object>());
    Started started{run->promise(), run->options()};
    run.release()->Queue();
    return started;
  });
}

}  // namespace

Napi::Function Session::define(Napi::Env env) {
  return DefineClass(env, "Session",
                     {StaticMethod<&Session::create>("create"), InstanceAccessor<&Session::inputs>("inputs"),
                      InstanceAccessor<&Session::outputs>("outputs"), InstanceMethod<&Session::run>("run"),
                      InstanceMethod<&Session::start>("start"), InstanceMethod<&Session::end_profiling>("endProfiling"),
                      InstanceMethod<&Session::dispose>("dispose")});
}

Session::Session(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Session>(info) {
  if (!info[0].IsExternal()) throw Napi::TypeError::New(info.Env(), "Session.create makes sessions.");
  state_ = *info[0].As<Napi::External<SessionPtr>>().Data();
}

const SessionPtr& Session::state(Napi::Env env) const {
  if (!state_) throw Napi::Error::New(env, "Session already disposed.");
  return state_;
}

Napi::Value Session::create(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    std::string path, bytes;
    if (info[0].IsString()) {
      path = info[0].As<Napi::String>().Utf8Value();
      if (path.empty()) throw Napi::Error::New(env, "the path of the model is empty");
      if (path.find('\0') != std::string::npos) throw Napi::Error::New(env, "the path of the model has a zero byte");
    } else {
      const auto array = info[0].As<Napi::Uint8Array>();
      bytes.assign(reinterpret_cast<const char*>(array.Data()), array.ByteLength());
    }
    auto* const work = new Creation(env, *env.GetInstanceData<Instance>(), session_options(info[1].As<Napi::Object>()),
                                    std::move(path), std::move(bytes));
    const Napi::Promise promise = work->promise();
    work->Queue();
    return promise;
  });
}

Napi::Value Session::inputs(const Napi::CallbackInfo& info) { return to_js(info.Env(), state(info.Env())->inputs); }
Napi::Value Session::outputs(const Napi::CallbackInfo& info) { return to_js(info.Env(), state(info.Env())->outputs); }

Napi::Value Session::run(const Napi::CallbackInfo& info) { return begin(info, state(info.Env())).promise; }

Napi::Value Session::start(const Napi::CallbackInfo& info) {
  const Started started = begin(info, state(info.Env()));
  Napi::Object out = Napi::Object::New(info.Env());
  out.Set("promise", started.promise);
  out.Set("terminate", Napi::Function::New(info.Env(), [options = started.options](const Napi::CallbackInfo& call) {
            guarded(call.Env(), [&] { check(api().RunOptionsSetTerminate(options.get())); });
          }));
  return out;
}

Napi::Value Session::end_profiling(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    char* file = nullptr;
    check(api().SessionEndProfiling(state(info.Env())->session.get(), allocator(), &file));
    return Napi::String::New(info.Env(), take_string(file));
  });
}

void Session::dispose(const Napi::CallbackInfo& info) {
  state(info.Env());
  state_.reset();
}

}  // namespace sardonyx_node
