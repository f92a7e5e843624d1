// Loop: runs its body while the trip count and the condition allow; carries values from one iteration to the next and
// stacks others.
#include "base/memory.h"
#include "cpu/common/give.h"
#include "cpu/control/stacker.h"

namespace sardonyx {
namespace {

using Body = std::shared_ptr<const BodyRunner>;

// Whether there can be memory for what all iterations make.
Status check_room(const Fact& slice, int64_t most) {
  if (!has_fixed_extents(slice)) return {};
  Extents dims{most};
  for (Dim d : slice.shape) dims.push_back(d.value());
  SDX_TRY(const size_t bytes, checked_storage_bytes(slice.dtype(), dims));
  if (bytes <= memory_limit()) return {};
  return fail(Code::kMemory, most, " iterations make ", bytes, " bytes; this machine has ", memory_limit());
}

class Loop final : public Kernel {
 public:
  Loop(const KernelQuery& q, Body body)
      : body_(std::move(body)), formal_(q.inputs()), carried_(static_cast<size_t>(std::max(formal_ - 2, 0))) {
    const Graph& g = *q.node().bodies[0];
    for (ValueId v : g.outputs) {
      Fact f = g.fact(v);
      f.constant = Tensor();
      results_.push_back(std::move(f));
    }
  }

  Status run(RunCtx& c) const override {
    const int64_t most = formal_ > 0 && c.has(0) ? *c.in<int64_t>(0) : INT64_MAX;
    const bool conditional = formal_ > 1 && c.has(1);
    bool go_on = !conditional || *c.in<bool>(1);
    SDX_TRY(State s, start(c, most));
    int64_t trips = 0;
    for (; trips < most && go_on; ++trips) {
      if (c.cancelled()) return fail(Code::kCancelled, "the run was stopped by its caller");
      *s.in[0].tensor().as<int64_t>() = trips;
      for (size_t k = 0; k < s.stacks.size(); ++k)
        if (c.wants(output_of(k))) s.out[1 + carried_ + k] = s.stacks[k].place(trips);
      SDX_RETURN_IF_ERROR(body_->run(s.in, s.out, c));
      for (size_t k = 0; k < s.stacks.size(); ++k)
        if (c.wants(output_of(k))) SDX_RETURN_IF_ERROR(s.stacks[k].take(trips, s.out[1 + carried_ + k]));
      if (conditional) go_on = *s.out[0].tensor().as<bool>();
      for (size_t k = 0; k <= carried_; ++k) carry(s.in[1 + k], s.out[k], trips > 0 && has_fixed_extents(results_[k]));
    }
    return finish(c, s, trips);
  }

 private:
  struct State {
    std::vector<Value> in, out;
    std::vector<Stacker> stacks;
  };

  int output_of(size_t stack) const { return static_cast<int>(carried_ + stack); }

  Result<State> start(RunCtx& c, int64_t most) const {
    State s;
    SDX_TRY(Tensor number, Tensor::scalar_i64(0));
    SDX_TRY(Tensor cond, Tensor::make(DType::kBool, {}));
    *cond.as<bool>() = true;
    s.in.emplace_back(std::move(number));
    s.in.emplace_back(std::move(cond));
    for (int i = std::min(formal_, 2); i < c.inputs(); ++i) s.in.push_back(c.value(i));  // carried, then captured
    s.out.resize(static_cast<size_t>(body_->outputs()));
    const bool surely = formal_ <= 1 || !c.has(1);  // the body cannot end the loop before
    for (size_t k = 1 + carried_; k < results_.size(); ++k) {
      if (surely && most > 0) SDX_RETURN_IF_ERROR(check_room(results_[k], most));
      s.stacks.emplace_back(results_[k], most);
    }
    return s;
  }

  Status finish(RunCtx& c, State& s, int64_t trips) const {
    for (size_t k = 0; k < carried_; ++k) {
      if (trips == 0) {
        SDX_TRY(s.in[2 + k], c.owned(static_cast<int>(2 + k)));
      }
      SDX_RETURN_IF_ERROR(give(c, static_cast<int>(k), std::move(s.in[2 + k])));
    }
    for (size_t k = 0; k < s.stacks.size(); ++k) {
      if (!c.wants(output_of(k))) continue;
      SDX_TRY(Tensor all, s.stacks[k].finish(trips));
      SDX_RETURN_IF_ERROR(give(c, output_of(k), Value(std::move(all))));
    }
    return {};
  }

  Body body_;
  int formal_;  // inputs before the captured ones; trailing absent ones may be missing
  size_t carried_;
  std::vector<Fact> results_;  // of the body: condition, carried values, values to stack
};

Result<KernelPtr> make(const KernelQuery& q) {
  SDX_TRY(Body body, q.body(0));
  return KernelPtr(new Loop(q, std::move(body)));
}

}  // namespace

SDX_KERNEL(cpu, Loop, any) = {.make = make};

}  // namespace sardonyx
