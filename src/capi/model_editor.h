// OrtModel, OrtGraph, OrtNode, OrtValueInfo: a model that a caller builds in memory. A model owns its graph, a graph
// its nodes, values and initializers. Reading them is thread-safe while nobody adds to them, except that value infos
// are made when first asked for, under the graph's lock.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "capi/op_attr.h"
#include "capi/type_info.h"
#include "onnx/model_draft.h"

struct OrtValueInfo {
  std::string name;
  OrtTypeInfo type;
  const OrtGraph* graph = nullptr;  // null while the caller owns it
};

struct OrtNode {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs;
  std::vector<std::unique_ptr<OrtOpAttr>> attrs;
  const OrtGraph* graph = nullptr;  // null while the caller owns it
  size_t id = 0;
};

struct OrtGraph {
  using ValueInfos = std::vector<std::unique_ptr<OrtValueInfo>>;
  struct Initializer {
    std::string name;
    std::unique_ptr<OrtValue> value;
  };
  std::string name;
  std::optional<ValueInfos> inputs, outputs;
  std::vector<std::unique_ptr<OrtNode>> nodes;
  std::vector<Initializer> initializers;
  const OrtModel* model = nullptr;

  // The info of any value of the graph; null for "" and for names that nobody uses.
  const OrtValueInfo* value(const std::string& name) const;
  const OrtValue* initializer(const std::string& name) const;

  mutable std::mutex mutex;  // guards what follows
  mutable std::map<std::string, std::unique_ptr<OrtValueInfo>> others;
};

struct OrtModel {
  std::map<std::string, int64_t, std::less<>> opsets;
  std::unique_ptr<OrtGraph> graph;
};

namespace sardonyx::capi {

// The model as the library reads it; initializers share their bytes.
ModelDraft draft_of(const OrtModel& model);

}  // namespace sardonyx::capi
