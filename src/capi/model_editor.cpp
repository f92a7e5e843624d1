#include "capi/model_editor.h"

#include "ir/opset.h"

namespace sardonyx::capi {

namespace {

DraftValue draft_value(const OrtValueInfo& v) {
  DraftValue d;
  d.name = v.name;
  d.type = type_of_info(v.type);
  d.has_rank = v.type.tensor.has_shape;
  d.dims = v.type.tensor.dims, d.dim_names = v.type.tensor.dim_names;
  return d;
}

std::optional<std::vector<DraftValue>> draft_values(const std::optional<OrtGraph::ValueInfos>& infos) {
  if (!infos) return std::nullopt;
  std::vector<DraftValue> all;
  for (const auto& v : *infos) all.push_back(draft_value(*v));
  return all;
}

// The names of a list; null stands for an absent one.
std::vector<std::string> names_of(const char* const* names, size_t n) {
  std::vector<std::string> all;
  for (size_t i = 0; i < n; ++i) all.emplace_back(names[i] != nullptr ? names[i] : "");
  return all;
}

OrtStatus* take_values(OrtGraph* graph, OrtValueInfo** values, size_t n, std::string_view what,
                       std::optional<OrtGraph::ValueInfos>* to) {
  for (size_t i = 0; i < n; ++i) {
    if (values[i] == nullptr) return invalid(what, " cannot contain null entries");
    if (values[i]->graph != nullptr) return invalid(what, ": ", quoted(values[i]->name), " belongs to a graph already");
    if (values[i]->type.kind == ONNX_TYPE_UNKNOWN) return invalid(what, ": ", quoted(values[i]->name), " has no type");
  }
  OrtGraph::ValueInfos taken;
  for (size_t i = 0; i < n; ++i) {
    values[i]->graph = graph;
    taken.emplace_back(std::exchange(values[i], nullptr));
  }
  *to = std::move(taken);
  return nullptr;
}

}  // namespace

ModelDraft draft_of(const OrtModel& model) {
  ModelDraft d;
  d.opsets = model.opsets;
  const OrtGraph& g = *model.graph;
  d.inputs = draft_values(g.inputs);
  d.outputs = draft_values(g.outputs);
  for (const OrtGraph::Initializer& i : g.initializers) d.initializers.emplace_back(i.name, i.value->value.tensor());
  for (const auto& n : g.nodes) {
    DraftNode node{n->op, n->domain, n->name, n->inputs, n->outputs, {}};
    for (const auto& a : n->attrs) node.attrs.push_back(a->attr);
    d.nodes.push_back(std::move(node));
  }
  return d;
}

void ReleaseValueInfo(OrtValueInfo* input) { delete input; }
void ReleaseNode(OrtNode* input) { delete input; }
void ReleaseGraph(OrtGraph* input) { delete input; }
void ReleaseModel(OrtModel* input) { delete input; }

namespace model_editor {

OrtStatus* CreateTensorTypeInfo(const OrtTensorTypeAndShapeInfo* tensor_info, OrtTypeInfo** type_info) {
  auto made = std::make_unique<OrtTypeInfo>();
  made->kind = ONNX_TYPE_TENSOR, made->tensor = *tensor_info;
  *type_info = made.release();
  return nullptr;
}
OrtStatus* CreateSparseTensorTypeInfo(const OrtTensorTypeAndShapeInfo* tensor_info, OrtTypeInfo** type_info) {
  auto made = std::make_unique<OrtTypeInfo>();
  made->kind = ONNX_TYPE_SPARSETENSOR, made->tensor = *tensor_info;
  *type_info = made.release();
  return nullptr;
}
OrtStatus* CreateMapTypeInfo(ONNXTensorElementDataType map_key_type, const OrtTypeInfo* map_value_type,
                             OrtTypeInfo** type_info) {
  auto made = std::make_unique<OrtTypeInfo>();
  made->kind = ONNX_TYPE_MAP;
  made->map = {element_type(map_key_type), std::make_shared<const OrtTypeInfo>(*map_value_type)};
  *type_info = made.release();
  return nullptr;
}
OrtStatus* CreateSequenceTypeInfo(const OrtTypeInfo* sequence_type, OrtTypeInfo** type_info) {
  auto made = std::make_unique<OrtTypeInfo>();
  made->kind = ONNX_TYPE_SEQUENCE;
  made->sequence.element = std::make_shared<const OrtTypeInfo>(*sequence_type);
  *type_info = made.release();
  return nullptr;
}
OrtStatus* CreateOptionalTypeInfo(const OrtTypeInfo* contained_type, OrtTypeInfo** type_info) {
  auto made = std::make_unique<OrtTypeInfo>();
  made->kind = ONNX_TYPE_OPTIONAL;
  made->optional.contained = std::make_shared<const OrtTypeInfo>(*contained_type);
  *type_info = made.release();
  return nullptr;
}

OrtStatus* CreateValueInfo(const char* name, const OrtTypeInfo* type_info, OrtValueInfo** value_info) {
  if (*name == 0) return invalid("name cannot be null or empty string");
  *value_info = new OrtValueInfo{name, *type_info, nullptr};
  return nullptr;
}

// The node owns the attributes from then on.
OrtStatus* CreateNode(const char* operator_name, const char* domain_name, const char* node_name,
                      const char* const* input_names, size_t input_names_len, const char* const* output_names,
                      size_t output_names_len, OrtOpAttr** attributes, size_t attribs_len, OrtNode** node) {
  if (*operator_name == 0) return invalid("operator_name cannot be null or empty string");
  for (size_t i = 0; i < attribs_len; ++i)
    if (attributes[i] == nullptr) return invalid("attributes cannot contain null entries");
  auto made = std::make_unique<OrtNode>();
  made->op = operator_name, made->domain = canonical_domain(domain_name), made->name = node_name;
  made->inputs = names_of(input_names, input_names_len);
  made->outputs = names_of(output_names, output_names_len);
  for (size_t i = 0; i < attribs_len; ++i) made->attrs.emplace_back(attributes[i]);
  *node = made.release();
  return nullptr;
}

OrtStatus* CreateGraph(OrtGraph** graph) {
  *graph = new OrtGraph;
  return nullptr;
}

OrtStatus* SetGraphInputs(OrtGraph* graph, OrtValueInfo** inputs, size_t inputs_len) {
  return take_values(graph, inputs, inputs_len, "inputs", &graph->inputs);
}
OrtStatus* SetGraphOutputs(OrtGraph* graph, OrtValueInfo** outputs, size_t outputs_len) {
  return take_values(graph, outputs, outputs_len, "outputs", &graph->outputs);
}

// The graph owns the value from then on. Unless its data is external the bytes are copied: the caller's memory behind
// the value need not outlive the call.
OrtStatus* AddInitializerToGraph(OrtGraph* graph, const char* name, OrtValue* tensor, bool data_is_external) {
  const Tensor* t = nullptr;
  SDX_CAPI_RETURN_IF(need_tensor(tensor, &t));
  if (*name == 0) return invalid("name cannot be null or empty string");
  if (graph->initializer(name) != nullptr)
    return invalid("initializer ", quoted(std::string_view(name)), " is there already");
  constexpr size_t kLeastExternal = 128;
  if (data_is_external && t->bytes() < kLeastExternal)
    return invalid("External initializer data should only be used for data >= ", kLeastExternal,
                   " bytes. Please use CreateTensorAsOrtValue instead.");
  if (!data_is_external) {
    SDX_CAPI_TRY(Tensor copy, t->clone());
    tensor->value = Value(std::move(copy));
  }
  graph->initializers.push_back({name, std::unique_ptr<OrtValue>(tensor)});
  return nullptr;
}

OrtStatus* AddNodeToGraph(OrtGraph* graph, OrtNode* node) {
  if (node->graph != nullptr) return invalid("the node belongs to a graph already");
  node->graph = graph;
  node->id = graph->nodes.size();
  graph->nodes.emplace_back(node);
  return nullptr;
}

OrtStatus* CreateModel(const char* const* domain_names, const int* opset_versions, size_t opset_entries_len,
                       OrtModel** model) {
  auto made = std::make_unique<OrtModel>();
  for (size_t i = 0; i < opset_entries_len; ++i) {
    if (domain_names[i] == nullptr) return invalid("domain_names cannot contain null entries");
    made->opsets[std::string(canonical_domain(domain_names[i]))] = opset_versions[i];
  }
  *model = made.release();
  return nullptr;
}

OrtStatus* AddGraphToModel(OrtModel* model, OrtGraph* graph) {
  if (model->graph != nullptr) return invalid("the model has a graph already");
  if (graph->model != nullptr) return invalid("the graph belongs to a model already");
  graph->model = model;
  model->graph.reset(graph);
  return nullptr;
}

}  // namespace model_editor

}  // namespace sardonyx::capi
