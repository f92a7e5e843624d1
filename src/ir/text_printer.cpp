#include "ir/text_printer.h"

#include <algorithm>
#include <set>

#include "ir/text_types.h"

namespace sardonyx {
namespace {

class Printer {
 public:
  explicit Printer(const PrintOptions& options) : options_(options) {}

  // `captured`: the printed names of the values that the last inputs stand for.
  void print(const Graph& g, std::span<const std::string> captured, int depth) {
    Names names(g.value_count());
    const size_t formals = g.inputs.size() - captured.size();
    for (size_t i = 0; i < captured.size(); ++i) names[static_cast<size_t>(g.inputs[formals + i])] = captured[i];
    out_ += g.name.empty() ? "graph" : print_name(g.name);
    out_ += " (";
    for (size_t i = 0; i < formals; ++i)
      out_ += cat(i ? ", " : "", print_fact(g.fact(g.inputs[i]), g.symbols()), " ", name_of(g, names, g.inputs[i]));
    out_ += ") => (";
    for (size_t i = 0; i < g.outputs.size(); ++i)
      out_ += cat(i ? ", " : "", declared(g, g.outputs[i]), " ", name_of(g, names, g.outputs[i]));
    out_ += ")";
    print_constants(g, names, depth + 1);
    out_ += " {\n";
    const auto order = g.order();
    if (!order.ok()) {
      out_ += cat(indent(depth + 1), "# ", order.status().message(), "\n");
    } else {
      for (NodeId n : *order) print_node(g, names, n, depth + 1);
    }
    out_ += cat(indent(depth), "}");
  }
  std::string take() { return std::move(out_); }

 private:
  using Names = std::vector<std::string>;
  static std::string indent(int depth) { return std::string(static_cast<size_t>(depth) * 2, ' '); }

  // The value's own name, or one like it if that is taken.
  const std::string& name_of(const Graph& g, Names& names, ValueId v) {
    std::string& name = names[static_cast<size_t>(v)];
    if (!name.empty()) return name;
    std::string own = g.value(v).name;
    if (own.empty()) own = cat("v", v);
    for (std::string base = own; !used_.insert(own).second;) own = cat(base, "_", ++suffix_);
    return name = print_name(own);
  }

  // An output's fact with extents that only inference named written as `?`: reading names them anew.
  static std::string declared(const Graph& g, ValueId v) {
    const Fact& f = g.fact(v);
    if (!f.type.is_tensor() || !f.has_rank || f.shape.empty()) return print_fact(f, g.symbols());
    std::string s = cat(to_string(f.type), "[");
    for (size_t i = 0; i < f.shape.size(); ++i) {
      const std::string d = g.symbols().to_string(f.shape[i]);
      bool anonymous = false;
      for (size_t at = d.find('_'); at != d.npos && !anonymous; at = d.find('_', at + 1))
        anonymous = at + 1 < d.size() && d[at + 1] >= '0' && d[at + 1] <= '9' &&
                    (at == 0 || std::string_view("(*/%+-,").find(d[at - 1]) != std::string_view::npos);
      s += cat(i ? "," : "", anonymous ? "?" : d);
    }
    return s += "]";
  }

  void print_constants(const Graph& g, Names& names, int depth) {
    std::vector<ValueId> constants;
    const auto used = [&](ValueId v) { return !g.value(v).users.empty() || g.is_output(v); };
    for (ValueId v = 0; v < static_cast<ValueId>(g.value_count()); ++v)
      if (g.is_constant(v) && g.value(v).producer == kNone && used(v) &&
          std::find(g.inputs.begin(), g.inputs.end(), v) == g.inputs.end())
        constants.push_back(v);
    if (constants.empty()) return;
    out_ += " <\n";
    for (size_t i = 0; i < constants.size(); ++i) {
      const Fact& f = g.fact(constants[i]);
      out_ += cat(indent(depth), print_fact(f, g.symbols()), " ", name_of(g, names, constants[i]), " = ",
                  print_elements(f.constant, options_.max_constant), i + 1 < constants.size() ? ",\n" : "\n");
    }
    out_ += cat(indent(depth - 1), ">");
  }

  void print_attr(const Attr& a) {
    const auto list = [&](size_t n, auto&& element) {
      out_ += "[";
      for (size_t i = 0; i < n; ++i) out_ += cat(i ? ", " : "", element(i));
      out_ += "]";
    };
    const auto tensor = [&](const Tensor& t) {
      return cat(dtype_name(t.dtype()), t.rank() ? to_string(t.dims()) : "", " ",
                 print_elements(t, options_.max_constant));
    };
    const bool empty_list = a.ints.empty() && a.floats.empty() && a.strings.empty() && a.tensors.empty();
    const bool is_list = a.type == AttrType::kInts || a.type == AttrType::kFloats || a.type == AttrType::kStrings ||
                         a.type == AttrType::kTensors;
    out_ += print_name(a.name);
    if (a.type == AttrType::kType) out_ += ": type_proto";
    if (is_list && empty_list) out_ += cat(": ", attr_type_name(a.type));
    out_ += " = ";
    switch (a.type) {
      case AttrType::kInt: out_ += cat(a.i); break;
      case AttrType::kFloat: out_ += print_float(a.f); break;
      case AttrType::kString: out_ += print_string(a.s); break;
      case AttrType::kTensor: out_ += tensor(a.tensor); break;
      case AttrType::kInts: list(a.ints.size(), [&](size_t i) { return cat(a.ints[i]); }); break;
      case AttrType::kFloats: list(a.floats.size(), [&](size_t i) { return print_float(a.floats[i]); }); break;
      case AttrType::kStrings: list(a.strings.size(), [&](size_t i) { return print_string(a.strings[i]); }); break;
      case AttrType::kTensors: list(a.tensors.size(), [&](size_t i) { return tensor(a.tensors[i]); }); break;
      case AttrType::kType: out_ += to_string(a.value_type); break;
      default: out_ += cat("# ", attr_type_name(a.type), "\n"); break;
    }
  }

  void print_node(const Graph& g, Names& names, NodeId id, int depth) {
    const Node& n = g.node(id);
    out_ += indent(depth);
    if (options_.names && !n.name.empty()) out_ += cat("[", print_name(n.name), "] ");
    for (size_t o = 0; o < n.outputs.size(); ++o)
      out_ += cat(o ? ", " : "", n.outputs[o] == kNone ? "\"\"" : name_of(g, names, n.outputs[o]));
    out_ += cat(" = ", n.op->domain.empty() ? "" : cat(n.op->domain, "."), n.op->name);
    const size_t formals = static_cast<size_t>(n.formal_inputs());
    print_attributes(g, names, n, depth);
    out_ += " (";
    for (size_t i = 0; i < formals; ++i)
      out_ += cat(i ? ", " : "", n.inputs[i] == kNone ? "\"\"" : name_of(g, names, n.inputs[i]));
    out_ += ")";
    for (size_t o = 0; options_.facts && o < n.outputs.size(); ++o)
      if (n.outputs[o] != kNone) out_ += cat(o ? ", " : "  # ", print_fact(g.fact(n.outputs[o]), g.symbols()));
    out_ += "\n";
  }

  void print_attributes(const Graph& g, Names& names, const Node& n, int depth) {
    if (n.attrs.empty() && n.bodies.empty()) return;
    out_ += " <";
    for (size_t i = 0; i < n.attrs.size(); ++i) {
      if (i) out_ += ", ";
      print_attr(n.attrs[i]);
    }
    std::vector<std::string> captured;
    for (size_t i = static_cast<size_t>(n.formal_inputs()); i < n.inputs.size(); ++i)
      captured.push_back(name_of(g, names, n.inputs[i]));
    for (size_t b = 0; b < n.bodies.size(); ++b) {
      out_ += cat(b || !n.attrs.empty() ? ", " : "", print_name(n.body_names[b]), " = ");
      print(*n.bodies[b], captured, depth);
    }
    out_ += ">";
  }

  const PrintOptions options_;
  std::string out_;
  std::set<std::string> used_;
  int suffix_ = 0;
};

}  // namespace

std::string print_graph(const Graph& graph, const PrintOptions& options) {
  Printer p(options);
  p.print(graph, {}, 0);
  return p.take() + "\n";
}

}  // namespace sardonyx
