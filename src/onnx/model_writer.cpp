#include "onnx/model_writer.h"

#include <algorithm>
#include <protozero/pbf_writer.hpp>
#include <unordered_map>

#include "base/checked.h"
#include "onnx/guard.h"
#include "onnx/mapped_file.h"
#include "onnx/saved_versions.h"
#include "onnx/tensor_writer.h"
#include "onnx/type_writer.h"

namespace sardonyx {
namespace {

using protozero::pbf_writer;

constexpr size_t kMostBytes = (size_t{1} << 31) - 1;
constexpr int64_t kLeastOpset = 13;

// Values' names must differ from all that are visible, nodes' from each other: one that is used twice gets a number.
class UniqueNames {
 public:
  std::string add(std::string_view wanted) {
    std::string name(wanted);
    while (!used_.emplace(name, 0).second) name = cat(wanted, "_", ++used_[std::string(wanted)]);
    return name;
  }

 private:
  std::unordered_map<std::string, size_t> used_;  // and how many numbers were tried for it
};

class ModelWriter {
 public:
  explicit ModelWriter(const SaveOptions& options) : options_(options) {}

  Result<SavedModel> write(const Graph& graph) {
    std::string body;
    {
      pbf_writer to(body);
      SDX_RETURN_IF_ERROR(write_main(to, graph));
    }
    int64_t& opset = opsets_[""];
    opset = std::max(opset, kLeastOpset);
    SavedModel saved;
    pbf_writer to(saved.bytes);
    to.add_int64(1, std::max(ir_, ir_of_opset(opset)));
    for (const auto& [domain, version] : opsets_) {
      pbf_writer import(to, 8);
      add_text(import, 1, domain);
      import.add_int64(2, version);
    }
    add_text_if(to, 2, options_.producer);
    add_text_if(to, 3, options_.producer_version);
    add_text_if(to, 4, options_.domain);
    if (options_.model_version != 0) to.add_int64(5, options_.model_version);
    add_text_if(to, 6, options_.doc);
    for (const auto& [key, value] : options_.metadata) {
      pbf_writer entry(to, 14);
      add_text(entry, 1, key);
      add_text(entry, 2, value);
    }
    if (body.size() + saved.bytes.size() + 16 > kMostBytes) return too_large(body.size());
    to.add_message(7, body);
    saved.external = std::move(external_);
    return saved;
  }

 private:
  using Names = std::unordered_map<ValueId, std::string>;

  static Status too_large(size_t bytes) {
    return Status(fail(Code::kRange, "the model takes ", bytes, " bytes, more than the 2 GB that its format allows"))
        .hint("save the weights in an external file");
  }

  std::string unique(std::string_view wanted) { return used_.add(wanted.empty() ? "value" : wanted); }

  const std::string& name_of(const Graph& g, ValueId v, Names& names) {
    const auto it = names.find(v);
    return it != names.end() ? it->second : names.emplace(v, unique(g.value(v).name)).first->second;
  }

  // An output keeps its value's name only if a node of this graph makes the value and no other output has it.
  static bool needs_copy(const Graph& g, ValueId v, const Names& names) {
    return g.value(v).producer == kNone || names.count(v) != 0;
  }

  Status write_main(pbf_writer& to, const Graph& g) {
    add_text(to, 2, g.name.empty() ? std::string_view("main_graph") : std::string_view(g.name));
    add_text_if(to, 10, options_.graph_doc);
    Names names;
    for (size_t i = 0; i < g.inputs.size(); ++i)
      names.emplace(g.inputs[i],
                    unique(i < options_.input_names.size() ? options_.input_names[i] : g.value(g.inputs[i]).name));
    std::vector<std::string> outputs;
    for (size_t i = 0; i < g.outputs.size(); ++i) {
      outputs.push_back(
          unique(i < options_.output_names.size() ? options_.output_names[i] : g.value(g.outputs[i]).name));
      if (!needs_copy(g, g.outputs[i], names)) names.emplace(g.outputs[i], outputs.back());
    }
    for (ValueId v : g.inputs) write_value_info(to, 11, names[v], g.fact(v), g.symbols());
    return write_contents(to, g, names, outputs);
  }

  // `outer` gives the names of the values that the node hands over beyond the formal inputs. Of the first `shapeless`
  // formal inputs only the type is said.
  Status write_body(pbf_writer& to, const Graph& g, std::span<const std::string> outer, size_t shapeless) {
    add_text(to, 2, g.name.empty() ? std::string_view("body") : std::string_view(g.name));
    Names names;
    const size_t formal = g.inputs.size() - std::min(outer.size(), g.inputs.size());
    for (size_t i = 0; i < g.inputs.size(); ++i)
      names.emplace(g.inputs[i], i < formal ? unique(g.value(g.inputs[i]).name) : outer[i - formal]);
    std::vector<std::string> outputs;
    for (ValueId v : g.outputs) {
      outputs.push_back(unique(g.value(v).name));
      if (!needs_copy(g, v, names)) names.emplace(v, outputs.back());
    }
    for (size_t i = 0; i < formal; ++i) {
      Fact fact = g.fact(g.inputs[i]);
      fact.has_rank = fact.has_rank && i >= shapeless;
      write_value_info(to, 11, names[g.inputs[i]], fact, g.symbols());
    }
    return write_contents(to, g, names, outputs);
  }

  Status write_contents(pbf_writer& to, const Graph& g, Names& names, const std::vector<std::string>& outputs) {
    SDX_TRY(const std::vector<NodeId> order, g.order());
    std::vector<bool> wanted(g.value_count());
    for (NodeId n : order)
      for (ValueId v : g.node(n).inputs)
        if (v != kNone) wanted[static_cast<size_t>(v)] = true;
    for (ValueId v : g.outputs) wanted[static_cast<size_t>(v)] = true;
    for (ValueId v = 0; v < static_cast<ValueId>(g.value_count()); ++v)
      if (wanted[static_cast<size_t>(v)] && g.is_constant(v))
        SDX_RETURN_IF_ERROR(write_initializer(to, g.fact(v).constant, name_of(g, v, names)));
    for (NodeId n : order) SDX_RETURN_IF_ERROR(write_node(to, g, g.node(n), names));
    for (size_t i = 0; i < outputs.size(); ++i) {
      const ValueId v = g.outputs[i];
      if (const std::string& own = name_of(g, v, names); own != outputs[i]) write_identity(to, own, outputs[i]);
      write_value_info(to, 12, outputs[i], g.fact(v), g.symbols());
    }
    return {};
  }

  static void write_identity(pbf_writer& to, std::string_view from, std::string_view name) {
    pbf_writer node(to, 1);
    add_text(node, 1, from);
    add_text(node, 2, name);
    add_text(node, 4, "Identity");
  }

  Status write_initializer(pbf_writer& to, const Tensor& t, std::string_view name) {
    ir_ = std::max(ir_, ir_of_type(t.dtype()));
    const size_t bytes = t.bytes();
    pbf_writer tensor(to, 5);
    if (options_.place && t.dtype() != DType::kString) {
      SDX_TRY(const std::optional<SaveOptions::Place> place, options_.place(std::string(name), t));
      if (place) {
        write_external_tensor(tensor, t, name, {place->file, place->offset, place->bytes});
        return {};
      }
    }
    if (options_.external_file.empty() || t.dtype() == DType::kString || bytes < options_.external_min_bytes) {
      inside_ += bytes;
      if (inside_ > kMostBytes) return too_large(inside_);
      write_tensor(tensor, t, name);
      return {};
    }
    // Large weights begin at a page, so that they can be mapped and shared.
    constexpr size_t kPage = 4096, kLarge = size_t{1} << 20;
    const size_t offset = round_up(external_bytes_, bytes >= kLarge ? kPage : kAlignment);
    external_bytes_ = offset + bytes;
    external_.push_back({offset, t});
    write_external_tensor(tensor, t, name, {options_.external_file, static_cast<int64_t>(offset), bytes});
    return {};
  }

  Status write_node(pbf_writer& to, const Graph& g, const Node& n, Names& names) {
    int64_t& version = opsets_[std::string(n.op->domain)];
    version = std::max<int64_t>(version, version_needed(g, n));
    pbf_writer node(to, 1);
    std::vector<std::string> captured;
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      const std::string name = n.inputs[i] == kNone ? std::string() : name_of(g, n.inputs[i], names);
      if (i < static_cast<size_t>(n.formal_inputs()))
        add_text(node, 1, name);
      else
        captured.push_back(name);
    }
    for (ValueId v : n.outputs) add_text(node, 2, v == kNone ? std::string() : name_of(g, v, names));
    if (!n.name.empty()) add_text(node, 3, node_names_.add(n.name));
    add_text(node, 4, n.op->name);
    add_text_if(node, 7, n.op->domain);
    for (const Attr& a : n.attrs) {
      if (Status s = write_attr(node, a); !s.ok()) return std::move(s).at(cat(n.op->name, " ", quoted(n.name)));
    }
    // Iteration and condition of a Loop are scalars here, elsewhere vectors of one element if the model says so.
    const size_t shapeless = n.op->name == "Loop" ? 2 : 0;
    for (size_t i = 0; i < n.bodies.size();) {
      const std::string& name = n.body_names[i];
      const bool many = std::count(n.body_names.begin(), n.body_names.end(), name) > 1;
      pbf_writer attr(node, 5);
      add_text(attr, 1, name);
      attr.add_enum(20, many ? 10 : 5);
      do {
        pbf_writer body(attr, many ? 11 : 6);
        SDX_RETURN_IF_ERROR(write_body(body, *n.bodies[i], captured, shapeless));
      } while (++i < n.bodies.size() && n.body_names[i] == name);
    }
    return {};
  }

  Status write_attr(pbf_writer& node, const Attr& a) {
    pbf_writer to(node, 5);
    add_text(to, 1, a.name);
    const auto kind = [&](int32_t k) { to.add_enum(20, k); };
    const auto tensor = [&](uint32_t field, const Tensor& t) {
      ir_ = std::max(ir_, ir_of_type(t.dtype()));
      pbf_writer message(to, field);
      write_tensor(message, t, {});
    };
    switch (a.type) {
      case AttrType::kFloat: to.add_float(2, a.f), kind(1); break;
      case AttrType::kInt: to.add_int64(3, a.i), kind(2); break;
      case AttrType::kString: to.add_bytes(4, a.s), kind(3); break;
      case AttrType::kTensor: tensor(5, a.tensor), kind(4); break;
      case AttrType::kFloats:
        for (float v : a.floats) to.add_float(7, v);
        kind(6);
        break;
      case AttrType::kInts:
        for (int64_t v : a.ints) to.add_int64(8, v);
        kind(7);
        break;
      case AttrType::kStrings:
        for (const std::string& v : a.strings) to.add_bytes(9, v);
        kind(8);
        break;
      case AttrType::kTensors:
        for (const Tensor& t : a.tensors) tensor(10, t);
        kind(9);
        break;
      case AttrType::kType: to.add_message(14, type_message(a.value_type)), kind(13); break;
      case AttrType::kGraph:
      case AttrType::kGraphs:
      case AttrType::kSparse:
        return fail(Code::kAttr, "attribute ", quoted(a.name), " of kind ", attr_type_name(a.type), " cannot be saved");
    }
    return {};
  }

  const SaveOptions& options_;
  UniqueNames used_, node_names_;
  std::map<std::string, int64_t> opsets_;
  int64_t ir_ = 8;
  size_t inside_ = 0, external_bytes_ = 0;
  std::vector<SavedModel::Piece> external_;
};

std::string sibling(const std::string& path, const std::string& name) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? name : cat(path.substr(0, slash + 1), name);
}

}  // namespace

SaveOptions save_options_of(const Model& model) {
  SaveOptions o;
  o.domain = model.domain, o.doc = model.doc, o.graph_doc = model.graph_doc;
  o.model_version = model.model_version, o.metadata = model.metadata;
  for (const ModelValue& v : model.inputs) o.input_names.push_back(v.name);
  for (const ModelValue& v : model.outputs) o.output_names.push_back(v.name);
  return o;
}

Result<SavedModel> write_model(const Graph& graph, const SaveOptions& options) {
  return guarded([&] { return ModelWriter(options).write(graph); });
}

Status save_model(const Graph& graph, const std::string& path, const SaveOptions& options) {
  if (options.external_file.find('/') != std::string::npos)
    return fail(Code::kOption, "the external file ", quoted(options.external_file),
                " must be a plain file name: it lies beside the model");
  SDX_TRY(const SavedModel saved, write_model(graph, options));
  if (!saved.external.empty()) {
    SDX_TRY(FileWriter file, FileWriter::open(sibling(path, options.external_file)));
    for (const SavedModel::Piece& p : saved.external) {
      SDX_RETURN_IF_ERROR(file.pad_to(p.offset));
      SDX_RETURN_IF_ERROR(file.write({p.tensor.as<char>(), p.tensor.bytes()}));
    }
    SDX_RETURN_IF_ERROR(file.close());
  }
  SDX_TRY(FileWriter file, FileWriter::open(path));
  SDX_RETURN_IF_ERROR(file.write(saved.bytes));
  return file.close();
}

}  // namespace sardonyx
