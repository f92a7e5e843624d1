// Names while a model is being read. A Level is one Graph under construction and the graph around it; a Scope is one
// list of nodes with the names they see: the main graph, a body, or the nodes of one function call (which go into the
// caller's graph).
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"
#include "onnx/proto.h"

namespace sardonyx {

struct Level {
  Graph* graph = nullptr;
  Level* outer = nullptr;
  std::unordered_map<ValueId, ValueId> inner_of;  // value of `outer` → the same value here
  std::vector<ValueId> captured;  // those that became inputs here, in order; constants are copied instead
};
// The value `v` of `from` (which is `to` or encloses it) as a value of `to`'s graph; captures it at each level between.
ValueId capture(Level& to, const Level& from, ValueId v);

struct Scope;

// What an attribute name of a function stands for in one call, and where that was written.
struct AttrBinding {
  proto::View name, message;
  Scope* written_in;
};

struct Binding {
  ValueId value;      // kNone: known to be absent (an input that a function call leaves out)
  int32_t node = -1;  // which node of the scope makes it
};
inline constexpr ValueId kPending = -2;  // its node has not been imported yet

struct Scope {
  Level* level = nullptr;
  Scope* outer = nullptr;  // what else the names may mean; null for the main graph and functions
  const std::vector<proto::Opset>* opsets = nullptr;
  const std::vector<AttrBinding>* attrs = nullptr;  // null outside functions
  std::string prefix;                               // of value and node names, to tell calls of a function apart
  std::unordered_map<proto::View, std::string> public_names;  // of a function's outputs

  proto::Views nodes;
  enum class State : uint8_t { kNew, kOpen, kDone };
  std::vector<State> state;
  std::unordered_map<proto::View, Binding> names;

  Graph& graph() const { return *level->graph; }
  // kProto if the name has a meaning already.
  Status define(proto::View name, ValueId v);
  // Takes the nodes and notes which makes what. kProto if two make the same.
  Status add_nodes(const proto::Views& messages);
  int opset_of(proto::View domain) const;
  std::string shown_name(proto::View name) const;
  // The visible name closest to `name`, for messages; "" if none is near.
  proto::View nearest_name(proto::View name) const;
};

}  // namespace sardonyx
