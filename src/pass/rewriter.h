// Rewriter: the one way in which passes change a graph. Counts every rewrite under its pass's name;
// SDX_STOP_AFTER_REWRITE=n stops all rewriting after the n-th, which finds a guilty rewrite by bisection. One
// optimisation run, one thread.
#pragma once
#include "ir/graph.h"
#include "pass/pipeline.h"

namespace sardonyx {

class Rewriter {
 public:
  Rewriter(Graph& graph, const OpLookup& ops, const ConstEval& eval, int& budget)
      : graph_(graph), ops_(ops), eval_(eval), budget_(budget) {}

  Graph& graph() { return graph_; }
  const OpLookup& ops() const { return ops_; }
  const ConstEval& eval() const { return eval_; }
  // False in builds that leave the operator out.
  bool knows(std::string_view domain, std::string_view op) const { return ops_.find(domain, op) != nullptr; }
  int rewrites() const { return rewrites_; }

  // True if another rewrite may be made; counts it. Ask before the first edit of a rewrite.
  bool allow();

  // Adds a node and returns its first output, which gets `name` if given.
  Result<ValueId> add(std::string_view domain, std::string_view op, ValueIds inputs, std::vector<Attr> attrs = {},
                      std::string name = {});
  Result<ValueId> constant_ints(std::span<const int64_t> v);

  // Every use of `from` becomes one of `to`; `to` takes over the name if `from` is a graph output.
  void replace(ValueId from, ValueId to);
  // Erases the node and then the producers of its inputs, as far as nobody uses their outputs.
  void erase_if_unused(NodeId n);

  // What a pass nearly did, and why not; for explain.
  void note(std::string text) {
    if (notes_.size() < kMaxNotes) notes_.push_back(std::move(text));
  }
  std::vector<std::string>& notes() { return notes_; }

  // Looking around.
  const Node& node(NodeId n) const { return graph_.node(n); }
  const Fact& fact(ValueId v) const { return graph_.fact(v); }
  const std::vector<NodeId>& users(ValueId v) const { return graph_.value(v).users; }
  bool is_output(ValueId v) const { return graph_.is_output(v); }
  std::string origin(NodeId n) const { return graph_.origin(n); }
  const Node* producer(ValueId v) const;  // null for inputs and constants
  NodeId producer_id(ValueId v) const { return v == kNone ? kNone : graph_.value(v).producer; }
  bool single_use(ValueId v) const { return graph_.value(v).users.size() == 1 && !graph_.is_output(v); }
  bool unused(ValueId v) const { return v == kNone || (graph_.value(v).users.empty() && !graph_.is_output(v)); }
  bool is(NodeId n, std::string_view op, std::string_view domain = "") const {
    return n != kNone && graph_.node(n).op->name == op && graph_.node(n).op->domain == domain;
  }
  const Tensor* constant(ValueId v) const { return graph_.is_constant(v) ? &graph_.fact(v).constant : nullptr; }
  // The value of a one-element float or integer constant.
  std::optional<double> scalar(ValueId v) const;
  int rank(ValueId v) const { return graph_.fact(v).has_rank ? static_cast<int>(graph_.fact(v).shape.size()) : -1; }

 private:
  Graph& graph_;
  const OpLookup& ops_;
  const ConstEval& eval_;
  int& budget_;
  int rewrites_ = 0;
  static constexpr size_t kMaxNotes = 50;
  std::vector<std::string> notes_;
};

struct Pass {
  std::string_view name, why;
  OptLevel level;
  Status (*run)(Rewriter&);
};

// One function per pass file; the order is pipeline.cpp's.
Status pass_widen_half(Rewriter&);
Status pass_fold_constants(Rewriter&);
Status pass_eliminate(Rewriter&);
Status pass_merge_duplicates(Rewriter&);
Status pass_dead_code(Rewriter&);
Status pass_fold_batch_norm(Rewriter&);
Status pass_fuse_matmul(Rewriter&);
Status pass_fuse_conv(Rewriter&);
Status pass_channels_last(Rewriter&);
Status pass_fuse_quantised(Rewriter&);
Status pass_fuse_dynamic(Rewriter&);
Status pass_fold_dequantised(Rewriter&);
Status pass_quantised_activations(Rewriter&);
Status pass_fuse_gelu(Rewriter&);
Status pass_fuse_activations(Rewriter&);
Status pass_fuse_layer_norm(Rewriter&);
Status pass_fuse_rms_norm(Rewriter&);
Status pass_fuse_group_norm(Rewriter&);
Status pass_fuse_softmax(Rewriter&);
Status pass_fuse_attention(Rewriter&);
Status pass_fuse_chains(Rewriter&);

}  // namespace sardonyx
