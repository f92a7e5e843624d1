// Model: an ONNX file in memory: its Graph, brought to the canonical opset, and everything else that it says about
// itself. Weights stay in the mapped file where their alignment allows; Tensors and Model share the mapping. Files are
// not trusted: every size is checked, external data is confined to the model's folder, nesting is bounded.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace sardonyx {

// A graph input or output as the file declares it.
struct ModelValue {
  std::string name, doc;
  Type type;
  bool has_rank = false;
  Shape shape;  // meaningful if has_rank
  std::string denotation;
  std::vector<std::string> dim_denotations;  // one per extent, often ""
  std::vector<std::string> dim_params;       // as written, "" for numbers and where nothing is said
};

struct QuantAnnotation {
  std::string tensor;
  std::vector<std::pair<std::string, std::string>> parameters;  // role (SCALE_TENSOR …) and tensor name
};

struct Model {
  std::unique_ptr<Graph> graph;
  int64_t ir_version = 0, model_version = 0;
  std::map<std::string, int64_t, std::less<>> opsets;  // "" is ai.onnx
  std::string producer, producer_version, domain, doc, graph_doc;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<ModelValue> inputs,
      outputs;  // one per graph input and output; an output's name here may differ from its value's
  struct Overridable {
    ModelValue declared;
    ValueId value;  // a constant of the graph
  };
  std::vector<Overridable> overridable;  // initializers that are also inputs
  std::vector<QuantAnnotation> quantization;
  BufferPtr file;  // the mapping; null if the model came from bytes of the caller
};

// Where a model has a tensor's bytes in a file beside it.
struct ExternalTensor {
  std::string name, location;
  size_t offset = 0, bytes = 0;
  BufferPtr file;
};

struct LoadOptions {
  std::string folder;  // where external data lies, if not beside the model
  // Weights of at least this many bytes stay in the file's bytes even where their elements are not aligned there, which
  // every processor that we build for reads as well.
  size_t unaligned_from = size_t{16} << 10;
  std::vector<ExternalTensor>* external_tensors = nullptr;  // if given, those of the model are added
  bool strict_shapes = false;  // extents that the model declares for values must agree with those that are inferred
  bool external_data = true;   // false: external files on disk are refused
  std::map<std::string, BufferPtr> files;                     // external files held in memory, by the name in the model
  std::map<std::string, Tensor, std::less<>> initializers;    // take the place of initializers of the main graph
  std::set<std::string, std::less<>> keep_as_inputs;          // overridable initializers that become graph inputs
  std::map<std::string, int64_t, std::less<>> symbol_values;  // extents for dim_params of inputs, by name
  std::map<std::string, int64_t, std::less<>> denotation_values;  // and by the extent's denotation
  // Extents in place of those that inputs declare, by input name; -1 leaves one open, whatever the model says.
  std::map<std::string, std::vector<int64_t>, std::less<>> input_extents;
};

inline constexpr int kMinIrVersion = 3;
inline constexpr int kMaxIrVersion = 13;
inline constexpr int kMaxNesting = 64;  // bodies in bodies, functions in functions

Result<Model> load_model(const std::string& path, const OpLookup& ops, const LoadOptions& options = {});
// The model keeps the buffer and its tensors point into it.
Result<Model> load_model_buffer(BufferPtr bytes, const OpLookup& ops, const LoadOptions& options = {});
// Nothing of `bytes` is needed afterwards.
Result<Model> load_model_bytes(std::string_view bytes, const OpLookup& ops, const LoadOptions& options = {});

}  // namespace sardonyx
