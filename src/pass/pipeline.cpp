#include "pass/pipeline.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "ir/verify.h"
#include "ops/table.h"
#include "pass/rewriter.h"

namespace sardonyx {

namespace {

// The order, and why: half precision is widened before anything else, so that all that follows sees floats; folding
// makes constants that elimination and fusions look for; duplicates merge before patterns count uses; quantised islands
// are found before their weights are dequantised; patterns run on plain operators, before products and convolutions
// swallow some of them, and larger ones before those that would take a part of them; batch normalisation folds into
// weights before convolutions take activations; layout comes last, when convolutions are final, and is cleaned up
// after; chains take what element-wise nodes are left.
constexpr Pass kPasses[] = {
    {"widen_half", "half-precision arithmetic without kernels of its own is done in float", OptLevel::kBasic,
     pass_widen_half},
    {"fold_constants", "nodes whose inputs are all known are computed once", OptLevel::kBasic, pass_fold_constants},
    {"eliminate", "nodes that change nothing are removed", OptLevel::kBasic, pass_eliminate},
    {"merge_duplicates", "equal nodes on equal inputs are computed once", OptLevel::kBasic, pass_merge_duplicates},
    {"fuse_quantised", "nodes between dequantising and quantising work on bytes", OptLevel::kExtended,
     pass_fuse_quantised},
    {"fuse_dynamic", "scale, bias and activation join integer products", OptLevel::kExtended, pass_fuse_dynamic},
    {"fold_dequantised", "weights that no integer kernel takes are dequantised once", OptLevel::kBasic,
     pass_fold_dequantised},
    {"fuse_layer_norm", "layer normalisation written out becomes one node", OptLevel::kExtended, pass_fuse_layer_norm},
    {"fuse_rms_norm", "RMS normalisation written out becomes one node", OptLevel::kExtended, pass_fuse_rms_norm},
    {"fuse_group_norm", "group normalisation written out becomes one node", OptLevel::kExtended, pass_fuse_group_norm},
    {"fuse_softmax", "softmax written out becomes one node", OptLevel::kExtended, pass_fuse_softmax},
    {"fuse_attention", "scaled dot-product attention written out becomes one node", OptLevel::kExtended,
     pass_fuse_attention},
    {"fuse_gelu", "GELU written out becomes one node", OptLevel::kExtended, pass_fuse_gelu},
    {"fuse_activations", "HardSwish, Swish, Mish and Softplus written out become one node", OptLevel::kExtended,
     pass_fuse_activations},
    {"fold_batch_norm", "constant scales and shifts move into the weights before them", OptLevel::kExtended,
     pass_fold_batch_norm},
    {"fuse_matmul", "bias, residual and activation join the matrix product", OptLevel::kExtended, pass_fuse_matmul},
    {"fuse_conv", "bias, residual and activation join the convolution", OptLevel::kExtended, pass_fuse_conv},
    {"quantised_activations", "activations join integer products with float results", OptLevel::kExtended,
     pass_quantised_activations},
    {"channels_last", "convolutional islands work on channels-last tensors", OptLevel::kAll, pass_channels_last},
    {"fold_again", "constants that the layout pass moved are computed", OptLevel::kAll, pass_fold_constants},
    {"eliminate_again", "what the layout pass left is cleaned up", OptLevel::kAll, pass_eliminate},
    {"fuse_chains", "element-wise nodes in a row work on blocks that stay in the cache", OptLevel::kExtended,
     pass_fuse_chains},
    {"dead_code", "what nobody uses is dropped", OptLevel::kBasic, pass_dead_code},
};

std::vector<std::string> passes_off(const PassOptions& options) {
  std::vector<std::string> off = options.off;
  if (const char* list = std::getenv("SDX_PASS_OFF")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const size_t comma = std::min(rest.find(','), rest.size());
      off.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return off;
}

int rewrite_budget() {
  const char* stop = std::getenv("SDX_STOP_AFTER_REWRITE");
  return stop ? std::atoi(stop) : -1;
}

Status run_one(const Pass& pass, Graph& graph, const PassOptions& options, int& budget, PassTiming& timing) {
  for (NodeId n = 0; n < static_cast<NodeId>(graph.node_count()); ++n)
    for (size_t b = 0; b < graph.node(n).bodies.size(); ++b)
      SDX_RETURN_IF_ERROR(run_one(pass, *graph.node(n).bodies[b], options, budget, timing));
  Rewriter rewriter(graph, ops(), options.eval, budget);
  SDX_RETURN_IF_ERROR(pass.run(rewriter));
  timing.rewrites += rewriter.rewrites();
  for (std::string& note : rewriter.notes()) timing.notes.push_back(std::move(note));
#if SDX_CHECKED
  if (Status s = verify(graph); !s.ok()) return std::move(s).at_origin(cat("after pass ", pass.name));
#endif
  return {};
}

}  // namespace

std::vector<PassInfo> all_passes() {
  std::vector<PassInfo> list;
  for (const Pass& p : kPasses) list.push_back({p.name, p.why, p.level});
  return list;
}

Result<PassReport> run_passes(Graph& graph, const PassOptions& options) {
  PassReport report;
  if (options.level == OptLevel::kDisableAll) return report;
  const std::vector<std::string> off = passes_off(options);
  int budget = rewrite_budget();
  for (const Pass& p : kPasses) {
    if (p.level > options.level || std::find(off.begin(), off.end(), p.name) != off.end()) continue;
    if (options.cancel && options.cancel->load(std::memory_order_relaxed))
      return fail(Code::kCancelled, "loading was stopped by its caller");
    PassTiming timing;
    timing.name = p.name;
    const auto begin = std::chrono::steady_clock::now();
    SDX_RETURN_IF_ERROR(run_one(p, graph, options, budget, timing));
    timing.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    report.push_back(std::move(timing));
  }
  return report;
}

}  // namespace sardonyx
