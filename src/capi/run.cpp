#include <optional>

#include "base/stack_array.h"
#include "capi/lora.h"
#include "capi/session.h"
#include "parallel/float_mode.h"

namespace sardonyx::capi {

namespace {

using Values = StackArray<Value, 8>;  // one per input or output
using Flags = SmallVec<uint8_t, 32>;  // one per input or output

struct Request {
  OrtSession& session;
  const OrtRunOptions* options;
  const char* const* input_names;
  const OrtValue* const* inputs;
  size_t input_count;
  const char* const* output_names;
  OrtValue** outputs;
  size_t output_count;
  size_t adapter_inputs() const {
    size_t n = 0;
    if (options != nullptr)
      for (const OrtLoraAdapter* a : options->adapters) n += a->parameters.size();
    return n;
  }
};

// Puts the given values in the model's order. `plain` becomes false if one of them is not an input of the model but may
// be an overridable initializer.
OrtStatus* gather_inputs(const Request& r, std::span<Value> in, bool& plain) {
  const std::vector<Port>& ports = r.session.native->inputs();
  Flags given(ports.size());
  for (size_t i = 0; i < r.input_count; ++i) {
    const char* name = r.input_names[i];
    if (name == nullptr || *name == 0) return invalid("input name cannot be empty\ninput_names[", i, "]");
    if (r.inputs[i] == nullptr) return invalid("NULL input supplied for input ", name);
    const size_t k = r.session.input_index.find(ports, name, i);
    if (k == PortIndex::npos) {
      plain = false;
      return nullptr;
    }
    SDX_CAPI_RETURN_IF(check_input(ports[k], *r.inputs[i]));
    in[k] = r.inputs[i]->value;
    given[k] = 1;
  }
  for (size_t k = 0; k < ports.size(); ++k)
    if (!given[k] && ports[k].type.kind != Type::Kind::kOptional)
      return error(ORT_FAIL, "Missing Input: ", ports[k].name, "\nthe run was given ", r.input_count, " inputs");
  return nullptr;
}

// Where each requested output stands; `repeated` if one is asked for twice.
OrtStatus* find_outputs(const Request& r, SmallVec<size_t, 16>& at, bool& repeated) {
  const std::vector<Port>& ports = r.session.native->outputs();
  Flags wanted(ports.size());
  for (size_t i = 0; i < r.output_count; ++i) {
    const char* name = r.output_names[i];
    if (name == nullptr || *name == 0) return invalid("output name cannot be empty\noutput_names[", i, "]");
    const size_t k = r.session.output_index.find(ports, name, i);
    if (k == PortIndex::npos) return invalid("Invalid output name: ", name);
    repeated |= wanted[k] != 0;
    wanted[k] = 1;
    at.push_back(k);
  }
  return nullptr;
}

// Type of what an absent optional would have held.
Type contained(const Type& t) { return t.kind == Type::Kind::kOptional && t.inner ? *t.inner : t; }

void hand_out(const Request& r, const SmallVec<size_t, 16>& at, bool repeated, Values& out) {
  const std::vector<Port>& ports = r.session.native->outputs();
  for (size_t i = 0; i < r.output_count; ++i) {
    Value& v = out[at[i]];
    if (r.outputs[i] == nullptr) r.outputs[i] = new OrtValue;
    OrtValue& to = *r.outputs[i];
    if (v.none()) to.type = contained(ports[at[i]].type);
    if (repeated)
      to.value = v;
    else
      to.value = std::move(v);
  }
}

std::vector<std::pair<std::string_view, const OrtValue*>> named_inputs(const Request& r,
                                                                       std::vector<OrtValue>& adapter_values) {
  std::vector<std::pair<std::string_view, const OrtValue*>> named;
  for (size_t i = 0; i < r.input_count; ++i) named.emplace_back(r.input_names[i], r.inputs[i]);
  adapter_values.reserve(r.adapter_inputs());
  if (r.options != nullptr)
    for (const OrtLoraAdapter* a : r.options->adapters)
      for (const auto& [name, value] : a->parameters) {
        adapter_values.emplace_back(value);
        named.emplace_back(name, &adapter_values.back());
      }
  return named;
}

OrtStatus* run_native(const Request& r, std::span<Value> out, const RunOptions& native) {
  const Session& s = *r.session.native;
  bool plain = r.options == nullptr || r.options->adapters.empty();
  if (plain) {
    Values in(s.inputs().size());
    SDX_CAPI_RETURN_IF(gather_inputs(r, in.all(), plain));
    if (plain) return run_error(s.run(in.all(), out, native));
  }
  std::vector<OrtValue> adapter_values;
  return run_overridden(r.session, named_inputs(r, adapter_values), out, native);
}

OrtStatus* run(const Request& r, const RunOptions& native) {
  if (r.session.editing) return error(ORT_FAIL, "Session not initialized.");
  if (r.output_count == 0) return invalid("At least one output should be requested.");
  SmallVec<size_t, 16> at;
  bool repeated = false;
  SDX_CAPI_RETURN_IF(find_outputs(r, at, repeated));
  Values out(r.session.native->outputs().size());
  for (size_t i = 0; i < r.output_count; ++i)
    if (r.outputs[i] != nullptr && r.outputs[i]->value.is_tensor()) {
      SDX_CAPI_RETURN_IF(check_output(r.session.native->outputs()[at[i]], *r.outputs[i]));
      out[at[i]] = r.outputs[i]->value;
    }
  SDX_CAPI_RETURN_IF(run_native(r, out.all(), native));
  hand_out(r, at, repeated, out);
  return nullptr;
}

// A run that somebody watches: the session's profiler, or one of its own.
OrtStatus* run_profiled(const Request& r, RunOptions native) {
  std::unique_ptr<Profiler> own;
  if (r.options != nullptr && r.options->profiling) own = std::make_unique<Profiler>(r.options->profile_prefix);
  Profiler* profiler = own ? own.get() : r.session.profiler.get();
  native.observer = profiler;
  const int64_t begin = Profiler::now_ns();
  OrtStatus* status = run(r, native);
  profiler->session_event("model_run", begin, Profiler::now_ns());
  if (own && status == nullptr) return to_ort(own->finish().take_status());
  return status;
}

bool shrinks_arena(const OrtRunOptions* o) {
  if (o == nullptr || o->config.empty()) return false;
  const auto it = o->config.find("memory.enable_memory_arena_shrinkage");
  return it != o->config.end() && it->second.find("cpu") != std::string::npos;
}

// The session's logger, with the severity that the run asks for and its tag behind the session's name.
OrtLogger logger_of(const OrtSession& session, const OrtRunOptions& options) {
  OrtLogger l(session.logger);
  if (options.log_severity >= 0) l.severity = static_cast<OrtLoggingLevel>(options.log_severity);
  if (!options.tag.empty()) l.id = l.id.empty() ? options.tag : cat(l.id, "/", options.tag);
  return l;
}

}  // namespace

PortIndex::PortIndex(const std::vector<Port>& ports) {
  constexpr size_t kFew = 16;
  if (ports.size() <= kFew) return;
  for (size_t i = 0; i < ports.size(); ++i) table_.emplace(ports[i].name, i);
}

size_t PortIndex::search(const std::vector<Port>& ports, std::string_view name) const {
  if (!table_.empty()) {
    const auto it = table_.find(name);
    return it == table_.end() ? npos : it->second;
  }
  for (size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return i;
  return npos;
}

OrtStatus* run_session(OrtSession& session, const OrtRunOptions* options, const char* const* input_names,
                       const OrtValue* const* inputs, size_t input_count, const char* const* output_names,
                       size_t output_count, OrtValue** outputs) {
  const Request r{session, options, input_names, inputs, input_count, output_names, outputs, output_count};
  RunOptions native;
  std::optional<OrtLogger> log;
  if (options != nullptr) {
    if (options->terminate) return error(ORT_FAIL, "Exiting due to terminate flag being set to true.");
    native.cancel = &options->terminate;
    if (options->log_severity >= 0 || !options->tag.empty()) native.log = &log.emplace(logger_of(session, *options));
  }
  const FlushDenormals mode(session.flush_denormals);
  const bool watched = session.profiler != nullptr || (options != nullptr && options->profiling);
  OrtStatus* status = watched ? run_profiled(r, native) : run(r, native);
  if (session.release_arena || shrinks_arena(options)) session.native->executor().release_idle();
  return status;
}

OrtStatus* Run(OrtSession* session, const OrtRunOptions* run_options, const char* const* input_names,
               const OrtValue* const* inputs, size_t input_len, const char* const* output_names,
               size_t output_names_len, OrtValue** outputs) {
  return run_session(*session, run_options, input_names, inputs, input_len, output_names, output_names_len, outputs);
}

}  // namespace sardonyx::capi
