#include "robust/small_models.h"

#include <cstdio>
#include <cstdlib>

#include "ir/text_reader.h"
#include "onnx/model_writer.h"
#include "ops/table.h"

namespace sardonyx::testing {
namespace {

// Inputs whose names begin with w become constants.
struct Text {
  const char* name;
  bool steady;
  const char* graph;
};

constexpr Text kTexts[] = {
    {"conv", true,
     "(float[2,3,16,16] x, float[8,3,3,3] w, float[8] wb, float[8,1,3,3] wd, float[4,8,1,1] wp) => (y) {"
     " a = Conv<pads=[1,1,1,1], strides=[2,2]>(x, w, wb) b = Relu(a) c = Conv<pads=[1,1,1,1], group=8>(b, wd)"
     " d = HardSwish(c) e = MaxPool<kernel_shape=[2,2], strides=[2,2]>(d) f = Conv(e, wp) y = GlobalAveragePool(f) }"},
    {"mlp", true,
     "(float[5,32] x, float[32,64] w1, float[64] wb, float[64,8] w2, float[64] ws, float[64] wt) => (y) {"
     " a = Gemm(x, w1, wb) b = LayerNormalization(a, ws, wt) c = Gelu(b) d = MatMul(c, w2) y = Softmax(d) }"},
    {"attention", true,
     "(float[1,6,16] x, float[16,16] wq, float[16,16] wk, float[16,16] wv) => (y) {"
     " q = MatMul(x, wq) k = MatMul(x, wk) v = MatMul(x, wv)"
     " y = Attention<q_num_heads=4, kv_num_heads=4, is_causal=1>(q, k, v) }"},
    {"lstm", true,
     "(float[7,2,4] x, float[1,32,4] w, float[1,32,8] wr, float[1,64] wb) => (y, h) {"
     " y, h = LSTM<hidden_size=8>(x, w, wr, wb) }"},
    {"gru", true,
     "(float[7,2,4] x, float[2,24,4] w, float[2,24,8] wr) => (h) {"
     " , h = GRU<hidden_size=8, direction=\"bidirectional\">(x, w, wr) }"},
    {"int8", true,
     "(uint8[1,3,8,8] x, int8[4,3,3,3] w, int8[64,5] wm, uint8 wx, int8 ww, uint8 wy) => (y) {"
     " a = QLinearConv<pads=[1,1,1,1], strides=[2,2]>(x, 0.05, wx, w, 0.02, ww, 0.1, wy)"
     " b = Reshape(a, [1,64]) c = MatMulInteger(b, wm, wy, ww) y = Cast<to=1>(c) }"},
    {"movement", true,
     "(float[3,4,5] x, int64[2] w) => (y, z) {"
     " a = Transpose<perm=[2,0,1]>(x) b = Slice(a, [1], [5], [0], [2]) c = Concat<axis=0>(b, b) d = Pad(c, "
     "[0,1,0,1,0,0])"
     " y = Gather<axis=1>(d, [0, 2]) e, f = TopK(x, [2]) z = ReduceMean(e, [0, 2]) }"},
    {"if", false,
     "(bool c, float[4,4] x, float[4,4] w) => (y) {"
     " y = If<then_branch = a () => (t) { t = MatMul(x, w) }, else_branch = b () => (e) { e = Mul(x, 3.0) }>(c) }"},
    {"loop", false,
     "(int64 n, float[4] x) => (y, z) {"
     " t = Constant<value = bool {true}>()"
     " y, z = Loop<body = b (int64 i, bool c, float[4] a) => (d, e, s) { d = Identity(c) e = Add(a, x) s = Mul(e, 2.0) "
     "}>(n, t, x) }"},
    {"scan", false,
     "(float[5,3] x, float[3] s) => (y, z) {"
     " y, z = Scan<num_scan_inputs=1, body = b (float[3] a, float[3] v) => (r, o) { r = Add(a, v) o = Mul(r, v) }>(s, "
     "x) }"},
    {"sequence", false,
     "(float[4,2] x) => (y, n) { s = SplitToSequence<axis=0>(x, 1) t = SequenceInsert(s, x, 0) y = SequenceAt(t, 2) n "
     "= SequenceLength(t) }"},
    {"strings", false, "(string[3] x) => (y) { y = StringConcat(x, x) }"},
    {"regex", false, "(string[3] x) => (y) { y = RegexFullMatch<pattern=\"a.*\">(x) }"},
    {"non_zero", false,
     "(float[3,4] x) => (y, z) { a = NonZero(x) b = Transpose(a) y = GatherND(x, b) z = Cast<to=7>(b) }"},
    {"nms", false, "(float[1,6,4] b, float[1,2,6] s) => (y) { y = NonMaxSuppression(b, s, 3, 0.5, 0.1) }"},
};

// Small numbers of both signs, the same each time.
Tensor fill(Tensor t, uint32_t seed) {
  const auto next = [&] { return static_cast<int>((seed = seed * 1664525u + 1013904223u) >> 16) % 17 - 8; };
  for (int64_t i = 0; i < t.count(); ++i) {
    switch (t.dtype()) {
      case DType::kF32: t.as<float>()[i] = static_cast<float>(next()) / 8; break;
      case DType::kI64: t.as<int64_t>()[i] = 3; break;
      case DType::kBool: t.as<bool>()[i] = true; break;
      case DType::kString:
        t.strings()[static_cast<size_t>(i)] = "a string too long to lie inside its object " + std::to_string(next());
        break;
      default: t.as<int8_t>()[i] = static_cast<int8_t>(next()); break;
    }
  }
  return t;
}

Result<SmallModel> make(const Text& text) {
  SDX_TRY(std::unique_ptr<Graph> g, parse_graph(text.graph, ops()));
  SmallModel m{text.name, {}, {}, text.steady};
  std::vector<ValueId> kept;
  for (ValueId v : g->inputs) {
    const Fact f = g->fact(v);
    Extents dims;
    for (Dim d : f.shape) dims.push_back(d.value());
    SDX_TRY(Tensor t, Tensor::make(f.dtype(), dims));
    t = fill(std::move(t), static_cast<uint32_t>(v) + 1);
    if (g->value(v).name[0] != 'w') {
      kept.push_back(v);
      m.inputs.emplace_back(std::move(t));
      continue;
    }
    g->replace_uses(v, g->add_constant(std::move(t), g->value(v).name + "_weights"));
  }
  g->inputs = kept;
  SDX_TRY(SavedModel saved, write_model(*g));
  m.bytes = std::move(saved.bytes);
  return m;
}

}  // namespace

const std::vector<SmallModel>& small_models() {
  static const std::vector<SmallModel> all = [] {
    std::vector<SmallModel> made;
    for (const Text& text : kTexts) {
      auto m = make(text);
      if (!m.ok()) {
        std::fprintf(stderr, "%s: %s\n", text.name, m.status().to_string().c_str());
        std::abort();
      }
      made.push_back(std::move(*m));
    }
    return made;
  }();
  return all;
}

const SmallModel& small_model(std::string_view name) {
  for (const SmallModel& m : small_models())
    if (m.name == name) return m;
  std::abort();
}

}  // namespace sardonyx::testing
