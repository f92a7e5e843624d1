// OrtOpSchema: operators as ONNX describes them, at the version that graphs have here. Older versions differ in types
// and parameters that this library does not keep.
#include <memory>
#include <string>
#include <vector>

#include "capi/status.h"
#include "ir/op_def.h"
#include "ops/table.h"

struct OrtOpSchemaTypeConstraint {
  std::string name;
  bool complete = true;  // `types` has all
  std::vector<std::string> types;
  std::vector<const char*> type_pointers;
  std::vector<size_t> inputs, outputs;
};

struct OrtOpSchema {
  const sardonyx::OpDef* op;
  std::vector<OrtOpSchemaTypeConstraint> constraints;
  std::vector<std::string> input_names, output_names;
};

namespace sardonyx::capi::ep {

namespace {

bool is_fixed(const TypeVar& t) { return t.name.ends_with(')'); }  // "tensor(int64)": the schema names no constraint

OrtOpSchemaTypeConstraint constraint_of(const OpDef& op, const TypeVar& var) {
  OrtOpSchemaTypeConstraint c;
  c.name = var.name;
  c.complete = !var.other;
  const auto add = [&](TypeMask mask, std::string_view head, std::string_view tail) {
    for (int i = 1; i < kDTypeCount; ++i)
      if (const auto t = static_cast<DType>(i); contains(mask, t)) c.types.push_back(cat(head, dtype_name(t), tail));
  };
  add(var.tensors, "tensor(", ")");
  add(var.sequences, "seq(tensor(", "))");
  add(var.optionals, "optional(tensor(", "))");
  add(var.optional_sequences, "optional(seq(tensor(", ")))");
  for (const std::string& t : c.types) c.type_pointers.push_back(t.c_str());
  const auto find = [&](std::span<const ParamDef> parameters, std::vector<size_t>& to) {
    for (size_t i = 0; i < parameters.size(); ++i)
      if (parameters[i].type == var.name) to.push_back(i);
  };
  find(op.inputs, c.inputs);
  find(op.outputs, c.outputs);
  return c;
}

OrtStatus* out_of_range(std::string_view what, size_t index, size_t count, std::string_view things) {
  return invalid(what, " index ", index, " out of range. Schema has ", count, " ", things, ".");
}

// Null for a parameter of a fixed type.
const OrtOpSchemaTypeConstraint* constraint_named(const OrtOpSchema& s, std::string_view name) {
  for (const OrtOpSchemaTypeConstraint& c : s.constraints)
    if (c.name == name) return &c;
  return nullptr;
}

}  // namespace

OrtStatus* GetOpSchema(const char* name, int max_inclusive_version, const char* domain, OrtOpSchema** out_schema) {
  *out_schema = nullptr;
  const std::string_view wanted = domain;
  const OpDef* op = ops().find(wanted == "ai.onnx" ? "" : wanted, name);
  if (op == nullptr || max_inclusive_version < op->first) return nullptr;
  if (max_inclusive_version < op->since)
    return error(ORT_NOT_IMPLEMENTED, "GetOpSchema: ", name, " is described from version ", op->since,
                 " on, not as of version ", max_inclusive_version);
  auto s = std::make_unique<OrtOpSchema>();
  s->op = op;
  for (const TypeVar& t : op->types)
    if (!is_fixed(t)) s->constraints.push_back(constraint_of(*op, t));
  for (const ParamDef& p : op->inputs) s->input_names.emplace_back(p.name);
  for (const ParamDef& p : op->outputs) s->output_names.emplace_back(p.name);
  *out_schema = s.release();
  return nullptr;
}
void ReleaseOpSchema(OrtOpSchema* input) { delete input; }

OrtStatus* OpSchema_GetSinceVersion(const OrtOpSchema* schema, int* out) {
  *out = schema->op->since;
  return nullptr;
}
OrtStatus* OpSchema_GetNumInputs(const OrtOpSchema* schema, size_t* out) {
  *out = schema->op->inputs.size();
  return nullptr;
}
OrtStatus* OpSchema_GetNumOutputs(const OrtOpSchema* schema, size_t* out) {
  *out = schema->op->outputs.size();
  return nullptr;
}
OrtStatus* OpSchema_GetInputName(const OrtOpSchema* schema, size_t index, const char** out) {
  if (index >= schema->input_names.size()) return out_of_range("Input", index, schema->input_names.size(), "inputs");
  *out = schema->input_names[index].c_str();
  return nullptr;
}
OrtStatus* OpSchema_GetOutputName(const OrtOpSchema* schema, size_t index, const char** out) {
  if (index >= schema->output_names.size())
    return out_of_range("Output", index, schema->output_names.size(), "outputs");
  *out = schema->output_names[index].c_str();
  return nullptr;
}
OrtStatus* OpSchema_GetInputTypeConstraint(const OrtOpSchema* schema, size_t index,
                                           const OrtOpSchemaTypeConstraint** out) {
  if (index >= schema->input_names.size()) return out_of_range("Input", index, schema->input_names.size(), "inputs");
  *out = constraint_named(*schema, schema->op->inputs[index].type);
  return nullptr;
}
OrtStatus* OpSchema_GetOutputTypeConstraint(const OrtOpSchema* schema, size_t index,
                                            const OrtOpSchemaTypeConstraint** out) {
  if (index >= schema->output_names.size())
    return out_of_range("Output", index, schema->output_names.size(), "outputs");
  *out = constraint_named(*schema, schema->op->outputs[index].type);
  return nullptr;
}
OrtStatus* OpSchema_GetTypeConstraintCount(const OrtOpSchema* schema, size_t* out) {
  *out = schema->constraints.size();
  return nullptr;
}
OrtStatus* OpSchema_GetTypeConstraint(const OrtOpSchema* schema, size_t index, const OrtOpSchemaTypeConstraint** out) {
  if (index >= schema->constraints.size())
    return out_of_range("Type constraint", index, schema->constraints.size(), "constraints");
  *out = &schema->constraints[index];
  return nullptr;
}

OrtStatus* OpSchemaTypeConstraint_GetTypeParamName(const OrtOpSchemaTypeConstraint* type_constraint, const char** out) {
  *out = type_constraint->name.c_str();
  return nullptr;
}
OrtStatus* OpSchemaTypeConstraint_GetAllowedTypes(const OrtOpSchemaTypeConstraint* type_constraint,
                                                  const char* const** out_types, size_t* num_types) {
  if (!type_constraint->complete)
    return error(ORT_NOT_IMPLEMENTED, "OpSchemaTypeConstraint_GetAllowedTypes: the maps that ", type_constraint->name,
                 " may stand for are not listed");
  *out_types = type_constraint->type_pointers.data(), *num_types = type_constraint->type_pointers.size();
  return nullptr;
}
OrtStatus* OpSchemaTypeConstraint_GetInputIndices(const OrtOpSchemaTypeConstraint* type_constraint,
                                                  const size_t** out_indices, size_t* count) {
  *out_indices = type_constraint->inputs.data(), *count = type_constraint->inputs.size();
  return nullptr;
}
OrtStatus* OpSchemaTypeConstraint_GetOutputIndices(const OrtOpSchemaTypeConstraint* type_constraint,
                                                   const size_t** out_indices, size_t* count) {
  *out_indices = type_constraint->outputs.data(), *count = type_constraint->outputs.size();
  return nullptr;
}

}  // namespace sardonyx::capi::ep
