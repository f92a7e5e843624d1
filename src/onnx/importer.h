// Importer: decoded messages to Graphs. Makes constants, resolves names, makes captures explicit, writes function calls
// out, and hands each node to import_node() after its producers, whatever their order in the file. One per load; not
// thread-safe.
#pragma once
#include "ir/upgrade_ctx.h"
#include "onnx/model.h"
#include "onnx/scope.h"
#include "onnx/tensor_reader.h"
#include "onnx/type_reader.h"

namespace sardonyx {

class Importer {
 public:
  Importer(const OpLookup& ops, const LoadOptions& options, TensorSource& source);

  Status add_functions(const proto::Views& messages);
  // Fills model.graph, inputs, outputs, overridable and quantization.
  Status import_main(const proto::GraphMsg& g, const std::vector<proto::Opset>& opsets, Model& model);

 private:
  struct ResolvedAttr {
    proto::AttrMsg msg;
    Scope* written_in;
  };
  struct Body {
    std::unique_ptr<Graph> graph;
    std::unique_ptr<Level> level;
    std::string name;
  };
  struct Function {
    proto::FunctionMsg msg;
    bool open = false;  // being written out
  };
  class Nested;

  // main_graph.cpp
  Result<ModelValue> declared_value(const proto::ValueInfoMsg& v, std::string_view what);
  Shape shape_of(const DeclaredType& t);
  Status override_extents(ModelValue& declared);
  Status import_initializers(const proto::GraphMsg& g, Scope& s, Model* model);
  Status import_inputs(const proto::GraphMsg& g, Scope& s, Model& model);
  Status check_declared_shapes(const proto::Views& messages, Scope& s);
  Status import_outputs(const proto::GraphMsg& g, Scope& s, Model& model);

  // nodes.cpp
  Status import_nodes(Scope& s);
  Status import_at(Scope& s, uint32_t node);
  Status import_one(Scope& s, const proto::NodeMsg& n);
  Status import_operator(Scope& s, const proto::NodeMsg& n, std::vector<ResolvedAttr>& attrs);
  Status import_constant(Scope& s, const proto::NodeMsg& n, const std::vector<ResolvedAttr>& attrs);
  Result<ValueId> resolve(Scope& s, proto::View name);
  Result<std::vector<ResolvedAttr>> resolve_attrs(Scope& s, const proto::NodeMsg& n);

  // attributes.cpp
  Result<Attr> make_attr(ResolvedAttr& a);  // takes its lists
  Result<Tensor> attr_tensor(const ResolvedAttr& a, proto::View message, bool sparse);
  Result<Tensor> constant_of(const ResolvedAttr& a);

  // bodies.cpp
  Result<Body> import_body(const ResolvedAttr& a, proto::View message, Scope& s, const NodeDraft& draft);
  Status import_bodies(std::vector<ResolvedAttr>& attrs, Scope& s, const NodeDraft& draft, std::vector<Body>& bodies);

  // functions.cpp
  Function* find_function(const proto::NodeMsg& n);
  Status call_function(Scope& s, const proto::NodeMsg& n, Function& f);

  const OpLookup& ops_;
  const LoadOptions& options_;
  TensorSource& source_;
  std::shared_ptr<SymbolTable> symbols_;
  std::unordered_map<std::string, Function> functions_;
  std::unordered_map<const char*, Tensor> function_tensors_;  // by message: calls of a function share its constants
  int depth_ = 0;
  int open_calls_ = 0;  // of functions
  size_t inlined_ = 0;  // nodes imported while one is open
};

// Counts a body or function call for as long as it lives; ok() is false at the nesting limit.
class Importer::Nested {
 public:
  explicit Nested(Importer& i) : importer_(i) { ++importer_.depth_; }
  ~Nested() { --importer_.depth_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  Status status() const {
    if (importer_.depth_ <= kMaxNesting) return {};
    return fail(Code::kProto, "bodies and functions are nested more than ", kMaxNesting, " deep");
  }

 private:
  Importer& importer_;
};

// `Op "name"`, or with the first output's name where the node has none.
std::string origin_of(const proto::NodeMsg& n);

}  // namespace sardonyx
