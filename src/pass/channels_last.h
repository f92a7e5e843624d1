// ChannelsLast: the walk that turns convolutional islands to channels-last tensors. In topological order: a convolution
// computes channels-last unless it has so few channels that rows of pixels suit it better (ops/fused/conv_layout.h);
// what can follow does when it reads channels-last already. Each value has at most one twin in the other layout, made
// by a Transpose only where somebody asks for it; Transposes of the model that move channels cost nothing. One run of
// the pass.
#pragma once
#include <unordered_map>

#include "pass/rewriter.h"

namespace sardonyx {

class ChannelsLast {
 public:
  explicit ChannelsLast(Rewriter& r) : r_(r), g_(r.graph()) {}
  Status run();

 private:
  // Channels-first values that a convolution made channels-last: twin_[v] has v's elements, channels last.
  ValueId twin(ValueId v) const {
    const auto it = twin_.find(v);
    return it == twin_.end() ? kNone : it->second;
  }
  int rank(ValueId v) const { return r_.rank(v); }
  bool equal_type(ValueId v, ValueId y) const {
    return v != kNone && g_.fact(v).dtype() == g_.fact(y).dtype() && g_.fact(v).has_rank;
  }
  bool wants_channels_last(NodeId id) const;
  // The channels-last form of v, transposing if there is none yet.
  Result<ValueId> last(ValueId v);
  // v as an operand of a channels-last node of the given rank.
  Result<ValueId> operand(ValueId v, int out_rank);
  // y's users still read it channels-first until they are visited: they read a Transpose of its channels-last form,
  // which goes when nobody is left.
  Status adopt(NodeId old, ValueId y, ValueId y_last);
  // The same operator on channels-last inputs.
  Status replace_node(NodeId id, ValueIds in, std::vector<Attr> attrs);

  Status visit(NodeId id);
  Status visit_conv(NodeId id);
  // Where a convolution of few channels reads and writes.
  enum class ConvForm { kLast, kFirst, kFirstToLast, kLastToFirst };
  ConvForm form_of(NodeId id) const;
  Status visit_transpose(NodeId id);
  Status visit_unary(NodeId id);
  Status visit_binary(NodeId id);
  Status visit_concat(NodeId id);
  // channels_last_ops.cpp: operators that follow the layout of their first input.
  Status follow(NodeId id);
  // Operators on quantised bytes follow like their float forms.
  Status visit_quantised(NodeId id);
  bool is_number(ValueId v) const;
  Status visit_pool(NodeId id);
  Status visit_global(NodeId id, std::string_view reduce);
  Status visit_reduce(NodeId id);
  Status visit_conv_transpose(NodeId id);
  Status visit_norm(NodeId id);
  Status visit_pad(NodeId id);
  Status visit_resize(NodeId id);
  bool feeds_island(ValueId v) const;

  Rewriter& r_;
  Graph& g_;
  std::unordered_map<ValueId, ValueId> twin_;
};

}  // namespace sardonyx
