// ModelDraft: a model, or additions to one, described by names: what a program that builds models in memory says,
// before it becomes a Graph. Initializers share their bytes with the model. Plain data.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "onnx/model.h"

namespace sardonyx {

struct DraftValue {
  std::string name;
  Type type;
  bool has_rank = false;
  std::vector<int64_t> dims;           // -1 where unknown
  std::vector<std::string> dim_names;  // symbols of unknown extents; may be shorter
};

struct DraftNode {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs;  // "" for absent ones
  std::vector<Attr> attrs;
};

struct ModelDraft {
  std::map<std::string, int64_t, std::less<>> opsets;  // "" is ai.onnx
  std::optional<std::vector<DraftValue>> inputs, outputs;
  std::vector<std::pair<std::string, Tensor>> initializers;
  std::vector<DraftNode> nodes;  // in any order
};

Result<Model> build_model(const ModelDraft& draft, const OpLookup& ops, const LoadOptions& options = {});

// Adds the draft's initializers and nodes to a loaded model, whose values they may use by name. Inputs and outputs are
// replaced by those of the draft if it has any: an input of before may now be made by a node of the draft. On error the
// model is not usable.
Status extend_model(Model& model, const ModelDraft& draft, const OpLookup& ops, const LoadOptions& options = {});

}  // namespace sardonyx
