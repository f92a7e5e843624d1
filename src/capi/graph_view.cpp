// Reading graphs that a caller built. Types of values that are neither inputs, outputs nor initializers are unknown:
// inference runs when a session is made.
#include "capi/graph_view.h"

#include <algorithm>
#include <set>

#include "capi/metadata.h"
#include "capi/model_editor.h"
#include "ops/table.h"

namespace {

const OrtValueInfo* find(const std::optional<OrtGraph::ValueInfos>& infos, const std::string& name) {
  if (infos)
    for (const auto& v : *infos)
      if (v->name == name) return v.get();
  return nullptr;
}

bool names(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool used(const OrtGraph& g, const std::string& name) {
  return std::any_of(g.nodes.begin(), g.nodes.end(),
                     [&](const auto& n) { return names(n->inputs, name) || names(n->outputs, name); });
}

}  // namespace

const OrtValue* OrtGraph::initializer(const std::string& wanted) const {
  for (const Initializer& i : initializers)
    if (i.name == wanted) return i.value.get();
  return nullptr;
}

const OrtValueInfo* OrtGraph::value(const std::string& wanted) const {
  if (wanted.empty()) return nullptr;
  if (const OrtValueInfo* v = find(inputs, wanted)) return v;
  if (const OrtValueInfo* v = find(outputs, wanted)) return v;
  std::lock_guard lock(mutex);
  std::unique_ptr<OrtValueInfo>& made = others[wanted];
  if (made) return made.get();
  const OrtValue* constant = initializer(wanted);
  if (constant == nullptr && !used(*this, wanted)) {
    others.erase(wanted);
    return nullptr;
  }
  made = std::make_unique<OrtValueInfo>();
  made->name = wanted, made->graph = this;
  if (constant != nullptr) made->type = sardonyx::capi::type_info_of(constant->value);
  return made.get();
}

namespace sardonyx::capi {

namespace {

OrtStatus* check_room(size_t given, size_t needed, std::string_view what) {
  if (given >= needed) return nullptr;
  return invalid("There is not enough space (", given, ") for all ", what, " (", needed, ")");
}

OrtStatus* need_owner(const OrtValueInfo* v) {
  return v->graph ? nullptr : invalid("the value ", quoted(v->name), " belongs to no graph");
}

template <class T>
OrtStatus* give_infos(const OrtGraph& g, const T& value_names, const OrtValueInfo** to, size_t n,
                      std::string_view what) {
  SDX_CAPI_RETURN_IF(check_room(n, value_names.size(), what));
  size_t k = 0;
  for (const std::string& name : value_names) to[k++] = g.value(name);
  return nullptr;
}

OrtStatus* give_list(const std::optional<OrtGraph::ValueInfos>& infos, const OrtValueInfo** to, size_t n,
                     std::string_view what) {
  const size_t have = infos ? infos->size() : 0;
  SDX_CAPI_RETURN_IF(check_room(n, have, what));
  for (size_t i = 0; i < have; ++i) to[i] = (*infos)[i].get();
  return nullptr;
}

}  // namespace

OrtStatus* GetValueInfoName(const OrtValueInfo* value_info, const char** name) {
  *name = value_info->name.c_str();
  return nullptr;
}
OrtStatus* GetValueInfoTypeInfo(const OrtValueInfo* value_info, const OrtTypeInfo** type_info) {
  *type_info = &value_info->type;
  return nullptr;
}

OrtStatus* ValueInfo_GetValueProducer(const OrtValueInfo* value_info, const OrtNode** producer_node,
                                      size_t* producer_output_index) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *producer_node = nullptr, *producer_output_index = 0;
  for (const auto& n : value_info->graph->nodes)
    for (size_t o = 0; o < n->outputs.size(); ++o)
      if (n->outputs[o] == value_info->name) *producer_node = n.get(), *producer_output_index = o;
  return nullptr;
}
OrtStatus* ValueInfo_GetValueNumConsumers(const OrtValueInfo* value_info, size_t* num_consumers) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *num_consumers = 0;
  for (const auto& n : value_info->graph->nodes)
    *num_consumers += static_cast<size_t>(std::count(n->inputs.begin(), n->inputs.end(), value_info->name));
  return nullptr;
}
OrtStatus* ValueInfo_GetValueConsumers(const OrtValueInfo* value_info, const OrtNode** nodes, int64_t* input_indices,
                                       size_t num_consumers) {
  size_t needed = 0, k = 0;
  SDX_CAPI_RETURN_IF(ValueInfo_GetValueNumConsumers(value_info, &needed));
  SDX_CAPI_RETURN_IF(check_room(num_consumers, needed, "consumers"));
  for (const auto& n : value_info->graph->nodes)
    for (size_t i = 0; i < n->inputs.size(); ++i)
      if (n->inputs[i] == value_info->name) nodes[k] = n.get(), input_indices[k++] = static_cast<int64_t>(i);
  return nullptr;
}
OrtStatus* ValueInfo_GetInitializerValue(const OrtValueInfo* value_info, const OrtValue** initializer_value) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *initializer_value = value_info->graph->initializer(value_info->name);
  return nullptr;
}
// Initializers of models built in memory lie in no file.
OrtStatus* ValueInfo_GetExternalInitializerInfo(const OrtValueInfo* value_info, OrtExternalInitializerInfo** info) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *info = nullptr;
  return nullptr;
}
OrtStatus* ValueInfo_IsRequiredGraphInput(const OrtValueInfo* value_info, bool* is_required_graph_input) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *is_required_graph_input = find(value_info->graph->inputs, value_info->name) != nullptr &&
                             value_info->graph->initializer(value_info->name) == nullptr;
  return nullptr;
}
OrtStatus* ValueInfo_IsOptionalGraphInput(const OrtValueInfo* value_info, bool* is_optional_graph_input) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *is_optional_graph_input = find(value_info->graph->inputs, value_info->name) != nullptr &&
                             value_info->graph->initializer(value_info->name) != nullptr;
  return nullptr;
}
OrtStatus* ValueInfo_IsGraphOutput(const OrtValueInfo* value_info, bool* is_graph_output) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *is_graph_output = find(value_info->graph->outputs, value_info->name) != nullptr;
  return nullptr;
}
OrtStatus* ValueInfo_IsConstantInitializer(const OrtValueInfo* value_info, bool* is_constant_initializer) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *is_constant_initializer = find(value_info->graph->inputs, value_info->name) == nullptr &&
                             value_info->graph->initializer(value_info->name) != nullptr;
  return nullptr;
}
// Graphs of this interface have no bodies, so nothing comes from around them.
OrtStatus* ValueInfo_IsFromOuterScope(const OrtValueInfo* value_info, bool* is_from_outer_scope) {
  SDX_CAPI_RETURN_IF(need_owner(value_info));
  *is_from_outer_scope = false;
  return nullptr;
}

OrtStatus* Graph_GetName(const OrtGraph* graph, const char** graph_name) {
  *graph_name = graph->name.c_str();
  return nullptr;
}
OrtStatus* Graph_GetModelPath(const OrtGraph*, const ORTCHAR_T** model_path) {
  *model_path = "";
  return nullptr;
}
OrtStatus* Graph_GetOnnxIRVersion(const OrtGraph*, int64_t* onnx_ir_version) {
  *onnx_ir_version = kMaxIrVersion;
  return nullptr;
}
OrtStatus* Graph_GetNumOperatorSets(const OrtGraph* graph, size_t* num_operator_sets) {
  *num_operator_sets = graph->model != nullptr ? graph->model->opsets.size() : 0;
  return nullptr;
}
OrtStatus* Graph_GetOperatorSets(const OrtGraph* graph, const char** domains, int64_t* opset_versions,
                                 size_t num_operator_sets) {
  if (graph->model == nullptr) return nullptr;
  SDX_CAPI_RETURN_IF(check_room(num_operator_sets, graph->model->opsets.size(), "operator sets"));
  size_t k = 0;
  for (const auto& [domain, version] : graph->model->opsets) domains[k] = domain.c_str(), opset_versions[k++] = version;
  return nullptr;
}
OrtStatus* Graph_GetNumInputs(const OrtGraph* graph, size_t* num_inputs) {
  *num_inputs = graph->inputs ? graph->inputs->size() : 0;
  return nullptr;
}
OrtStatus* Graph_GetInputs(const OrtGraph* graph, const OrtValueInfo** inputs, size_t num_inputs) {
  return give_list(graph->inputs, inputs, num_inputs, "inputs");
}
OrtStatus* Graph_GetNumOutputs(const OrtGraph* graph, size_t* num_outputs) {
  *num_outputs = graph->outputs ? graph->outputs->size() : 0;
  return nullptr;
}
OrtStatus* Graph_GetOutputs(const OrtGraph* graph, const OrtValueInfo** outputs, size_t num_outputs) {
  return give_list(graph->outputs, outputs, num_outputs, "outputs");
}
OrtStatus* Graph_GetNumInitializers(const OrtGraph* graph, size_t* num_initializers) {
  *num_initializers = graph->initializers.size();
  return nullptr;
}
OrtStatus* Graph_GetInitializers(const OrtGraph* graph, const OrtValueInfo** initializers, size_t num_initializers) {
  SDX_CAPI_RETURN_IF(check_room(num_initializers, graph->initializers.size(), "initializers"));
  for (size_t i = 0; i < graph->initializers.size(); ++i) initializers[i] = graph->value(graph->initializers[i].name);
  return nullptr;
}
OrtStatus* Graph_GetNumNodes(const OrtGraph* graph, size_t* num_nodes) {
  *num_nodes = graph->nodes.size();
  return nullptr;
}
OrtStatus* Graph_GetNodes(const OrtGraph* graph, const OrtNode** nodes, size_t num_nodes) {
  SDX_CAPI_RETURN_IF(check_room(num_nodes, graph->nodes.size(), "nodes"));
  for (size_t i = 0; i < graph->nodes.size(); ++i) nodes[i] = graph->nodes[i].get();
  return nullptr;
}
OrtStatus* Graph_GetParentNode(const OrtGraph*, const OrtNode** node) {
  *node = nullptr;
  return nullptr;
}
OrtStatus* Graph_GetModelMetadata(const OrtGraph* graph, OrtModelMetadata** out) {
  auto m = std::make_unique<OrtModelMetadata>();
  m->graph_name = graph->name;
  *out = m.release();
  return nullptr;
}

// A graph of some of the nodes: what they use from outside are its inputs, what is used outside its outputs.
OrtStatus* Graph_GetGraphView(const OrtGraph* src_graph, const OrtNode** nodes, size_t num_nodes,
                              OrtGraph** dst_graph) {
  std::set<std::string> made, needed, wanted;
  std::set<const OrtNode*> inside(nodes, nodes + num_nodes);
  for (size_t i = 0; i < num_nodes; ++i)
    if (nodes[i] == nullptr || nodes[i]->graph != src_graph) return invalid("node ", i, " is not one of the graph's");
  auto view = std::make_unique<OrtGraph>();
  view->name = src_graph->name, view->model = src_graph->model;
  for (const OrtNode* n : inside) made.insert(n->outputs.begin(), n->outputs.end());
  const auto note = [&](std::optional<OrtGraph::ValueInfos>& to, std::set<std::string>& seen, const std::string& name) {
    if (name.empty() || !seen.insert(name).second) return;
    auto copy = std::make_unique<OrtValueInfo>(*src_graph->value(name));
    copy->graph = view.get();
    to->push_back(std::move(copy));
  };
  view->inputs.emplace(), view->outputs.emplace();
  for (size_t i = 0; i < num_nodes; ++i) {
    auto copy = std::make_unique<OrtNode>();
    const OrtNode& n = *nodes[i];
    copy->op = n.op, copy->domain = n.domain, copy->name = n.name, copy->inputs = n.inputs, copy->outputs = n.outputs;
    for (const auto& a : n.attrs) copy->attrs.push_back(std::make_unique<OrtOpAttr>(*a));
    copy->graph = view.get(), copy->id = n.id;
    view->nodes.push_back(std::move(copy));
    for (const std::string& in : n.inputs) {
      const OrtValue* constant = src_graph->initializer(in);
      if (constant == nullptr && made.count(in) == 0) note(view->inputs, needed, in);
      if (constant != nullptr && view->initializer(in) == nullptr)
        view->initializers.push_back({in, std::make_unique<OrtValue>(constant->value)});
    }
    for (const std::string& out : n.outputs) {
      const bool outside = find(src_graph->outputs, out) != nullptr ||
                           std::any_of(src_graph->nodes.begin(), src_graph->nodes.end(), [&](const auto& user) {
                             return inside.count(user.get()) == 0 && names(user->inputs, out);
                           });
      if (outside) note(view->outputs, wanted, out);
    }
  }
  *dst_graph = view.release();
  return nullptr;
}

OrtStatus* Node_GetId(const OrtNode* node, size_t* node_id) {
  *node_id = node->id;
  return nullptr;
}
OrtStatus* Node_GetName(const OrtNode* node, const char** node_name) {
  *node_name = node->name.c_str();
  return nullptr;
}
OrtStatus* Node_GetOperatorType(const OrtNode* node, const char** operator_type) {
  *operator_type = node->op.c_str();
  return nullptr;
}
OrtStatus* Node_GetDomain(const OrtNode* node, const char** domain_name) {
  *domain_name = node->domain.c_str();
  return nullptr;
}
// The version of the operator that the model's opset means, as far as its history tells versions apart; else 1.
OrtStatus* Node_GetSinceVersion(const OrtNode* node, int* since_version) {
  *since_version = 1;
  const OpDef* def = ops().find(node->domain, node->op);
  const OrtModel* model = node->graph != nullptr ? node->graph->model : nullptr;
  if (def == nullptr || model == nullptr) return nullptr;
  const auto opset = model->opsets.find(node->domain);
  const int64_t version = opset != model->opsets.end() ? opset->second : 0;
  *since_version = def->first;
  for (const Upgrade& u : def->history)
    if (u.to <= version) *since_version = std::max(*since_version, u.to);
  if (def->since <= version) *since_version = def->since;
  return nullptr;
}
OrtStatus* Node_GetNumInputs(const OrtNode* node, size_t* num_inputs) {
  *num_inputs = node->inputs.size();
  return nullptr;
}
OrtStatus* Node_GetInputs(const OrtNode* node, const OrtValueInfo** inputs, size_t num_inputs) {
  if (node->graph == nullptr) return invalid("the node belongs to no graph");
  return give_infos(*node->graph, node->inputs, inputs, num_inputs, "inputs");
}
OrtStatus* Node_GetNumOutputs(const OrtNode* node, size_t* num_outputs) {
  *num_outputs = node->outputs.size();
  return nullptr;
}
OrtStatus* Node_GetOutputs(const OrtNode* node, const OrtValueInfo** outputs, size_t num_outputs) {
  if (node->graph == nullptr) return invalid("the node belongs to no graph");
  return give_infos(*node->graph, node->outputs, outputs, num_outputs, "outputs");
}
OrtStatus* Node_GetNumImplicitInputs(const OrtNode*, size_t* num_implicit_inputs) {
  *num_implicit_inputs = 0;
  return nullptr;
}
OrtStatus* Node_GetImplicitInputs(const OrtNode*, const OrtValueInfo**, size_t) { return nullptr; }
OrtStatus* Node_GetNumAttributes(const OrtNode* node, size_t* num_attributes) {
  *num_attributes = node->attrs.size();
  return nullptr;
}
OrtStatus* Node_GetAttributes(const OrtNode* node, const OrtOpAttr** attributes, size_t num_attributes) {
  SDX_CAPI_RETURN_IF(check_room(num_attributes, node->attrs.size(), "attributes"));
  for (size_t i = 0; i < node->attrs.size(); ++i) attributes[i] = node->attrs[i].get();
  return nullptr;
}
OrtStatus* Node_GetAttributeByName(const OrtNode* node, const char* attribute_name, const OrtOpAttr** attribute) {
  *attribute = nullptr;
  for (const auto& a : node->attrs)
    if (a->attr.name == attribute_name) *attribute = a.get();
  if (*attribute != nullptr) return nullptr;
  return error(ORT_NOT_FOUND, "Node attribute does not exist: ", attribute_name);
}
OrtStatus* Node_GetNumSubgraphs(const OrtNode*, size_t* num_subgraphs) {
  *num_subgraphs = 0;
  return nullptr;
}
OrtStatus* Node_GetSubgraphs(const OrtNode*, const OrtGraph**, size_t, const char**) { return nullptr; }
OrtStatus* Node_GetGraph(const OrtNode* node, const OrtGraph** graph) {
  *graph = node->graph;
  return nullptr;
}
// Nothing is assigned before a session is made.
OrtStatus* Node_GetEpName(const OrtNode*, const char** out) {
  *out = "";
  return nullptr;
}

OrtStatus* CreateExternalInitializerInfo(const ORTCHAR_T* filepath, int64_t file_offset, size_t byte_size,
                                         OrtExternalInitializerInfo** out) {
  *out = new OrtExternalInitializerInfo{filepath, file_offset, byte_size};
  return nullptr;
}
void ReleaseExternalInitializerInfo(OrtExternalInitializerInfo* input) { delete input; }
const ORTCHAR_T* ExternalInitializerInfo_GetFilePath(const OrtExternalInitializerInfo* info) {
  return info->path.c_str();
}
int64_t ExternalInitializerInfo_GetFileOffset(const OrtExternalInitializerInfo* info) { return info->offset; }
size_t ExternalInitializerInfo_GetByteSize(const OrtExternalInitializerInfo* info) { return info->bytes; }

}  // namespace sardonyx::capi
