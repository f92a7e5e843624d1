#include "pass/quantised.h"

#include <cmath>
#include <limits>

#include "simd/cast.h"

namespace sardonyx {

namespace {

bool is_byte(DType t) { return t == DType::kU8 || t == DType::kI8; }
bool zero_or_absent(const Node& n, std::string_view attr) {
  const Attr* a = n.find_attr(attr);
  return a == nullptr || a->i == 0;
}
ValueId input(const Node& n, size_t i) { return i < n.inputs.size() ? n.inputs[i] : kNone; }

Quantised parameters_of(const Node& n, NodeId id) {
  Quantised v;
  const Attr* axis = n.find_attr("axis");
  v.scale = n.inputs[1], v.zero = input(n, 2), v.axis = axis ? axis->i : 1, v.node = id, v.result = n.outputs[0];
  return v;
}

bool one_element(const Fact& f) { return f.has_rank && (f.shape.empty() || (f.shape.size() == 1 && f.shape[0].is(1))); }

// Signed zero points compare as bytes: only equality matters.
bool equal_constants(Rewriter& r, ValueId a, ValueId b) {
  if (a == b) return true;
  const auto x = r.scalar(a), y = r.scalar(b);
  return x && y && *x == *y;
}

Result<ValueId> int32_bias(Rewriter& r, const ProductDraft& d) {
  const auto sx = numbers(r, d.x.scale), sw = numbers(r, d.w.scale);
  if (!sx || !sw) return kNone;
  const int64_t n = static_cast<int64_t>(d.bias->size());
  SDX_TRY(Tensor t, Tensor::make(DType::kI32, std::span(&n, 1)));
  for (int64_t i = 0; i < n; ++i) {
    const float scale =
        static_cast<float>((*sx)[0]) * static_cast<float>((*sw)[sw->size() == 1 ? 0 : static_cast<size_t>(i)]);
    const double q = std::nearbyint((*d.bias)[static_cast<size_t>(i)] / static_cast<double>(scale));
    if (!(std::fabs(q) <= static_cast<double>(std::numeric_limits<int32_t>::max() / 2))) return kNone;
    t.as<int32_t>()[i] = static_cast<int32_t>(q);
  }
  return r.graph().add_constant(std::move(t));
}

Result<ValueId> float_bias(Rewriter& r, const std::vector<double>& bias) {
  const int64_t n = static_cast<int64_t>(bias.size());
  SDX_TRY(Tensor t, Tensor::make(DType::kF32, std::span(&n, 1)));
  for (int64_t i = 0; i < n; ++i) t.as<float>()[i] = static_cast<float>(bias[static_cast<size_t>(i)]);
  return r.graph().add_constant(std::move(t));
}

}  // namespace

std::optional<Quantised> dequantised(Rewriter& r, ValueId v) {
  const Graph& g = r.graph();
  const NodeId id = v == kNone ? kNone : r.producer_id(v);
  if (!r.is(id, "DequantizeLinear")) return std::nullopt;
  const Node& n = g.node(id);
  if (!is_byte(g.fact(n.inputs[0]).dtype()) || g.fact(n.inputs[1]).dtype() != DType::kF32 ||
      g.fact(v).dtype() != DType::kF32 || !zero_or_absent(n, "block_size"))
    return std::nullopt;
  Quantised q = parameters_of(n, id);
  q.q = n.inputs[0];
  return q;
}

std::optional<Quantised> quantised_after(Rewriter& r, ValueId v) {
  const Graph& g = r.graph();
  if (!r.single_use(v)) return std::nullopt;
  const NodeId id = g.value(v).users[0];
  if (!r.is(id, "QuantizeLinear") || g.node(id).inputs[0] != v) return std::nullopt;
  const Node& n = g.node(id);
  Quantised q = parameters_of(n, id);
  q.q = n.outputs[0];
  if (!is_byte(g.fact(q.q).dtype()) || g.fact(v).dtype() != DType::kF32 || g.fact(q.scale).dtype() != DType::kF32 ||
      !zero_or_absent(n, "block_size") || !zero_or_absent(n, "precision") || !per_tensor(r, q))
    return std::nullopt;
  return q;
}

bool per_tensor(Rewriter& r, const Quantised& v) { return one_element(r.graph().fact(v.scale)); }

bool per_axis(Rewriter& r, const Quantised& v, int64_t axis) {
  if (per_tensor(r, v)) return true;
  const Fact& q = r.graph().fact(v.q);
  if (!q.has_rank || r.rank(v.scale) != 1) return false;
  const int64_t rank = static_cast<int64_t>(q.shape.size());
  return (v.axis < 0 ? v.axis + rank : v.axis) == axis;
}

bool same_parameters(Rewriter& r, const Quantised& a, const Quantised& b) {
  if (r.graph().fact(a.q).dtype() != r.graph().fact(b.q).dtype() || !equal_constants(r, a.scale, b.scale)) return false;
  const bool a_zero = a.zero == kNone || r.scalar(a.zero) == std::optional(0.0);
  const bool b_zero = b.zero == kNone || r.scalar(b.zero) == std::optional(0.0);
  if (a_zero && b_zero) return true;
  return a.zero != kNone && b.zero != kNone && equal_constants(r, a.zero, b.zero);
}

ValueId zero_of(Rewriter& r, const Quantised& v, DType type) {
  if (v.zero != kNone) return v.zero;
  Tensor t = *Tensor::make(type, {});
  *t.as<uint8_t>() = 0;
  return r.graph().add_constant(std::move(t));
}

std::optional<std::vector<double>> numbers(Rewriter& r, ValueId v) {
  const Tensor* t = v == kNone ? nullptr : r.constant(v);
  if (t == nullptr || t->count() == 0) return std::nullopt;
  const simd::CastFn cast = simd::cast(t->dtype(), DType::kF64);
  if (cast == nullptr) return std::nullopt;
  std::vector<double> out(static_cast<size_t>(t->count()));
  cast(t->data(), out.data(), t->count(), {});
  return out;
}

std::optional<std::vector<double>> column_numbers(Rewriter& r, ValueId v, int64_t count) {
  auto repeated = [count](std::vector<double> list) -> std::optional<std::vector<double>> {
    if (list.size() == 1) list.resize(static_cast<size_t>(count), list[0]);
    if (static_cast<int64_t>(list.size()) != count) return std::nullopt;
    return list;
  };
  if (r.constant(v)) {
    auto list = numbers(r, v);
    return list ? repeated(std::move(*list)) : std::nullopt;
  }
  const NodeId id = r.producer_id(v);
  if (!r.is(id, "DequantizeLinear")) return std::nullopt;
  const Node& n = r.graph().node(id);
  const auto q = numbers(r, n.inputs[0]), scale = numbers(r, n.inputs[1]);
  if (!q || !scale || !zero_or_absent(n, "block_size")) return std::nullopt;
  std::vector<double> zero{0};
  if (input(n, 2) != kNone) {
    auto z = numbers(r, n.inputs[2]);
    if (!z) return std::nullopt;
    zero = std::move(*z);
  }
  if ((scale->size() != 1 && scale->size() != q->size()) || (zero.size() != 1 && zero.size() != q->size()))
    return std::nullopt;
  std::vector<double> out;
  for (size_t i = 0; i < q->size(); ++i)
    out.push_back(((*q)[i] - zero[zero.size() == 1 ? 0 : i]) * (*scale)[scale->size() == 1 ? 0 : i]);
  return repeated(std::move(out));
}

Result<bool> emit_product(Rewriter& r, const ProductDraft& d, std::string name) {
  Graph& g = r.graph();
  ValueId bias = kNone;
  if (d.bias) {
    SDX_TRY(bias, d.y ? int32_bias(r, d) : float_bias(r, *d.bias));
    if (bias == kNone) return false;
  }
  if (!r.allow()) return false;
  ValueIds in{d.x.q,
              d.x.scale,
              zero_of(r, d.x, g.fact(d.x.q).dtype()),
              d.w.q,
              d.w.scale,
              zero_of(r, d.w, g.fact(d.w.q).dtype()),
              d.y ? d.y->scale : kNone,
              d.y ? zero_of(r, *d.y, g.fact(d.y->q).dtype()) : kNone,
              bias};
  while (in.back() == kNone) in.pop_back();
  SDX_TRY(const ValueId y, r.add("ai.sardonyx", d.op, in, with_activation(d.attrs, d.act), std::move(name)));
  const NodeId last = g.value(d.result).producer;
  r.replace(d.result, y);
  r.erase_if_unused(last);
  return true;
}

Result<Tensor> table_of(Rewriter& r, std::span<const NodeId> nodes, DType type, int rank) {
  Extents dims(static_cast<size_t>(std::max(1, rank)), 1);
  dims.back() = 256;
  SDX_TRY(Tensor every, Tensor::make(type, dims));
  for (int i = 0; i < 256; ++i) every.as<uint8_t>()[i] = static_cast<uint8_t>(i);
  Value v(every);
  const Graph& g = r.graph();
  for (size_t k = 0; k < nodes.size(); ++k) {
    const Node& n = g.node(nodes[k]);
    std::vector<Value> in;
    for (size_t i = 0; i < n.inputs.size(); ++i) {
      const ValueId x = n.inputs[i];
      const bool chained = k == 0 ? i == 0 : x != kNone && r.producer_id(x) == nodes[k - 1];
      if (!chained && x != kNone && !g.is_constant(x)) return Tensor();
      in.push_back(chained ? v : x == kNone ? Value() : Value(g.fact(x).constant));
    }
    auto out = r.eval()(g, nodes[k], in);
    if (!out.ok() || !(*out)[0].is_tensor() || (*out)[0].tensor().count() != 256) return Tensor();
    v = (*out)[0];
  }
  const int64_t count = 256;
  return v.tensor().reshaped(std::span(&count, 1));
}

}  // namespace sardonyx
