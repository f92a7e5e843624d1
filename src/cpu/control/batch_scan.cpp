// BatchScan (Scan as opset 8 had it): runs its body for every sample of a batch and every step of the sample's length.
#include "cpu/common/element.h"
#include "cpu/common/give.h"
#include "cpu/control/stacker.h"

namespace sardonyx {
namespace {

using Body = std::shared_ptr<const BodyRunner>;

// The first `n` of `steps` elements of the first axis, and zeros.
Result<Tensor> padded(const Tensor& t, int64_t n, int64_t steps) {
  if (n == steps) return t;
  Extents dims = t.dims();
  dims[0] = steps;
  SDX_TRY(Tensor out, Tensor::make(t.dtype(), dims));
  const int64_t used = t.count();
  copy_elements(t.dtype(), t.data(), 0, out.data(), 0, used);
  zero_elements(t.dtype(), out.data(), used, out.count() - used);
  return out;
}

class BatchScan final : public Kernel {
 public:
  BatchScan(const KernelQuery& q, Body body)
      : body_(std::move(body)),
        captures_(q.node().captures),
        scanned_(static_cast<size_t>(q.attr_int("num_scan_inputs"))),
        states_(static_cast<size_t>(q.inputs()) - 1 - scanned_),
        backward_(q.attr_ints("directions")) {
    const Graph& g = *q.node().bodies[0];
    for (ValueId v : g.outputs) {
      Fact f = g.fact(v);
      f.constant = Tensor();
      results_.push_back(std::move(f));
    }
    backward_.resize(scanned_, 0);
  }

  Status run(RunCtx& c) const override {
    const int first_scanned = static_cast<int>(1 + states_);
    const int64_t batch = c.in_dims(first_scanned)[0], steps = c.in_dims(first_scanned)[1];
    std::vector<Stacker> finals;
    for (size_t k = 0; k < results_.size(); ++k) {
      Fact per_sample;
      per_sample.type = results_[k].type;
      finals.emplace_back(per_sample, batch);
    }
    for (int64_t b = 0; b < batch; ++b) {
      const int64_t length = c.has(0) ? c.in<int64_t>(0)[b] : steps;
      if (length < 0 || length > steps)
        return fail(Code::kRange, "sequence_lens[", b, "] is ", length, ", outside [0,", steps, "]");
      SDX_RETURN_IF_ERROR(run_sample(c, b, length, steps, finals));
    }
    for (size_t k = 0; k < results_.size(); ++k) {
      SDX_TRY(Tensor all, finals[k].finish(batch));
      if (batch > 0)
        SDX_RETURN_IF_ERROR(give(c, static_cast<int>(k), Value(std::move(all))));
      else if (c.wants(static_cast<int>(k)) && c.out(static_cast<int>(k)) == nullptr)
        c.set_value(static_cast<int>(k), Value(std::move(all)));
    }
    return {};
  }

 private:
  Status run_sample(RunCtx& c, int64_t b, int64_t length, int64_t steps, std::vector<Stacker>& finals) const {
    std::vector<Value> in, out(results_.size());
    std::vector<Tensor> scanned;
    std::vector<Stacker> stacks;
    for (size_t i = 0; i < states_ + scanned_; ++i) {
      SDX_TRY(Value v, slice_of(c.value(static_cast<int>(1 + i)).tensor(), b));
      if (i >= states_) scanned.push_back(v.tensor());
      in.push_back(std::move(v));
    }
    for (int i = c.inputs() - captures_; i < c.inputs(); ++i) in.push_back(c.value(i));
    for (size_t k = states_; k < results_.size(); ++k) stacks.emplace_back(results_[k], length);
    for (int64_t t = 0; t < length; ++t) {
      for (size_t j = 0; j < scanned_; ++j) {
        SDX_TRY(in[states_ + j], slice_of(scanned[j], backward_[j] ? length - 1 - t : t));
      }
      SDX_RETURN_IF_ERROR(body_->run(in, out, c));
      for (size_t k = 0; k < stacks.size(); ++k) SDX_RETURN_IF_ERROR(stacks[k].take(t, out[states_ + k]));
      for (size_t k = 0; k < states_; ++k) std::swap(in[k], out[k]);
      for (Value& v : out) v = Value();
    }
    for (size_t k = 0; k < states_; ++k) SDX_RETURN_IF_ERROR(finals[k].take(b, in[k]));
    for (size_t k = 0; k < stacks.size(); ++k) {
      SDX_TRY(Tensor all, stacks[k].finish(length));
      SDX_TRY(all, padded(all, length, steps));
      SDX_RETURN_IF_ERROR(finals[states_ + k].take(b, Value(std::move(all))));
    }
    return {};
  }

  Body body_;
  int captures_;
  size_t scanned_, states_;
  std::vector<int64_t> backward_;
  std::vector<Fact> results_;  // of the body: states, values to stack
};

Result<KernelPtr> make(const KernelQuery& q) {
  SDX_TRY(Body body, q.body(0));
  return KernelPtr(new BatchScan(q, std::move(body)));
}

}  // namespace

SDX_KERNEL(cpu, sdx_BatchScan, any) = {.make = make};

}  // namespace sardonyx
