#include "capi/pass_names.h"

#include <algorithm>

#include "pass/pipeline.h"

namespace sardonyx::capi {

namespace {

// A pass may do what several transformers do; switching off any of them switches it off.
struct Counterpart {
  std::string_view transformer, pass;
};
constexpr Counterpart kCounterparts[] = {
    {"ConstantFolding", "fold_constants"},
    {"ConstantFolding", "fold_again"},
    {"CommonSubexpressionElimination", "merge_duplicates"},
    {"EliminateIdentity", "eliminate"},
    {"EliminateSlice", "eliminate"},
    {"EliminateDropout", "eliminate"},
    {"UnsqueezeElimination", "eliminate"},
    {"ExpandElimination", "eliminate"},
    {"CastElimination", "eliminate"},
    {"NoopElimination", "eliminate"},
    {"QDQSelectorActionTransformer", "fuse_quantised"},
    {"MatMulIntegerToFloatFusion", "fuse_dynamic"},
    {"DynamicQuantizeMatMulFusion", "fuse_dynamic"},
    {"LayerNormFusionL1", "fuse_layer_norm"},
    {"LayerNormFusionL2", "fuse_layer_norm"},
    {"SimplifiedLayerNormFusion", "fuse_rms_norm"},
    {"AttentionFusion", "fuse_attention"},
    {"GroupQueryAttentionFusion", "fuse_attention"},
    {"GeluFusionL1", "fuse_gelu"},
    {"GeluFusionL2", "fuse_gelu"},
    {"FastGeluFusion", "fuse_gelu"},
    {"QuickGeluFusion", "fuse_activations"},
    {"ConvBNFusion", "fold_batch_norm"},
    {"ConvMulFusion", "fold_batch_norm"},
    {"ConvAddFusion", "fold_batch_norm"},
    {"MatmulBNFusion", "fold_batch_norm"},
    {"MatMulAddFusion", "fuse_matmul"},
    {"GemmActivationFusion", "fuse_matmul"},
    {"GemmSumFusion", "fuse_matmul"},
    {"MatMulActivationFusion", "fuse_matmul"},
    {"ConvAddFusion", "fuse_conv"},
    {"ConvActivationFusion", "fuse_conv"},
    {"ConvAddActivationFusion", "fuse_conv"},
    {"NchwcTransformer", "channels_last"},
    {"NhwcTransformer", "channels_last"},
};

}  // namespace

std::vector<std::string> passes_named(std::string_view names) {
  std::vector<std::string> found;
  const std::vector<PassInfo> passes = all_passes();
  while (!names.empty()) {
    const size_t end = std::min(names.find_first_of(";,"), names.size());
    const std::string_view name = names.substr(0, end);
    if (std::any_of(passes.begin(), passes.end(), [&](const PassInfo& p) { return p.name == name; }))
      found.emplace_back(name);
    for (const Counterpart& c : kCounterparts)
      if (c.transformer == name) found.emplace_back(c.pass);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return found;
}

}  // namespace sardonyx::capi
