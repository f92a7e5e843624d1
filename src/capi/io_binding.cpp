#include "capi/io_binding.h"

#include <cstring>

#include "capi/allocator.h"
#include "capi/session.h"

void OrtIoBinding::Side::bind(const char* name, std::unique_ptr<OrtValue> value, bool fill) {
  size_t i = 0;
  while (i < names.size() && *names[i] != name) ++i;
  if (i == names.size()) {
    names.push_back(std::make_unique<std::string>(name));
    name_pointers.push_back(names.back()->c_str());
    values.emplace_back(), value_pointers.emplace_back(), in_place.emplace_back();
  }
  value_pointers[i] = value.get();
  values[i] = std::move(value);
  in_place[i] = fill;
}

namespace sardonyx::capi {

namespace {

std::unique_ptr<OrtValue> share(const OrtValue& v) {
  auto copy = std::make_unique<OrtValue>(v.value);
  copy->type = v.type;
  return copy;
}

// The arrays belong to the caller's allocator; none are made for nothing.
template <class T>
OrtStatus* make_array(OrtAllocator* allocator, size_t count, T** out) {
  *out = static_cast<T*>(allocate(allocator, count * sizeof(T)));
  return *out != nullptr ? nullptr : make_status(ORT_RUNTIME_EXCEPTION, "the allocator returned no memory");
}

}  // namespace

OrtStatus* CreateIoBinding(OrtSession* session, OrtIoBinding** out) {
  auto binding = std::make_unique<OrtIoBinding>();
  binding->session = session;
  retain(session);
  *out = binding.release();
  return nullptr;
}
void ReleaseIoBinding(OrtIoBinding* input) {
  if (input == nullptr) return;
  release(input->session);
  delete input;
}

OrtStatus* BindInput(OrtIoBinding* binding_ptr, const char* name, const OrtValue* val_ptr) {
  const OrtSession& s = *binding_ptr->session;
  bool known = s.input_index.find(s.native->inputs(), name, 0) != PortIndex::npos;
  for (const Overridable& o : s.native->overridable()) known |= o.port.name == name;
  if (!known) return error(ORT_FAIL, "Failed to find input name in the mapping: ", name);
  binding_ptr->inputs.bind(name, share(*val_ptr), false);
  return nullptr;
}
OrtStatus* BindOutput(OrtIoBinding* binding_ptr, const char* name, const OrtValue* val_ptr) {
  const bool fill = val_ptr->value.is_tensor();
  binding_ptr->outputs.bind(name, fill ? share(*val_ptr) : nullptr, fill);
  return nullptr;
}
OrtStatus* BindOutputToDevice(OrtIoBinding* binding_ptr, const char* name, const OrtMemoryInfo* mem_info_ptr) {
  if (!mem_info_ptr->on_cpu())
    return invalid("memory of ", mem_info_ptr->name, " is not available; this library runs on the CPU");
  binding_ptr->outputs.bind(name, nullptr, false);
  return nullptr;
}
void ClearBoundInputs(OrtIoBinding* binding_ptr) { binding_ptr->inputs.clear(); }
void ClearBoundOutputs(OrtIoBinding* binding_ptr) { binding_ptr->outputs.clear(); }
OrtStatus* SynchronizeBoundInputs(OrtIoBinding*) { return nullptr; }
OrtStatus* SynchronizeBoundOutputs(OrtIoBinding*) { return nullptr; }

OrtStatus* RunWithBinding(OrtSession* session, const OrtRunOptions* run_options, const OrtIoBinding* binding_ptr) {
  if (binding_ptr->session != session) return invalid("the binding was made for another session");
  // Const for the caller: what is bound stays; what runs make changes.
  OrtIoBinding::Side& out = const_cast<OrtIoBinding*>(binding_ptr)->outputs;
  const OrtIoBinding::Side& in = binding_ptr->inputs;
  for (size_t i = 0; i < out.values.size(); ++i) {
    if (out.in_place[i]) continue;
    out.values[i].reset();
    out.value_pointers[i] = nullptr;
  }
  OrtStatus* status =
      run_session(*session, run_options, in.name_pointers.data(), in.value_pointers.data(), in.names.size(),
                  out.name_pointers.data(), out.names.size(), out.value_pointers.data());
  for (size_t i = 0; i < out.values.size(); ++i)
    if (!out.in_place[i]) out.values[i].reset(out.value_pointers[i]);
  return status;
}

// Names one after the other without separators, with their lengths.
OrtStatus* GetBoundOutputNames(const OrtIoBinding* binding_ptr, OrtAllocator* allocator, char** buffer,
                               size_t** lengths, size_t* count) {
  const auto& names = binding_ptr->outputs.names;
  *buffer = nullptr, *lengths = nullptr, *count = 0;
  if (names.empty()) return nullptr;
  size_t total = 0;
  for (const auto& n : names) total += n->size();
  char* text;
  size_t* sizes;
  SDX_CAPI_RETURN_IF(make_array(allocator, total, &text));
  if (OrtStatus* s = make_array(allocator, names.size(), &sizes)) {
    allocator->Free(allocator, text);
    return s;
  }
  *buffer = text, *lengths = sizes, *count = names.size();
  for (const auto& n : names) {
    std::memcpy(text, n->data(), n->size());
    text += n->size();
    *sizes++ = n->size();
  }
  return nullptr;
}

OrtStatus* GetBoundOutputValues(const OrtIoBinding* binding_ptr, OrtAllocator* allocator, OrtValue*** output,
                                size_t* output_count) {
  const auto& values = binding_ptr->outputs.values;
  *output = nullptr, *output_count = 0;
  if (values.empty()) return nullptr;
  SDX_CAPI_RETURN_IF(make_array(allocator, values.size(), output));
  for (size_t i = 0; i < values.size(); ++i)
    (*output)[i] = (values[i] ? share(*values[i]) : std::make_unique<OrtValue>()).release();
  *output_count = values.size();
  return nullptr;
}

}  // namespace sardonyx::capi
