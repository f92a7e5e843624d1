// RNN, LSTM and GRU in f32: the input's part of all gates is one matrix product over the whole sequence; each step adds
// the state's part.
#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "cpu/common/axis.h"
#include "cpu/nn/recurrent_cell.h"
#include "cpu/nn/recurrent_weights.h"
#include "simd/gemm.h"

namespace sardonyx {
namespace {

using Cell = RecurrentCell;
constexpr int activations_of(Cell c) { return c == Cell::kRnn ? 1 : c == Cell::kLstm ? 3 : 2; }

struct Work {
  int64_t time, batch, input, hidden, directions;
  size_t direction_bytes;                                    // of scratch, for each direction
  size_t gates, bias, step, state, cell, spare, w, r, gemm;  // offsets within it
  RecurrentSizes packed;                                     // weights of one direction
};

class Recurrent final : public Kernel {
 public:
  Recurrent(const KernelQuery& q, Cell cell, std::vector<CellRule> rules, RecurrentWeights packed)
      : cell_(cell),
        rules_(std::move(rules)),
        packed_(std::move(packed)),
        layout_(q.op().find_attr("layout") ? q.attr_int("layout") : 0),
        reverse_(q.attr_string("direction") == "reverse"),
        linear_before_reset_(cell == Cell::kGru && q.attr_int("linear_before_reset") != 0) {}

  Status prepare(PrepareCtx& c) const override {
    Work& w = c.work<Work>();
    const Extents& x = c.in_dims(0);
    w.time = x[layout_ ? 1 : 0], w.batch = x[layout_ ? 0 : 1], w.input = x[2];
    w.directions = c.in_dims(2)[0], w.hidden = c.in_dims(2)[2];
    const int64_t g = gate_count(cell_) * w.hidden;
    size_t at = 0;
    const auto book = [&at](size_t bytes) {
      const size_t here = at;
      at += round_up(bytes, kAlignment);
      return here;
    };
    const auto floats = [&](int64_t n) { return book(static_cast<size_t>(n) * 4); };
    w.gates = floats(w.time * w.batch * g), w.bias = floats(2 * g), w.step = floats(w.batch * g);
    w.state = floats(w.batch * w.hidden), w.cell = floats(w.batch * w.hidden),
    w.spare = floats(w.batch * w.hidden + w.hidden);
    w.packed = recurrent_sizes(cell_, w.input, w.hidden);
    w.w = book(packed_.input ? 0 : w.packed.input);
    w.r = book(packed_.recurrent ? 0 : w.packed.recurrent);
    simd::GemmArgs whole = gemm_args(w.time * w.batch, g, w.input), step = gemm_args(w.batch, g, w.hidden);
    w.gemm = book(std::max(simd::gemm_scratch_bytes(table_, whole), simd::gemm_scratch_bytes(table_, step)));
    w.direction_bytes = at;
    c.scratch(at * static_cast<size_t>(w.directions));
    c.tasks(w.directions, 1e9);
    return {};
  }

  Status run(RunCtx& c) const override {
    const Work& w = c.work<Work>();
    const int32_t* lengths = c.in<int32_t>(4);
    for (int64_t b = 0; lengths && b < w.batch; ++b)
      if (lengths[b] < 0 || lengths[b] > w.time)
        return fail(Code::kRange, "sequence_lens[", b, "] is ", lengths[b], ", outside [0,", w.time, "]");
    if (float* y = c.out<float>(0)) std::fill(y, y + c.out_count(0), 0.0f);
    c.parallel([&](Range r, int) {
      for (int64_t d = r.begin; d < r.end; ++d) run_direction(c, w, d, lengths);
    });
    return {};
  }

  static simd::GemmArgs gemm_args(int64_t m, int64_t n, int64_t k) {
    simd::GemmArgs g;
    g.m = m, g.n = n, g.k = k, g.lda = k, g.ldc = n;
    static const float nothing = 0;
    g.packed_b = &nothing;  // sizes only
    return g;
  }
  void product(const simd::GemmArgs& g, std::byte* scratch) const {
    simd::gemm_run(table_, g, 0, simd::gemm_tasks(table_, g), scratch);
  }

  struct Direction {
    const Work& w;
    int64_t d;
    bool backward;
    std::byte* base;
    const int32_t* lengths;
    float *gates = nullptr, *bias = nullptr, *step = nullptr, *h = nullptr, *cell = nullptr, *spare = nullptr;
    const float *packed_w = nullptr, *packed_r = nullptr, *packed_r2 = nullptr, *peepholes = nullptr;
  };

  int64_t row_of(const Work& w, int64_t t, int64_t b) const { return layout_ ? b * w.time + t : t * w.batch + b; }
  int64_t state_at(const Work& w, int64_t d, int64_t b) const {
    return (layout_ ? b * w.directions + d : d * w.batch + b) * w.hidden;
  }

  void run_direction(RunCtx& c, const Work& w, int64_t d, const int32_t* lengths) const {
    Direction x{w, d, reverse_ || d == 1, c.scratch() + static_cast<size_t>(d) * w.direction_bytes, lengths};
    const auto at = [&](size_t offset) { return reinterpret_cast<float*>(x.base + offset); };
    x.gates = at(w.gates), x.bias = at(w.bias), x.step = at(w.step), x.h = at(w.state), x.cell = at(w.cell),
    x.spare = at(w.spare);
    const int64_t g = gate_count(cell_) * w.hidden;
    weights(c, x, g);
    x.peepholes = cell_ == Cell::kLstm && c.has(7) ? c.in<float>(7) + d * 3 * w.hidden : nullptr;
    set_bias(c, x, g);
    initial(c, x, 5, x.h);
    if (cell_ == Cell::kLstm) initial(c, x, 6, x.cell);
    simd::GemmArgs all = gemm_args(w.time * w.batch, g, w.input);
    all.a = c.in<float>(0), all.packed_b = x.packed_w, all.c = x.gates, all.ep.col_bias = x.bias;
    if (w.time * w.batch > 0) product(all, x.base + w.gemm);
    for (int64_t s = 0; s < w.time; ++s) step(c, x, s, g);
    last(c, x, 1, x.h);
    if (cell_ == Cell::kLstm) last(c, x, 2, x.cell);
  }

  void weights(RunCtx& c, Direction& x, int64_t g) const {
    const Work& w = x.w;
    const size_t d = static_cast<size_t>(x.d);
    const std::byte *input = x.base + w.w, *recurrent = x.base + w.r;
    if (packed_.input)
      input = static_cast<std::byte*>(packed_.input->data()) + d * w.packed.input;
    else
      pack_input_weights(cell_, w.input, w.hidden, c.in<float>(1) + x.d * g * w.input, x.base + w.w);
    if (packed_.recurrent)
      recurrent = static_cast<std::byte*>(packed_.recurrent->data()) + d * w.packed.recurrent;
    else
      pack_recurrent_weights(cell_, w.hidden, c.in<float>(2) + x.d * g * w.hidden, x.base + w.r);
    x.packed_w = reinterpret_cast<const float*>(input);
    x.packed_r = reinterpret_cast<const float*>(recurrent);
    x.packed_r2 = reinterpret_cast<const float*>(recurrent + w.packed.candidate);
  }
  // The sum of both biases; GRU with linear_before_reset adds the candidate's recurrent bias later (kept behind the
  // first g).
  void set_bias(RunCtx& c, Direction& x, int64_t g) const {
    std::fill(x.bias, x.bias + 2 * g, 0.0f);
    if (!c.has(3)) return;
    const float* b = c.in<float>(3) + x.d * 2 * g;
    for (int64_t k = 0; k < g; ++k) {
      const bool later = linear_before_reset_ && k >= 2 * x.w.hidden;
      x.bias[k] = b[k] + (later ? 0 : b[g + k]);
      x.bias[g + k] = b[g + k];
    }
  }
  void initial(RunCtx& c, Direction& x, int input, float* state) const {
    const Work& w = x.w;
    for (int64_t b = 0; b < w.batch; ++b) {
      float* to = state + b * w.hidden;
      if (!c.has(input))
        std::fill(to, to + w.hidden, 0.0f);
      else
        std::memcpy(to, c.in<float>(input) + state_at(w, x.d, b), static_cast<size_t>(w.hidden) * 4);
    }
  }
  void last(RunCtx& c, Direction& x, int output, const float* state) const {
    float* y = c.out<float>(output);
    for (int64_t b = 0; y && b < x.w.batch; ++b)
      std::memcpy(y + state_at(x.w, x.d, b), state + b * x.w.hidden, static_cast<size_t>(x.w.hidden) * 4);
  }

  void step(RunCtx& c, Direction& x, int64_t s, int64_t g) const {
    const Work& w = x.w;
    const int64_t n = w.hidden;
    const auto time_of = [&](int64_t b) {
      const int64_t length = x.lengths ? x.lengths[b] : w.time;
      return x.backward ? length - 1 - s : s;
    };
    const auto active = [&](int64_t b) { return x.lengths == nullptr || s < x.lengths[b]; };
    for (int64_t b = 0; b < w.batch; ++b) {
      if (active(b))
        std::memcpy(x.step + b * g, x.gates + row_of(w, time_of(b), b) * g, static_cast<size_t>(g) * 4);
      else
        std::fill(x.step + b * g, x.step + (b + 1) * g, 0.0f);
    }
    const int64_t first = cell_ == Cell::kGru ? 2 * n : g;
    simd::GemmArgs r = gemm_args(w.batch, first, n);
    r.a = x.h, r.packed_b = x.packed_r, r.c = x.step, r.ldc = g, r.ep.residual = x.step, r.ep.residual_ld = g;
    product(r, x.base + w.gemm);
    if (cell_ == Cell::kGru) gru_step(x, g, active);
    for (int64_t b = 0; b < w.batch; ++b) {
      if (!active(b)) continue;
      float *gates = x.step + b * g, *h = x.h + b * n;
      const CellRule& rule = rules_[static_cast<size_t>(x.d)];
      if (cell_ == Cell::kLstm)
        lstm_cell(rule, gates, x.peepholes, h, x.cell + b * n, x.spare);
      else if (cell_ == Cell::kRnn)
        rnn_cell(rule, gates, h);
      else
        gru_finish(rule, gates, gates + 2 * n, h);
      if (float* y = c.out<float>(0)) {
        const int64_t t = time_of(b);
        float* to = y + (layout_ ? (b * w.time + t) * w.directions + x.d : (t * w.directions + x.d) * w.batch + b) * n;
        std::memcpy(to, h, static_cast<size_t>(n) * 4);
      }
    }
  }
  template <class Active>
  void gru_step(Direction& x, int64_t g, Active&& active) const {
    const Work& w = x.w;
    const int64_t n = w.hidden;
    const CellRule& rule = rules_[static_cast<size_t>(x.d)];
    for (int64_t b = 0; b < w.batch; ++b)
      if (active(b)) gru_gates(rule, x.step + b * g);
    simd::GemmArgs r = gemm_args(w.batch, n, n);
    r.packed_b = x.packed_r2;
    if (linear_before_reset_) {
      r.a = x.h, r.c = x.spare, r.ep.col_bias = x.bias + g + 2 * n;
      product(r, x.base + w.gemm);
      for (int64_t b = 0; b < w.batch; ++b)
        for (int64_t k = 0; k < n; ++k) x.step[b * g + 2 * n + k] += x.step[b * g + n + k] * x.spare[b * n + k];
      return;
    }
    for (int64_t b = 0; b < w.batch; ++b)
      for (int64_t k = 0; k < n; ++k) x.spare[b * n + k] = x.step[b * g + n + k] * x.h[b * n + k];
    r.a = x.spare, r.c = x.step + 2 * n, r.ldc = g, r.ep.residual = r.c, r.ep.residual_ld = g;
    product(r, x.base + w.gemm);
  }

  Cell cell_;
  std::vector<CellRule> rules_;
  RecurrentWeights packed_;
  int64_t layout_;
  bool reverse_, linear_before_reset_;
  const simd::GemmTable& table_ = simd::gemm();
};

// The rule of each direction; an empty list if an activation is unknown.
std::vector<CellRule> rules_of(const KernelQuery& q, Cell cell) {
  const std::vector<std::string>* names = q.attr("activations") ? &q.attr("activations")->strings : nullptr;
  const std::vector<float> alpha = q.attr_floats("activation_alpha"), beta = q.attr_floats("activation_beta");
  const int directions = q.attr_string("direction") == "bidirectional" ? 2 : 1, each = activations_of(cell);
  std::vector<CellRule> rules;
  for (int d = 0; d < directions; ++d) {
    CellRule r;
    r.clip = q.attr_float("clip");
    r.input_forget = cell == Cell::kLstm && q.attr_int("input_forget") != 0;
    for (int k = 0; k < each; ++k) {
      const size_t i = static_cast<size_t>(d * each + k);
      std::string name = k == 0 && cell != Cell::kRnn ? "Sigmoid" : "Tanh";
      if (names && !names->empty()) name = i < names->size() ? (*names)[i] : "";
      CellActivation a;
      if (!find_cell_activation(name, i < alpha.size() ? &alpha[i] : nullptr, i < beta.size() ? &beta[i] : nullptr, a))
        return {};
      r.activations.push_back(a);
    }
    rules.push_back(std::move(r));
  }
  return rules;
}

template <Cell kCell>
Reason refuse(const KernelQuery& q) {
  if (q.dtype(0) != DType::kF32) return "f32 only";
  return rules_of(q, kCell).empty() ? Reason("an activation has a name that the operator does not know") : kAccept;
}

template <Cell kCell>
Result<KernelPtr> make(const KernelQuery& q) {
  std::vector<CellRule> rules = rules_of(q, kCell);
  const Tensor *w = q.constant(1), *r = q.constant(2);
  const int64_t hidden = r ? r->dims()[2] : q.attr_int("hidden_size");
  if (hidden == 0 && (w == nullptr || r == nullptr))
    return fail(Code::kAttr, "hidden_size is missing and the recurrent weights are not constant");
  for (CellRule& rule : rules) rule.hidden = hidden;
  SDX_TRY(RecurrentWeights packed, pack_constant_weights(q, kCell));
  return KernelPtr(new Recurrent(q, kCell, std::move(rules), std::move(packed)));
}

}  // namespace

SDX_KERNEL(cpu, RNN, f32) = {.priority = 10, .refuse = refuse<Cell::kRnn>, .make = make<Cell::kRnn>};
SDX_KERNEL(cpu, LSTM, f32) = {.priority = 10, .refuse = refuse<Cell::kLstm>, .make = make<Cell::kLstm>};
SDX_KERNEL(cpu, GRU, f32) = {.priority = 10, .refuse = refuse<Cell::kGru>, .make = make<Cell::kGru>};

}  // namespace sardonyx
