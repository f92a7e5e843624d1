// Scan: runs its body once per element of its scanned inputs' axes. Scanned axes other than the first are brought to
// the front once, before the first iteration; stacked outputs go to their axis once, after the last.
#include "cpu/common/axis.h"
#include "cpu/common/element.h"
#include "cpu/common/give.h"
#include "cpu/common/mover.h"
#include "cpu/control/stacker.h"

namespace sardonyx {
namespace {

using Body = std::shared_ptr<const BodyRunner>;

// The tensor with axis `from` moved to place `to`.
Result<Tensor> move_axis(const Tensor& t, int from, int to) {
  if (from == to) return t;
  const Extents strides = dense_strides(t.dims());
  Extents dims = t.dims(), src = strides;
  dims.erase(static_cast<size_t>(from));
  src.erase(static_cast<size_t>(from));
  dims.insert(static_cast<size_t>(to), t.dims()[static_cast<size_t>(from)]);
  src.insert(static_cast<size_t>(to), strides[static_cast<size_t>(from)]);
  SDX_TRY(Tensor moved, Tensor::make(t.dtype(), dims));
  Mover m;
  SDX_RETURN_IF_ERROR(plan_mover(m, t.dtype(), dims, src, dense_strides(dims)));
  run_mover(m, t.data(), moved.data());
  return moved;
}

class Scan final : public Kernel {
 public:
  Scan(const KernelQuery& q, Body body)
      : body_(std::move(body)),
        captures_(q.node().captures),
        scanned_(static_cast<size_t>(q.attr_int("num_scan_inputs"))),
        states_(static_cast<size_t>(q.inputs()) - scanned_),
        in_axes_(q.attr_ints("scan_input_axes")),
        in_backward_(q.attr_ints("scan_input_directions")),
        out_axes_(q.attr_ints("scan_output_axes")),
        out_backward_(q.attr_ints("scan_output_directions")) {
    const Graph& g = *q.node().bodies[0];
    for (ValueId v : g.outputs) {
      Fact f = g.fact(v);
      f.constant = Tensor();
      results_.push_back(std::move(f));
    }
    in_axes_.resize(scanned_, 0);
    in_backward_.resize(scanned_, 0);
    out_axes_.resize(results_.size() - states_, 0);
    out_backward_.resize(results_.size() - states_, 0);
  }

  Status run(RunCtx& c) const override {
    SDX_TRY(State s, start(c));
    for (int64_t t = 0; t < s.length; ++t) {
      for (size_t j = 0; j < scanned_; ++j) {
        SDX_TRY(s.in[states_ + j], slice_of(s.scanned[j], in_backward_[j] ? s.length - 1 - t : t));
      }
      for (size_t k = 0; k < s.stacks.size(); ++k)
        if (c.wants(output_of(k))) s.out[states_ + k] = s.stacks[k].place(place_of(s, k, t));
      SDX_RETURN_IF_ERROR(body_->run(s.in, s.out, c));
      for (size_t k = 0; k < s.stacks.size(); ++k)
        if (c.wants(output_of(k))) SDX_RETURN_IF_ERROR(s.stacks[k].take(place_of(s, k, t), s.out[states_ + k]));
      for (size_t k = 0; k < states_; ++k) carry(s.in[k], s.out[k], t > 0 && has_fixed_extents(results_[k]));
    }
    return finish(c, s);
  }

 private:
  struct State {
    int64_t length = 0;
    std::vector<Tensor> scanned;
    std::vector<Value> in, out;
    std::vector<Stacker> stacks;
  };

  int output_of(size_t stack) const { return static_cast<int>(states_ + stack); }
  int64_t place_of(const State& s, size_t stack, int64_t t) const {
    return out_backward_[stack] ? s.length - 1 - t : t;
  }

  Result<State> start(RunCtx& c) const {
    State s;
    for (size_t j = 0; j < scanned_; ++j) {
      const Value v = c.value(static_cast<int>(states_ + j));
      const int axis = wrap_axis(in_axes_[j], v.tensor().rank());
      const int64_t length = v.tensor().dims()[static_cast<size_t>(axis)];
      if (j > 0 && length != s.length)
        return fail(Code::kShape, "scan input ", j, " has ", length, " elements on axis ", axis, ", the first one has ",
                    s.length);
      s.length = length;
      SDX_TRY(Tensor moved, move_axis(v.tensor(), axis, 0));
      s.scanned.push_back(std::move(moved));
    }
    for (size_t k = 0; k < states_; ++k) s.in.push_back(c.value(static_cast<int>(k)));
    s.in.resize(states_ + scanned_);
    for (int i = c.inputs() - captures_; i < c.inputs(); ++i) s.in.push_back(c.value(i));
    s.out.resize(results_.size());
    for (size_t k = 0; k < results_.size() - states_; ++k) {
      Stacker& stack = s.stacks.emplace_back(results_[states_ + k], s.length);
      const int o = output_of(k);
      if (!c.wants(o) || c.out(o) == nullptr || c.out_dims(o).empty()) continue;
      if (wrap_axis(out_axes_[k], static_cast<int>(c.out_dims(o).size())) != 0) continue;
      stack.use(c.out(o), std::span<const int64_t>(c.out_dims(o)).subspan(1));
    }
    return s;
  }

  Status finish(RunCtx& c, State& s) const {
    for (size_t k = 0; k < states_; ++k) {
      if (s.length == 0) {
        SDX_TRY(s.in[k], c.owned(static_cast<int>(k)));
      }
      SDX_RETURN_IF_ERROR(give(c, static_cast<int>(k), std::move(s.in[k])));
    }
    for (size_t k = 0; k < s.stacks.size(); ++k) {
      if (!c.wants(output_of(k))) continue;
      SDX_TRY(Tensor all, s.stacks[k].finish(s.length));
      SDX_TRY(all, move_axis(all, 0, wrap_axis(out_axes_[k], all.rank())));
      SDX_RETURN_IF_ERROR(give(c, output_of(k), Value(std::move(all))));
    }
    return {};
  }

  Body body_;
  int captures_;
  size_t scanned_, states_;
  std::vector<int64_t> in_axes_, in_backward_, out_axes_, out_backward_;
  std::vector<Fact> results_;  // of the body: states, values to stack
};

Result<KernelPtr> make(const KernelQuery& q) {
  SDX_TRY(Body body, q.body(0));
  return KernelPtr(new Scan(q, std::move(body)));
}

}  // namespace

SDX_KERNEL(cpu, Scan, any) = {.make = make};

}  // namespace sardonyx
