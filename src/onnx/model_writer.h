// Graph to ONNX model bytes, as ONNX and other runtimes read them: captured values become outer names again, every
// operator of the graph stands at its newest version, the model imports the lowest opset that has them all.
#pragma once
#include <functional>
#include <optional>

#include "onnx/model.h"

namespace sardonyx {

struct SaveOptions {
  std::string producer = "sardonyx", producer_version, domain, doc, graph_doc;
  int64_t model_version = 0;
  std::vector<std::pair<std::string, std::string>> metadata;
  // One per graph input and output; where shorter, the values' own names are used.
  std::vector<std::string> input_names, output_names;
  std::string external_file;         // file name beside the model for large weights; "" keeps all inside
  size_t external_min_bytes = 1024;  // smaller ones stay inside
  // Asked for each initializer but strings, in place of external_file: where its bytes lie in a file that whoever
  // answers writes; nothing keeps them inside.
  struct Place {
    std::string file;
    int64_t offset = 0;
    size_t bytes = 0;
  };
  std::function<Result<std::optional<Place>>(const std::string& name, const Tensor&)> place;
};
// What the model says about itself, with the names of its inputs and outputs.
SaveOptions save_options_of(const Model& model);

struct SavedModel {
  struct Piece {
    size_t offset;
    Tensor tensor;
  };
  std::string bytes;
  std::vector<Piece> external;  // contents of the external file, ascending; zeros between
};
// kAttr for what ONNX cannot hold; kRange if the model grows beyond 2 GB, the limit of its format, without an external
// file.
Result<SavedModel> write_model(const Graph& graph, const SaveOptions& options = {});
// The model and, if it is used, the external file in the same folder.
Status save_model(const Graph& graph, const std::string& path, const SaveOptions& options = {});

}  // namespace sardonyx
