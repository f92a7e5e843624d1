// Standalone operators: a built-in operator that a custom one calls. Each becomes a session of one node per combination
// of element types and ranks that it is called with, so every kernel, body and plan of the library serves it.
#include <mutex>

#include "capi/kernel_context.h"
#include "exec/session.h"
#include "ir/import_node.h"
#include "ops/table.h"

struct OrtOp {
  struct Compiled {
    std::vector<int32_t> key;  // element type and rank of each input (-1: absent), which outputs are wanted
    const sardonyx::ThreadPool* pool;
    std::unique_ptr<sardonyx::Session> session;
  };
  std::string domain, name;
  int version = 1;
  std::vector<sardonyx::Attr> attrs;
  size_t inputs = 0, outputs = 0;
  mutable std::mutex mutex;
  mutable std::vector<std::unique_ptr<Compiled>> compiled;
};

namespace sardonyx::capi {

namespace {

constexpr size_t kMostCompiled = 16;

Status check_types(const OpDef& def, const char** names, const ONNXTensorElementDataType* types, int count) {
  for (int i = 0; i < count; ++i) {
    const TypeVar* v = names[i] ? def.find_type(names[i]) : nullptr;
    const DType t = element_type(types[i]);
    if (v != nullptr && t != DType::kUndefined && !contains(v->tensors, t))
      return fail(Code::kNoKernel, "type ", names[i], " of ", def.name, " cannot be ", dtype_name(t));
  }
  return {};
}

// A graph of this node alone; inputs of known rank and unknown extents.
Result<Model> model_of(const OrtOp& op, std::span<const OrtValue* const> in, std::span<OrtValue* const> out) {
  Model model;
  model.graph = std::make_unique<Graph>(std::make_shared<SymbolTable>());
  Graph& g = *model.graph;
  NodeDraft draft{op.domain, op.name, {}, {}, op.attrs, {}, op.version};
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == nullptr || in[i]->value.none()) {
      draft.inputs.push_back(kNone);
      continue;
    }
    Fact fact;
    fact.type = type_of(in[i]->value);
    if (in[i]->value.is_tensor()) {
      fact.has_rank = true;
      for (int k = 0; k < in[i]->value.tensor().rank(); ++k) fact.shape.push_back(g.symbols().fresh());
    }
    draft.inputs.push_back(g.add_input(cat("input", i), std::move(fact)));
  }
  for (size_t o = 0; o < out.size(); ++o) draft.outputs.push_back(out[o] != nullptr ? cat("output", o) : std::string());
  SDX_TRY(const NodeId n, import_node(g, std::move(draft), {}, {}, 0, ops()));
  for (ValueId v : g.node(n).outputs)
    if (v != kNone) g.outputs.push_back(v);
  return model;
}

std::vector<int32_t> key_of(std::span<const OrtValue* const> in, std::span<OrtValue* const> out) {
  std::vector<int32_t> key;
  for (const OrtValue* v : in) {
    const bool tensor = v != nullptr && v->value.is_tensor();
    key.push_back(v == nullptr || v->value.none() ? -1 : static_cast<int32_t>(kind_of(v->value)));
    key.push_back(tensor ? static_cast<int32_t>(v->value.tensor().dtype()) : 0);
    key.push_back(tensor ? v->value.tensor().rank() : 0);
  }
  for (const OrtValue* v : out) key.push_back(v != nullptr);
  return key;
}

Result<const Session*> session_for(const OrtOp& op, std::span<const OrtValue* const> in, std::span<OrtValue* const> out,
                                   ThreadPool* pool) {
  std::vector<int32_t> key = key_of(in, out);
  std::lock_guard lock(op.mutex);
  for (const auto& c : op.compiled)
    if (c->key == key && c->pool == pool) return c->session.get();
  if (op.compiled.size() >= kMostCompiled)
    return fail(Code::kOption, "the operator is called with more than ", kMostCompiled,
                " combinations of types and ranks; create one per use");
  SDX_TRY(Model model, model_of(op, in, out));
  SessionOptions options;
  options.threads = 1;
  // The caller's kernel runs in the pool's session, which outlives this call.
  if (pool != nullptr) options.pool = std::shared_ptr<ThreadPool>(std::shared_ptr<ThreadPool>(), pool);
  SDX_TRY(std::unique_ptr<Session> session, Session::open(std::move(model), options));
  op.compiled.push_back(std::make_unique<OrtOp::Compiled>(OrtOp::Compiled{std::move(key), pool, std::move(session)}));
  return op.compiled.back()->session.get();
}

}  // namespace

OrtStatus* CreateOp(const OrtKernelInfo*, const char* op_name, const char* domain, int version,
                    const char** type_constraint_names, const ONNXTensorElementDataType* type_constraint_values,
                    int type_constraint_count, const OrtOpAttr* const* attr_values, int attr_count, int input_count,
                    int output_count, OrtOp** ort_op) {
  if (input_count < 0 || output_count < 0) return invalid("CreateOp: a count is negative");
  const OpDef* def = ops().find(domain != nullptr ? domain : "", op_name);
  if (def == nullptr || version < def->first)
    return error(ORT_NOT_IMPLEMENTED, "Failed to find kernel for ", op_name, "(", version,
                 "): the operator is not known in this version of its domain");
  SDX_CAPI_RETURN_IF_ERROR(check_types(*def, type_constraint_names, type_constraint_values, type_constraint_count));
  auto op = std::make_unique<OrtOp>();
  op->domain = def->domain, op->name = op_name, op->version = version;
  op->inputs = static_cast<size_t>(input_count), op->outputs = static_cast<size_t>(output_count);
  for (int i = 0; i < attr_count; ++i) {
    if (attr_values[i] == nullptr) return invalid("CreateOp: attribute ", i, " is null");
    op->attrs.push_back(attr_values[i]->attr);
  }
  *ort_op = op.release();
  return nullptr;
}

OrtStatus* InvokeOp(const OrtKernelContext* context, const OrtOp* ort_op, const OrtValue* const* input_values,
                    int input_count, OrtValue* const* output_values, int output_count) {
  const OrtOp& op = *ort_op;
  if (static_cast<size_t>(input_count) != op.inputs || static_cast<size_t>(output_count) != op.outputs)
    return invalid("InvokeOp: ", op.name, " was created for ", op.inputs, " inputs and ", op.outputs, " outputs, ",
                   input_count, " and ", output_count, " are given");
  const std::span<const OrtValue* const> in(input_values, op.inputs);
  const std::span<OrtValue* const> out(output_values, op.outputs);
  SDX_CAPI_TRY(const Session* session, session_for(op, in, out, context->run.pool()));
  std::vector<Value> given, made;
  for (const OrtValue* v : in)
    if (v != nullptr && !v->value.none()) given.push_back(v->value);
  for (const OrtValue* v : out)
    if (v != nullptr) made.push_back(v->value);
  SDX_CAPI_RETURN_IF_ERROR(session->run(given, made));
  size_t k = 0;
  for (OrtValue* v : out)
    if (v != nullptr) v->value = std::move(made[k++]);
  return nullptr;
}

void ReleaseOp(OrtOp* input) { delete input; }

}  // namespace sardonyx::capi
