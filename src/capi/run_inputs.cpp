// What a run is given: checks against the model's declarations, inputs that replace initializers, errors.
#include <algorithm>

#include "capi/session.h"

namespace sardonyx::capi {

namespace {

OrtStatus* wrong_type(const Type& actual, const Type& expected) {
  return invalid("Unexpected input data type. Actual: (", type_text(actual), ") , expected: (", type_text(expected),
                 ")");
}

OrtStatus* wrong_dims(const char* what, const Port& p, const Extents& dims) {
  std::string text = cat("Got invalid dimensions for ", what, ": ", p.name, " for the following indices\n");
  for (size_t i = 0; i < p.dims.size(); ++i)
    if (p.dims[i] >= 0 && p.dims[i] != dims[i])
      text += cat(" index: ", i, " Got: ", dims[i], " Expected: ", p.dims[i], "\n");
  return invalid(text, " Please fix either the inputs/outputs or the model.");
}

bool fits(const Type& declared, const Value& v) {
  const Type& t = declared.kind == Type::Kind::kOptional && declared.inner ? *declared.inner : declared;
  if (v.none()) return declared.kind == Type::Kind::kOptional;
  if (t.kind == Type::Kind::kUnknown) return true;
  const Type actual = type_of(v);
  if (t.kind == Type::Kind::kSequence && actual.kind == Type::Kind::kSequence)
    return !actual.inner || actual.inner->kind == Type::Kind::kUnknown || !t.inner || *actual.inner == *t.inner ||
           t.inner->kind != Type::Kind::kTensor;
  return actual == t;
}

// The session whose inputs include the overridable initializers, made when it is first needed.
OrtStatus* overridden_session(OrtSession& s, Session** out) {
  std::lock_guard lock(s.mutex);
  if (!s.overridden) {
    SessionOptions options = s.native_options;
    options.save_optimised.clear();
    options.cancel = nullptr;
    for (const Overridable& o : s.native->overridable()) options.load.keep_as_inputs.insert(o.port.name);
    SDX_CAPI_TRY(s.overridden, open_native(s.source, options));
  }
  *out = s.overridden.get();
  return nullptr;
}

const Overridable* find_overridable(const OrtSession& s, std::string_view name) {
  if (s.native->model().ir_version < 4) return nullptr;
  for (const Overridable& o : s.native->overridable())
    if (o.port.name == name) return &o;
  return nullptr;
}

using Named = std::vector<std::pair<std::string_view, const OrtValue*>>;

OrtStatus* check_names(const OrtSession& s, const Named& inputs) {
  for (const auto& [name, value] : inputs) {
    if (value == nullptr) return invalid("NULL input supplied for input ", name);
    const auto& ports = s.native->inputs();
    if (std::any_of(ports.begin(), ports.end(), [&](const Port& p) { return p.name == name; })) continue;
    const Overridable* o = find_overridable(s, name);
    if (o == nullptr) return invalid("Invalid input name: ", name);
    SDX_CAPI_RETURN_IF(check_input(o->port, *value));
  }
  return nullptr;
}

// `Op "name": text` as ONNX Runtime begins it.
std::string kernel_line(const std::string& message) {
  const size_t quote = message.find(" \"");
  const size_t end = quote == std::string::npos ? quote : message.find("\": ", quote + 2);
  if (end == std::string::npos || message.find(' ') != quote) return message;
  return cat("Non-zero status code returned while running ", message.substr(0, quote), " node. Name:'",
             message.substr(quote + 2, end - quote - 2), "' Status Message: ", message.substr(end + 3));
}

// what: "input" or "output".
OrtStatus* check_value(const char* what, const Port& port, const OrtValue& value) {
  const Value& v = value.value;
  if (!port.type.is_tensor() || !v.is_tensor())
    return fits(port.type, v) ? nullptr : wrong_type(v.none() ? value.type : type_of(v), port.type);
  const Tensor& t = v.tensor();
  if (t.dtype() != port.type.elem) return wrong_type(Type::tensor(t.dtype()), port.type);
  if (!port.has_rank) return nullptr;
  if (t.dims().size() != port.dims.size())
    return invalid("Invalid rank for ", what, ": ", port.name, " Got: ", t.dims().size(),
                   " Expected: ", port.dims.size(), " Please fix either the inputs/outputs or the model.");
  for (size_t i = 0; i < port.dims.size(); ++i)
    if (port.dims[i] >= 0 && port.dims[i] != t.dims()[i]) return wrong_dims(what, port, t.dims());
  return nullptr;
}

}  // namespace

OrtStatus* check_input(const Port& port, const OrtValue& value) { return check_value("input", port, value); }
OrtStatus* check_output(const Port& port, const OrtValue& value) { return check_value("output", port, value); }

OrtStatus* run_error(const Status& s) {
  if (s.ok()) return nullptr;
  switch (s.code()) {
    case Code::kCancelled: return error(ORT_FAIL, "Exiting due to terminate flag being set to true.");
    case Code::kShape:
      if (s.message().starts_with("output ")) return invalid(s.message());
      [[fallthrough]];
    case Code::kType:
    case Code::kRange:
    case Code::kAttr: return error(ORT_FAIL, kernel_line(s.message()));
    default: return make_status(code_of(s.code()), kernel_line(s.message()));
  }
}

OrtStatus* run_overridden(OrtSession& session, const Named& inputs, std::span<Value> outputs,
                          const RunOptions& options) {
  SDX_CAPI_RETURN_IF(check_names(session, inputs));
  Session* native = nullptr;
  SDX_CAPI_RETURN_IF(overridden_session(session, &native));
  std::vector<Value> in;
  for (const Port& p : native->inputs()) {
    const auto given = std::find_if(inputs.rbegin(), inputs.rend(), [&](const auto& i) { return i.first == p.name; });
    const Overridable* initial = find_overridable(session, p.name);
    if (given != inputs.rend()) {
      if (initial == nullptr) SDX_CAPI_RETURN_IF(check_input(p, *given->second));
      in.push_back(given->second->value);
    } else if (initial != nullptr) {
      in.emplace_back(initial->initial);
    } else if (p.type.kind == Type::Kind::kOptional) {
      in.emplace_back();
    } else {
      return error(ORT_FAIL, "Missing Input: ", p.name, "\nthe run was given ", inputs.size(), " inputs");
    }
  }
  return run_error(native->run(in, outputs, options));
}

}  // namespace sardonyx::capi
