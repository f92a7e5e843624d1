// Importer: the main graph's inputs, initializers and outputs, and what the caller replaces.
#include <algorithm>

#include "ir/opset.h"
#include "onnx/importer.h"

namespace sardonyx {

using namespace proto;

Importer::Importer(const OpLookup& ops, const LoadOptions& options, TensorSource& source)
    : ops_(ops), options_(options), source_(source), symbols_(std::make_shared<SymbolTable>()) {}

Shape Importer::shape_of(const DeclaredType& t) {
  Shape shape;
  for (const DimMsg& d : t.dims) {
    const auto by_denotation = options_.denotation_values.find(d.denotation);
    const auto by_name = options_.symbol_values.find(d.param);
    if (d.kind == DimMsg::Kind::kValue && d.value >= 0)
      shape.push_back(Dim(d.value));
    else if (!d.denotation.empty() && by_denotation != options_.denotation_values.end())
      shape.push_back(Dim(by_denotation->second));
    else if (!names_an_extent(d.param))
      shape.push_back(symbols_->fresh());
    else if (by_name != options_.symbol_values.end())
      shape.push_back(Dim(by_name->second));
    else
      shape.push_back(symbols_->symbol(d.param));
  }
  return shape;
}

Result<ModelValue> Importer::declared_value(const ValueInfoMsg& v, View what) {
  auto t = read_type(v.type);
  if (!t.ok()) return t.take_status().at(cat(what, " ", quoted(v.name)));
  ModelValue m;
  m.name = v.name, m.doc = v.doc;
  m.type = t->type, m.has_rank = t->has_rank;
  m.shape = shape_of(*t);
  m.denotation = t->denotation;
  for (const DimMsg& d : t->dims) {
    m.dim_denotations.emplace_back(d.denotation);
    m.dim_params.emplace_back(d.param);
  }
  if (m.type.is_tensor() && m.has_rank && all_known(m.shape)) {
    Extents dims;
    for (Dim d : m.shape) dims.push_back(d.value());
    if (auto bytes = checked_storage_bytes(m.type.elem, dims); !bytes.ok())
      return bytes.take_status().at(cat(what, " ", quoted(v.name)));
  }
  return m;
}

// `model` is null for a body, whose formal inputs win over an initializer of the same name.
Status Importer::import_initializers(const GraphMsg& g, Scope& s, Model* model) {
  const auto add = [&](View name, Result<Tensor> t) -> Status {
    const auto origin = [&] { return cat("initializer ", quoted(name)); };
    if (!t.ok()) return t.take_status().at(origin());
    if (name.empty()) return fail(Code::kProto, "an initializer has no name");
    if (model == nullptr && s.names.count(name) != 0) return {};
    if (Status twice = s.define(name, s.graph().add_constant(*std::move(t), std::string(name))); !twice.ok())
      return std::move(twice).at(origin());
    return {};
  };
  for (View message : g.initializers) {
    const TensorMsg t = read_tensor_msg(message);
    const auto other = model ? options_.initializers.find(t.name) : options_.initializers.end();
    if (other == options_.initializers.end()) {
      SDX_RETURN_IF_ERROR(add(t.name, read_tensor(t, source_)));
      continue;
    }
    if (static_cast<int64_t>(other->second.dtype()) != t.dtype || !(other->second.dims() == t.dims))
      return fail(Code::kType, "initializer ", quoted(t.name), ": the given tensor is ",
                  dtype_name(other->second.dtype()), to_string(other->second.dims()), ", the model has ",
                  dtype_name(dtype_of_number(t.dtype)), to_string(t.dims));
    SDX_RETURN_IF_ERROR(add(t.name, other->second));
  }
  for (View message : g.sparse_initializers) {
    const SparseMsg sparse = read_sparse_msg(message);
    SDX_RETURN_IF_ERROR(add(read_tensor_msg(sparse.values).name, read_sparse_tensor(sparse, source_)));
  }
  return {};
}

// Takes the caller's extents for an input. A declared extent may be opened, but not changed.
Status Importer::override_extents(ModelValue& declared) {
  const auto given = options_.input_extents.find(declared.name);
  if (given == options_.input_extents.end()) return {};
  const std::vector<int64_t>& extents = given->second;
  if (!declared.type.is_tensor()) return fail(Code::kOption, "extents are given, but it is not a tensor");
  if (declared.has_rank && declared.shape.size() != extents.size())
    return fail(Code::kOption, extents.size(), " extents are given, the model declares ", declared.shape.size());
  Shape shape;
  for (size_t k = 0; k < extents.size(); ++k) {
    const Dim old = declared.has_rank ? declared.shape[k] : Dim();
    if (extents[k] >= 0 && declared.has_rank && old.known() && old.value() != extents[k])
      return fail(Code::kOption, "extent ", extents[k], " is given for axis ", k, ", the model declares ", old.value());
    shape.push_back(extents[k] >= 0 ? Dim(extents[k]) : symbols_->fresh());
  }
  declared.has_rank = true;
  declared.shape = std::move(shape);
  return {};
}

namespace {
// An initializer that is an input too must be of the type and the extents that the input declares.
Status check_initial(const Fact& initial, const ModelValue& declared) {
  if (declared.type.kind == Type::Kind::kUnknown) return {};
  if (!declared.type.is_tensor() || (declared.type.elem != initial.dtype() && declared.type.elem != DType::kUndefined))
    return fail(Code::kType, "declared ", to_string(declared.type), ", but the initializer of that name is ",
                dtype_name(initial.dtype()));
  bool fits = !declared.has_rank || declared.shape.size() == initial.shape.size();
  for (size_t i = 0; fits && declared.has_rank && i < initial.shape.size(); ++i)
    fits = !declared.shape[i].known() || declared.shape[i] == initial.shape[i];
  if (fits) return {};
  Extents dims;
  for (Dim d : initial.shape) dims.push_back(d.value());
  return fail(Code::kShape, "the initializer of that name has extents ", to_string(dims),
              ", which are not those that the input declares");
}
}  // namespace

// Inputs that are initializers stay constants, unless the caller wants them as inputs.
Status Importer::import_inputs(const GraphMsg& g, Scope& s, Model& model) {
  for (View message : g.inputs) {
    const ValueInfoMsg v = read_value_info_msg(message);
    SDX_TRY(ModelValue declared, declared_value(v, "input"));
    if (v.name.empty()) return fail(Code::kProto, "a graph input has no name");
    const auto origin = [&] { return cat("input ", quoted(v.name)); };
    if (Status extents = override_extents(declared); !extents.ok()) return std::move(extents).at(origin());
    const auto constant = s.names.find(v.name);
    if (constant != s.names.end() && !s.graph().is_constant(constant->second.value))
      return Status(fail(Code::kProto, "the name is given to two inputs")).at(origin());
    Fact fact{declared.type, declared.has_rank, declared.shape, {}, {}};
    if (constant != s.names.end()) {
      SDX_RETURN_IF_ERROR(Status(check_initial(s.graph().fact(constant->second.value), declared)).at(origin()));
      if (!options_.keep_as_inputs.count(v.name)) {
        model.overridable.push_back({std::move(declared), constant->second.value});
        continue;
      }
      const Fact& initial = s.graph().fact(constant->second.value);
      if (!fact.has_rank || !fact.type.is_tensor()) fact = Fact::of(initial.dtype(), initial.shape);
      constant->second.value = s.graph().add_input(std::string(v.name), std::move(fact));
    } else {
      const bool typed =
          fact.type.kind != Type::Kind::kUnknown && !(fact.type.is_tensor() && fact.type.elem == DType::kUndefined);
      if (!typed) return Status(fail(Code::kProto, "the model does not say of what type it is")).at(origin());
      SDX_RETURN_IF_ERROR(s.define(v.name, s.graph().add_input(std::string(v.name), std::move(fact))));
    }
    model.inputs.push_back(std::move(declared));
  }
  for (const auto& extents : options_.input_extents) {
    const auto is_it = [&](const ModelValue& v) { return v.name == extents.first; };
    if (std::none_of(model.inputs.begin(), model.inputs.end(), is_it))
      return fail(Code::kOption, "extents are given for ", quoted(extents.first),
                  ", which is not an input of the model");
  }
  return {};
}

namespace {
bool contradicts(const Type& declared, const Type& computed) {
  if (declared.kind == Type::Kind::kUnknown || computed.kind == Type::Kind::kUnknown) return false;
  if (declared.is_tensor() && computed.is_tensor())
    return declared.elem != computed.elem && declared.elem != DType::kUndefined && computed.elem != DType::kUndefined;
  return declared.kind == Type::Kind::kSequence && computed.kind == Type::Kind::kSequence && declared.inner &&
         computed.inner && contradicts(*declared.inner, *computed.inner);
}
}  // namespace

// Of values that are known by now; others are nobody's.
Status Importer::check_declared_shapes(const Views& messages, Scope& s) {
  for (View message : messages) {
    const ValueInfoMsg v = read_value_info_msg(message);
    SDX_TRY(const ModelValue declared, declared_value(v, "value"));
    const auto bound = s.names.find(v.name);
    if (bound == s.names.end() || bound->second.value < 0 || !declared.has_rank) continue;
    const Fact& fact = s.graph().fact(bound->second.value);
    if (!fact.has_rank) continue;
    const Shape &said = declared.shape, &inferred = fact.shape;
    bool agree = said.size() == inferred.size();
    for (size_t i = 0; agree && i < said.size(); ++i)
      agree = !said[i].known() || !inferred[i].known() || said[i] == inferred[i];
    if (!agree)
      return Status(fail(Code::kShape, "declared with extents ", symbols_->to_string(said), ", but inferred are ",
                         symbols_->to_string(inferred)))
          .at(cat("value ", quoted(v.name)));
  }
  return {};
}

Status Importer::import_outputs(const GraphMsg& g, Scope& s, Model& model) {
  if (g.outputs.empty())
    return fail(Code::kProto, "the graph ", quoted(g.name), " has no outputs: nothing is asked of it");
  for (View message : g.outputs) {
    const ValueInfoMsg v = read_value_info_msg(message);
    SDX_TRY(ModelValue declared, declared_value(v, "output"));
    const auto origin = [&] { return cat("output ", quoted(v.name)); };
    auto value = resolve(s, v.name);
    if (!value.ok()) return value.take_status().at(origin());
    if (*value == kNone) return Status(fail(Code::kProto, "the output has no name or no value")).at(origin());
    const Fact& fact = s.graph().fact(*value);
    if (contradicts(declared.type, fact.type))
      return Status(fail(Code::kType, "declared ", to_string(declared.type), ", but the graph computes ",
                         to_string(fact.type)))
          .at(origin());
    if (declared.type.kind == Type::Kind::kUnknown)
      declared.type = fact.type, declared.has_rank = fact.has_rank, declared.shape = fact.shape;
    s.graph().outputs.push_back(*value);
    model.outputs.push_back(std::move(declared));
  }
  return {};
}

Status Importer::import_main(const GraphMsg& g, const std::vector<Opset>& opsets, Model& model) {
  model.graph = std::make_unique<Graph>(symbols_);
  model.graph->name = g.name;
  model.graph_doc = g.doc;
  Level level;
  level.graph = model.graph.get();
  Scope s;
  s.level = &level;
  s.opsets = &opsets;
  SDX_RETURN_IF_ERROR(import_initializers(g, s, &model));
  SDX_RETURN_IF_ERROR(import_inputs(g, s, model));
  SDX_RETURN_IF_ERROR(s.add_nodes(g.nodes));
  SDX_RETURN_IF_ERROR(import_nodes(s));
  SDX_RETURN_IF_ERROR(import_outputs(g, s, model));
  if (options_.strict_shapes) {
    SDX_RETURN_IF_ERROR(check_declared_shapes(g.value_infos, s));
    SDX_RETURN_IF_ERROR(check_declared_shapes(g.outputs, s));
  }
  for (View message : g.annotations) {
    const AnnotationMsg a = read_annotation_msg(message);
    QuantAnnotation q{std::string(a.tensor), {}};
    for (const Entry& e : a.entries) q.parameters.emplace_back(e.key, e.value);
    model.quantization.push_back(std::move(q));
  }
  return {};
}

}  // namespace sardonyx
