// OrtKernelDef: what a kernel of a provider says about itself: operator, versions, types, where its parameters lie.
#include <array>
#include <climits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "capi/status.h"
#include "capi/value.h"

struct OrtDataType {
  ONNXTensorElementDataType element;
};

struct OrtKernelDef {
  std::string op, domain, provider;
  int first = 1, last = INT_MAX;
  std::map<size_t, OrtMemType> input_memory, output_memory;
  std::map<std::string, std::vector<const OrtDataType*>> types;
  std::vector<std::pair<int, int>> aliases, mutable_aliases;  // input, output
};
struct OrtKernelDefBuilder {
  OrtKernelDef def;
};

namespace sardonyx::capi::ep {

namespace {

OrtMemType memory_at(const std::map<size_t, OrtMemType>& all, size_t index) {
  const auto it = all.find(index);
  return it == all.end() ? OrtMemTypeDefault : it->second;
}

OrtStatus* add_aliases(std::vector<std::pair<int, int>>& to, const int* inputs, const int* outputs, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (inputs[i] < 0 || outputs[i] < 0)
      return invalid("alias ", i, " of input ", inputs[i], " and output ", outputs[i], ": positions begin at 0");
    to.emplace_back(inputs[i], outputs[i]);
  }
  return nullptr;
}

}  // namespace

// One object per element type, alive as long as the process.
OrtStatus* GetTensorDataType(ONNXTensorElementDataType elem_type, const OrtDataType** out) {
  static const auto* const all = [] {
    auto* types = new std::array<OrtDataType, kDTypeCount>;
    for (size_t i = 0; i < types->size(); ++i) (*types)[i].element = static_cast<ONNXTensorElementDataType>(i);
    return types;
  }();
  const DType t = element_type(elem_type);
  if (t == DType::kUndefined)
    return error(ORT_NOT_IMPLEMENTED, "tensor type ", static_cast<int>(elem_type), " is not supported");
  *out = &(*all)[static_cast<size_t>(t)];
  return nullptr;
}

OrtStatus* CreateKernelDefBuilder(OrtKernelDefBuilder** kernel_def_builder_out) {
  *kernel_def_builder_out = new OrtKernelDefBuilder;
  return nullptr;
}
void ReleaseKernelDefBuilder(OrtKernelDefBuilder* input) { delete input; }
OrtStatus* KernelDefBuilder_SetOperatorType(OrtKernelDefBuilder* kernel_def_builder, const char* op_type) {
  kernel_def_builder->def.op = op_type;
  return nullptr;
}
OrtStatus* KernelDefBuilder_SetDomain(OrtKernelDefBuilder* kernel_def_builder, const char* domain) {
  kernel_def_builder->def.domain = domain;
  return nullptr;
}
OrtStatus* KernelDefBuilder_SetSinceVersion(OrtKernelDefBuilder* kernel_def_builder, int since_version_start,
                                            int since_version_end) {
  if (since_version_start < 1) return invalid("Start version must be >= 1");
  if (since_version_end < since_version_start) return invalid("End version must be >= to the start version");
  kernel_def_builder->def.first = since_version_start, kernel_def_builder->def.last = since_version_end;
  return nullptr;
}
OrtStatus* KernelDefBuilder_SetExecutionProvider(OrtKernelDefBuilder* kernel_def_builder, const char* ep_name) {
  kernel_def_builder->def.provider = ep_name;
  return nullptr;
}
OrtStatus* KernelDefBuilder_SetInputMemType(OrtKernelDefBuilder* kernel_def_builder, size_t input_index,
                                            OrtMemType mem_type) {
  kernel_def_builder->def.input_memory[input_index] = mem_type;
  return nullptr;
}
OrtStatus* KernelDefBuilder_SetOutputMemType(OrtKernelDefBuilder* kernel_def_builder, size_t output_index,
                                             OrtMemType mem_type) {
  kernel_def_builder->def.output_memory[output_index] = mem_type;
  return nullptr;
}
OrtStatus* KernelDefBuilder_AddTypeConstraint(OrtKernelDefBuilder* kernel_def_builder, const char* arg_name,
                                              const OrtDataType* const* types, size_t num_types) {
  if (num_types == 0) return invalid("Must specify at least one OrtDataType instance");
  for (size_t i = 0; i < num_types; ++i)
    if (types[i] == nullptr) return invalid("KernelDefBuilder_AddTypeConstraint: types[", i, "] must not be null");
  kernel_def_builder->def.types[arg_name] = {types, types + num_types};
  return nullptr;
}
OrtStatus* KernelDefBuilder_AddInputOutputAliases(OrtKernelDefBuilder* kernel_def_builder, int const* input_indices,
                                                  int const* output_indices, size_t num_io_indices) {
  return add_aliases(kernel_def_builder->def.aliases, input_indices, output_indices, num_io_indices);
}
OrtStatus* KernelDefBuilder_AddInputOutputMutableAliases(OrtKernelDefBuilder* kernel_def_builder,
                                                         int const* input_indices, int const* output_indices,
                                                         size_t num_io_indices) {
  return add_aliases(kernel_def_builder->def.mutable_aliases, input_indices, output_indices, num_io_indices);
}
OrtStatus* KernelDefBuilder_Build(OrtKernelDefBuilder* kernel_def_builder, OrtKernelDef** kernel_def_out) {
  *kernel_def_out = new OrtKernelDef(kernel_def_builder->def);
  return nullptr;
}

void ReleaseKernelDef(OrtKernelDef* input) { delete input; }
const char* KernelDef_GetOperatorType(const OrtKernelDef* kernel_def) { return kernel_def->op.c_str(); }
const char* KernelDef_GetDomain(const OrtKernelDef* kernel_def) { return kernel_def->domain.c_str(); }
const char* KernelDef_GetExecutionProvider(const OrtKernelDef* kernel_def) { return kernel_def->provider.c_str(); }
OrtStatus* KernelDef_GetSinceVersion(const OrtKernelDef* kernel_def, int* start_version, int* end_version) {
  *start_version = kernel_def->first, *end_version = kernel_def->last;
  return nullptr;
}
OrtStatus* KernelDef_GetInputMemType(const OrtKernelDef* kernel_def, size_t input_index, OrtMemType* mem_type) {
  *mem_type = memory_at(kernel_def->input_memory, input_index);
  return nullptr;
}
OrtStatus* KernelDef_GetOutputMemType(const OrtKernelDef* kernel_def, size_t output_index, OrtMemType* mem_type) {
  *mem_type = memory_at(kernel_def->output_memory, output_index);
  return nullptr;
}

}  // namespace sardonyx::capi::ep
