// Inputs, outputs and overridable initializers of a session: counts, names, types.
#include <algorithm>
#include <set>

#include "capi/session.h"

namespace sardonyx::capi {

namespace {

// Names of extents as the file gives them. Where it says nothing, a symbol that an input declares keeps its name.
std::vector<std::string> shown_dims(const Session& s, const Port& p) {
  std::vector<std::string> names(p.dims.size());
  const bool declared = p.declared_names.size() == p.dims.size();
  for (size_t i = 0; i < names.size(); ++i) {
    if (p.dims[i] >= 0) continue;
    if (declared) {
      names[i] = p.declared_names[i];
      continue;
    }
    for (const Port& in : s.inputs())
      for (size_t k = 0; k < std::min(in.dims.size(), in.declared_names.size()); ++k)
        if (!in.declared_names[k].empty() && in.dim_names[k] == p.dim_names[i]) names[i] = in.declared_names[k];
  }
  return names;
}

OrtStatus* give_type(const OrtSession& s, const Port& p, OrtTypeInfo** out) {
  auto info = std::make_unique<OrtTypeInfo>(make_type_info(p.type, p.has_rank, p.dims, shown_dims(*s.native, p)));
  info->denotation = p.denotation;
  *out = info.release();
  return nullptr;
}

OrtStatus* type_at(const OrtSession& s, const std::vector<Port>& ports, size_t index, OrtTypeInfo** out) {
  if (index >= ports.size()) return error(ORT_FAIL, "out of index\n", index, " of ", ports.size());
  return give_type(s, ports[index], out);
}
OrtStatus* name_at(const std::vector<Port>& ports, size_t index, OrtAllocator* allocator, char** out) {
  if (index >= ports.size()) return error(ORT_FAIL, "index out of range\n", index, " of ", ports.size());
  return copy_text(allocator, ports[index].name, out);
}

// Before IR version 4 every initializer was listed as an input too, and none was meant to be replaced.
size_t overridable_count(const OrtSession& s) {
  return s.native->model().ir_version < 4 ? 0 : s.native->overridable().size();
}

OrtStatus* check_count(std::string_view what, size_t have, size_t given) {
  if (have <= given) return nullptr;
  return invalid("Number of ", what, " ", have, " exceeds the provided size of ", given);
}

}  // namespace

OrtStatus* SessionGetInputCount(const OrtSession* session, size_t* out) {
  *out = session->native->inputs().size();
  return nullptr;
}
OrtStatus* SessionGetOutputCount(const OrtSession* session, size_t* out) {
  *out = session->native->outputs().size();
  return nullptr;
}
OrtStatus* SessionGetOverridableInitializerCount(const OrtSession* session, size_t* out) {
  *out = overridable_count(*session);
  return nullptr;
}
OrtStatus* SessionGetInputTypeInfo(const OrtSession* session, size_t index, OrtTypeInfo** type_info) {
  return type_at(*session, session->native->inputs(), index, type_info);
}
OrtStatus* SessionGetOutputTypeInfo(const OrtSession* session, size_t index, OrtTypeInfo** type_info) {
  return type_at(*session, session->native->outputs(), index, type_info);
}
OrtStatus* SessionGetOverridableInitializerTypeInfo(const OrtSession* session, size_t index, OrtTypeInfo** type_info) {
  if (index >= overridable_count(*session)) return error(ORT_FAIL, "out of index\n", index);
  return give_type(*session, session->native->overridable()[index].port, type_info);
}
OrtStatus* SessionGetInputName(const OrtSession* session, size_t index, OrtAllocator* allocator, char** value) {
  return name_at(session->native->inputs(), index, allocator, value);
}
OrtStatus* SessionGetOutputName(const OrtSession* session, size_t index, OrtAllocator* allocator, char** value) {
  return name_at(session->native->outputs(), index, allocator, value);
}
OrtStatus* SessionGetOverridableInitializerName(const OrtSession* session, size_t index, OrtAllocator* allocator,
                                                char** value) {
  if (index >= overridable_count(*session)) return error(ORT_FAIL, "index out of range\n", index);
  return copy_text(allocator, session->native->overridable()[index].port.name, value);
}

OrtStatus* SessionGetMemoryInfoForInputs(const OrtSession* session, const OrtMemoryInfo** inputs_memory_info,
                                         size_t num_inputs) {
  SDX_CAPI_RETURN_IF(check_count("inputs", session->native->inputs().size(), num_inputs));
  std::fill_n(inputs_memory_info, session->native->inputs().size(), &cpu_memory_info());
  return nullptr;
}
OrtStatus* SessionGetMemoryInfoForOutputs(const OrtSession* session, const OrtMemoryInfo** outputs_memory_info,
                                          size_t num_outputs) {
  SDX_CAPI_RETURN_IF(check_count("outputs", session->native->outputs().size(), num_outputs));
  std::fill_n(outputs_memory_info, session->native->outputs().size(), &cpu_memory_info());
  return nullptr;
}

}  // namespace sardonyx::capi
