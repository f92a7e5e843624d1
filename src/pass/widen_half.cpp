// Arithmetic on float16 and bfloat16 that has no vector kernel of its own is done in float. Convolutions, products,
// normalisations and the like start it; what follows them in the same type joins, so that values pass in float from one
// to the next and are rounded to half once, where something else needs them (ONNX Runtime does the same). Weights
// become float constants here: folding would find them too large.
#include <algorithm>
#include <unordered_map>

#include "pass/rewriter.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

constexpr std::string_view kStarts[] = {
    "Attention",
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "ConvTranspose",
    "Einsum",
    "GRU",
    "Gemm",
    "GlobalAveragePool",
    "GlobalLpPool",
    "GlobalMaxPool",
    "GridSample",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
    "LSTM",
    "LayerNormalization",
    "LogSoftmax",
    "LpNormalization",
    "LpPool",
    "MatMul",
    "MaxPool",
    "MeanVarianceNormalization",
    "RMSNormalization",
    "RNN",
    "Resize",
    "RotaryEmbedding",
    "Softmax",
};
constexpr std::string_view kFollows[] = {
    "Abs",
    "Add",
    "Ceil",
    "Celu",
    "Clip",
    "Concat",
    "Cos",
    "DepthToSpace",
    "Div",
    "Dropout",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Floor",
    "Gather",
    "GatherElements",
    "GatherND",
    "Gelu",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "Max",
    "Mean",
    "Min",
    "Mish",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceProd",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Round",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Slice",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Swish",
    "Tan",
    "Tanh",
    "ThresholdedRelu",
    "Tile",
    "TopK",
    "Transpose",
    "Unsqueeze",
    "Where",
};
static_assert(std::is_sorted(std::begin(kStarts), std::end(kStarts)) &&
              std::is_sorted(std::begin(kFollows), std::end(kFollows)));

bool is_half(const Graph& g, ValueId v) {
  const Fact& f = g.fact(v);
  return f.type.is_tensor() && (f.dtype() == DType::kF16 || f.dtype() == DType::kBF16);
}

class Widening {
 public:
  explicit Widening(Rewriter& r) : r_(r), g_(r.graph()) {}

  Status run() {
    SDX_TRY(const std::vector<NodeId> order, g_.order());
    for (NodeId id : order)
      if (!g_.node(id).dead && wanted(g_.node(id))) SDX_RETURN_IF_ERROR(widen(id));
    for (NodeId id : casts_) r_.erase_if_unused(id);
    return {};
  }

 private:
  bool wanted(const Node& n) const {
    if (!n.op->domain.empty() || !n.bodies.empty()) return false;
    const auto half = [&](ValueId v) { return v != kNone && is_half(g_, v); };
    if (std::none_of(n.inputs.begin(), n.inputs.end(), half)) return false;
    if (std::binary_search(std::begin(kStarts), std::end(kStarts), n.op->name)) return true;
    const auto known_as_float = [&](ValueId v) { return v != kNone && float_of_.contains(v); };
    return std::binary_search(std::begin(kFollows), std::end(kFollows), n.op->name) &&
           std::any_of(n.inputs.begin(), n.inputs.end(), known_as_float);
  }

  // The value in float: what it was rounded from, a constant, or a cast.
  Result<ValueId> in_float(ValueId v) {
    for (const auto* known : {&float_of_, &float_constants_})
      if (const auto it = known->find(v); it != known->end()) return it->second;
    if (const Tensor* t = r_.constant(v)) {
      SDX_TRY(Tensor wide, Tensor::make(DType::kF32, t->dims()));
      simd::cast(t->dtype(), DType::kF32)(t->data(), wide.data(), t->count(), {});
      return float_constants_[v] = g_.add_constant(std::move(wide), g_.value(v).name);
    }
    SDX_TRY(const ValueId made, cast(v, DType::kF32, {}));
    return float_of_[v] = made;
  }

  Result<ValueId> cast(ValueId v, DType to, std::string name) {
    SDX_TRY(const ValueId made,
            r_.add("", "Cast", {v}, {Attr::of_int("to", static_cast<int64_t>(to))}, std::move(name)));
    casts_.push_back(r_.producer_id(made));
    return made;
  }

  // The same node on floats, or kNone where its results would not be the same but for their type.
  Result<NodeId> copy_in_float(NodeId id) {
    ValueIds inputs = g_.node(id).inputs;
    for (ValueId& v : inputs)
      if (v != kNone && is_half(g_, v)) {
        SDX_TRY(v, in_float(v));
      }
    std::vector<std::string> names;
    for (ValueId v : g_.node(id).outputs)
      names.push_back(v == kNone ? "" : is_half(g_, v) ? cat(g_.value(v).name, "/float") : g_.value(v).name);
    auto made = g_.add_node(g_.node(id).op, g_.node(id).name, std::move(inputs), g_.node(id).attrs, std::move(names));
    if (!made.ok()) return kNone;
    for (size_t o = 0; o < g_.node(*made).outputs.size(); ++o) {
      const ValueId before = g_.node(id).outputs[o], after = g_.node(*made).outputs[o];
      if (before == kNone) continue;
      const Fact &b = g_.fact(before), &a = g_.fact(after);
      const DType type = is_half(g_, before) ? DType::kF32 : b.dtype();
      if (a.type.is_tensor() && a.dtype() == type && a.has_rank && b.has_rank && a.shape == b.shape) continue;
      r_.erase_if_unused(*made);
      return kNone;
    }
    return *made;
  }

  Status widen(NodeId id) {
    if (!r_.allow()) return {};
    SDX_TRY(const NodeId made, copy_in_float(id));
    if (made == kNone) {
      r_.note(cat(r_.origin(id), " stays in half precision: its results in float would have other extents"));
      return {};
    }
    const ValueIds before = g_.node(id).outputs, after = g_.node(made).outputs;
    for (size_t o = 0; o < after.size(); ++o) {
      if (before[o] == kNone) continue;
      ValueId result = after[o];
      if (is_half(g_, before[o])) {
        SDX_TRY(result, cast(after[o], g_.fact(before[o]).dtype(), g_.value(before[o]).name));
        float_of_.emplace(result, after[o]);
      }
      r_.replace(before[o], result);
    }
    r_.erase_if_unused(id);
    return {};
  }

  Rewriter& r_;
  Graph& g_;
  std::unordered_map<ValueId, ValueId> float_of_;         // halves that are at hand in float
  std::unordered_map<ValueId, ValueId> float_constants_;  // they do not make anyone follow
  std::vector<NodeId> casts_;
};

}  // namespace

Status pass_widen_half(Rewriter& r) {
  const Graph& g = r.graph();
  for (NodeId id = 0; id < static_cast<NodeId>(g.node_count()); ++id) {
    if (g.node(id).dead) continue;
    for (ValueId v : g.node(id).inputs)
      if (v != kNone && is_half(g, v)) return Widening(r).run();
  }
  return {};
}

}  // namespace sardonyx
