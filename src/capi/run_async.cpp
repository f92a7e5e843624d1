#include <thread>

#include "capi/session.h"

namespace sardonyx::capi {

namespace {

// A run that nobody waits for: copies of what the caller named, and the caller's outputs.
struct Job {
  OrtSession* session;
  const OrtRunOptions* options;
  std::vector<std::string> names;  // of inputs, then of outputs
  std::vector<OrtValue> inputs;
  OrtValue** outputs;
  size_t output_count;
  RunAsyncCallbackFn callback;
  void* user_data;

  void run() {
    std::vector<const char*> name_pointers;
    for (const std::string& n : names) name_pointers.push_back(n.c_str());
    std::vector<const OrtValue*> value_pointers;
    for (const OrtValue& v : inputs) value_pointers.push_back(&v);
    OrtStatus* status = nullptr;
    try {
      status = run_session(*session, options, name_pointers.data(), value_pointers.data(), inputs.size(),
                           name_pointers.data() + inputs.size(), output_count, outputs);
    } catch (const std::exception& e) {
      status = make_status(ORT_RUNTIME_EXCEPTION, e.what());
    }
    callback(user_data, outputs, status == nullptr ? output_count : 0, status);
    release(session);
  }
};

}  // namespace

OrtStatus* RunAsync(OrtSession* session, const OrtRunOptions* run_options, const char* const* input_names,
                    const OrtValue* const* input, size_t input_len, const char* const* output_names,
                    size_t output_names_len, OrtValue** output, RunAsyncCallbackFn run_async_callback,
                    void* user_data) {
  auto job =
      std::make_unique<Job>(Job{session, run_options, {}, {}, output, output_names_len, run_async_callback, user_data});
  for (size_t i = 0; i < input_len; ++i) {
    if (input_names[i] == nullptr) return invalid("RunAsync: input_names[", i, "] must not be null");
    if (input[i] == nullptr) return invalid("NULL input supplied for input ", input_names[i]);
    job->names.emplace_back(input_names[i]);
    job->inputs.emplace_back(input[i]->value);
    job->inputs.back().type = input[i]->type;
  }
  for (size_t i = 0; i < output_names_len; ++i) {
    if (output_names[i] == nullptr) return invalid("RunAsync: output_names[", i, "] must not be null");
    job->names.emplace_back(output_names[i]);
  }
  retain(session);
  try {
    std::thread([raw = job.get()] {
      const std::unique_ptr<Job> own(raw);
      own->run();
    }).detach();
    (void)job.release();
  } catch (const std::exception& e) {
    release(session);
    return make_status(ORT_RUNTIME_EXCEPTION, cat("RunAsync: no thread could be started: ", e.what()));
  }
  return nullptr;
}

}  // namespace sardonyx::capi
