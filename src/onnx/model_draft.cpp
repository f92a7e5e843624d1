#include "onnx/model_draft.h"

#include <algorithm>
#include <unordered_map>

#include "ir/import_node.h"
#include "ir/opset.h"

namespace sardonyx {
namespace {

class DraftImport {
 public:
  DraftImport(Model& model, const ModelDraft& draft, const OpLookup& ops, const LoadOptions& options)
      : model_(model), graph_(*model.graph), draft_(draft), ops_(ops), options_(options) {}

  Status run() {
    for (const auto& [domain, version] : draft_.opsets) model_.opsets[std::string(canonical_domain(domain))] = version;
    note_values();
    SDX_RETURN_IF_ERROR(add_initializers());
    if (draft_.inputs) SDX_RETURN_IF_ERROR(set_inputs());
    SDX_RETURN_IF_ERROR(add_nodes());
    if (draft_.inputs) SDX_RETURN_IF_ERROR(drop_replaced_inputs());
    return draft_.outputs ? set_outputs() : Status();
  }

 private:
  void note_values() {
    for (ValueId v = 0; v < static_cast<ValueId>(graph_.value_count()); ++v)
      if (!graph_.value(v).name.empty()) names_.emplace(graph_.value(v).name, v);
    for (size_t k = 0; k < model_.outputs.size() && k < graph_.outputs.size(); ++k)
      names_.emplace(model_.outputs[k].name, graph_.outputs[k]);
  }

  Status add_initializers() {
    for (const auto& [name, tensor] : draft_.initializers) {
      if (name.empty()) return fail(Code::kProto, "an initializer has no name");
      const auto other = options_.initializers.find(name);
      const Tensor& t = other == options_.initializers.end() ? tensor : other->second;
      if (t.dtype() != tensor.dtype() || !(t.dims() == tensor.dims()))
        return fail(Code::kType, "initializer ", quoted(name), ": the given tensor is ", dtype_name(t.dtype()),
                    to_string(t.dims()), ", the model has ", dtype_name(tensor.dtype()), to_string(tensor.dims()));
      if (!names_.emplace(name, kNone).second)
        return fail(Code::kProto, "initializer ", quoted(name), ": the name has a meaning already");
      names_[name] = graph_.add_constant(t, name);
    }
    return {};
  }

  Shape shape_of(const DraftValue& v) {
    Shape shape;
    for (size_t k = 0; k < v.dims.size(); ++k) {
      const std::string name = k < v.dim_names.size() ? v.dim_names[k] : std::string();
      const auto fixed = options_.symbol_values.find(name);
      if (v.dims[k] >= 0)
        shape.push_back(Dim(v.dims[k]));
      else if (fixed != options_.symbol_values.end())
        shape.push_back(Dim(fixed->second));
      else
        shape.push_back(name.empty() ? graph_.symbols().fresh() : graph_.symbols().symbol(name));
    }
    return shape;
  }

  ModelValue declared(const DraftValue& v) {
    ModelValue m;
    m.name = v.name, m.type = v.type, m.has_rank = v.has_rank;
    if (v.has_rank) m.shape = shape_of(v);
    m.dim_denotations.resize(m.shape.size());
    m.dim_params = v.dim_names;
    m.dim_params.resize(m.shape.size());
    return m;
  }

  Status set_inputs() {
    before_ = std::move(graph_.inputs);
    graph_.inputs.clear();
    model_.inputs.clear();
    for (const DraftValue& v : *draft_.inputs) {
      if (v.name.empty()) return fail(Code::kProto, "a graph input has no name");
      ModelValue m = declared(v);
      Fact fact{m.type, m.has_rank, m.shape, {}, {}};
      const auto known = names_.find(v.name);
      if (known == names_.end()) {
        names_.emplace(v.name, graph_.add_input(v.name, std::move(fact)));
      } else if (std::find(before_.begin(), before_.end(), known->second) != before_.end()) {
        graph_.inputs.push_back(known->second);
      } else if (graph_.is_constant(known->second) && !options_.keep_as_inputs.count(v.name)) {
        model_.overridable.push_back({std::move(m), known->second});
        continue;
      } else if (graph_.is_constant(known->second)) {
        const ValueId constant = known->second;
        known->second = graph_.add_input(v.name, std::move(fact));
        graph_.replace_uses(constant, known->second);
      } else {
        return fail(Code::kProto, "input ", quoted(v.name), ": the name has a meaning already");
      }
      model_.inputs.push_back(std::move(m));
    }
    for (ValueId v : before_)
      if (!is_input(v)) names_.erase(graph_.value(v).name);  // a node of the draft makes it now
    return {};
  }

  bool is_input(ValueId v) const {
    return std::find(graph_.inputs.begin(), graph_.inputs.end(), v) != graph_.inputs.end();
  }

  // Each node after those that make its inputs; an explicit stack, since chains may be long and in reverse.
  Status add_nodes() {
    std::unordered_map<std::string_view, size_t> maker;
    for (size_t n = 0; n < draft_.nodes.size(); ++n)
      for (const std::string& out : draft_.nodes[n].outputs)
        if (!out.empty() && (names_.count(out) != 0 || !maker.emplace(out, n).second))
          return fail(Code::kProto, "the value ", quoted(out), " is made twice");
    enum : uint8_t { kNew, kOpen, kDone };
    std::vector<uint8_t> state(draft_.nodes.size(), kNew);
    for (size_t root = 0; root < draft_.nodes.size(); ++root) {
      std::vector<size_t> stack{root};
      while (!stack.empty()) {
        const size_t at = stack.back();
        bool ready = true;
        for (const std::string& in : draft_.nodes[at].inputs) {
          const auto it = state[at] == kDone ? maker.end() : maker.find(in);
          if (it == maker.end() || state[it->second] == kDone) continue;
          if (state[it->second] == kOpen) return fail(Code::kProto, "the graph has a cycle through ", quoted(in));
          stack.push_back(it->second);
          ready = false;
        }
        if (!ready) {
          state[at] = kOpen;
          continue;
        }
        stack.pop_back();
        if (state[at] == kDone) continue;
        SDX_RETURN_IF_ERROR(add_node(draft_.nodes[at]));
        state[at] = kDone;
      }
    }
    return {};
  }

  Status add_node(const DraftNode& n) {
    NodeDraft d{std::string(canonical_domain(n.domain)), n.op, n.name, {}, n.attrs, n.outputs, 0};
    const auto opset = model_.opsets.find(d.domain);
    d.opset = opset == model_.opsets.end() ? 0 : static_cast<int>(opset->second);
    for (const std::string& in : n.inputs) {
      SDX_TRY(const ValueId v, value(in));
      d.inputs.push_back(v);
    }
    SDX_TRY(const NodeId id, import_node(graph_, std::move(d), {}, {}, 0, ops_));
    const ValueIds& outputs = graph_.node(id).outputs;
    for (size_t k = 0; k < n.outputs.size() && k < outputs.size(); ++k)
      if (!n.outputs[k].empty() && outputs[k] != kNone) names_[n.outputs[k]] = outputs[k];
    return {};
  }

  Result<ValueId> value(const std::string& name) const {
    if (name.empty()) return kNone;
    const auto it = names_.find(name);
    if (it == names_.end())
      return fail(Code::kProto, "the value ", quoted(name),
                  " is used, but it is no input, no initializer and no node's output");
    return it->second;
  }

  // Nodes that used a former input use what is made under its name instead; facts behind it are inferred again.
  Status drop_replaced_inputs() {
    bool any = false;
    for (ValueId old : before_) {
      if (is_input(old)) continue;
      any = true;
      const bool used = !graph_.value(old).users.empty() || graph_.is_output(old);
      const auto made = names_.find(graph_.value(old).name);
      if (made != names_.end()) graph_.replace_uses(old, made->second);
      if (used && made == names_.end())
        return fail(Code::kProto, "the input ", quoted(graph_.value(old).name),
                    " is used, but it is no input any more and no node makes it");
    }
    if (!any) return {};
    SDX_TRY(const std::vector<NodeId> order, graph_.order());
    for (NodeId n : order) SDX_RETURN_IF_ERROR(graph_.infer(n));
    return {};
  }

  Status set_outputs() {
    graph_.outputs.clear();
    model_.outputs.clear();
    for (const DraftValue& v : *draft_.outputs) {
      auto at = value(v.name);
      if (!at.ok()) return at.take_status().at(cat("output ", quoted(v.name)));
      if (*at == kNone) return fail(Code::kProto, "a graph output has no name");
      ModelValue m = declared(v);
      const Fact& fact = graph_.fact(*at);
      if (m.type.is_tensor() && fact.type.is_tensor() && m.type.elem != fact.type.elem &&
          m.type.elem != DType::kUndefined)
        return Status(
                   fail(Code::kType, "declared ", to_string(m.type), ", but the graph computes ", to_string(fact.type)))
            .at(cat("output ", quoted(v.name)));
      graph_.outputs.push_back(*at);
      model_.outputs.push_back(std::move(m));
    }
    return {};
  }

  Model& model_;
  Graph& graph_;
  const ModelDraft& draft_;
  const OpLookup& ops_;
  const LoadOptions& options_;
  std::unordered_map<std::string, ValueId> names_;
  std::vector<ValueId> before_;  // the inputs that the model had
};

}  // namespace

Status extend_model(Model& model, const ModelDraft& draft, const OpLookup& ops, const LoadOptions& options) {
  return DraftImport(model, draft, ops, options).run();
}

Result<Model> build_model(const ModelDraft& draft, const OpLookup& ops, const LoadOptions& options) {
  if (!draft.outputs || draft.outputs->empty()) return fail(Code::kProto, "the graph has no outputs");
  Model model;
  model.graph = std::make_unique<Graph>(std::make_shared<SymbolTable>());
  model.ir_version = kMaxIrVersion;
  ModelDraft whole = draft;
  if (!whole.inputs) whole.inputs.emplace();
  SDX_RETURN_IF_ERROR(extend_model(model, whole, ops, options));
  return model;
}

}  // namespace sardonyx
