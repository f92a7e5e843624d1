// SequenceMap: runs its body on the elements of sequences, position by position; tensors among the inputs are given to
// every run.
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

using Body = std::shared_ptr<const BodyRunner>;

class SequenceMap final : public Kernel {
 public:
  SequenceMap(const KernelQuery& q, Body body) : body_(std::move(body)), formal_(static_cast<size_t>(q.inputs())) {
    for (int o = 0; o < q.outputs(); ++o) {
      const Type t = q.wants(o) ? q.out(o).type : Type();
      elements_.push_back(t.inner && t.inner->is_tensor() ? t.inner->elem : DType::kUndefined);
    }
  }

  Status run(RunCtx& c) const override {
    std::vector<Value> given, in;
    for (int i = 0; i < c.inputs(); ++i) given.push_back(c.value(i));
    const size_t length = given[0].sequence().items.size();
    for (size_t i = 0; i < formal_; ++i)
      if (given[i].kind() == Value::Kind::kSequence && given[i].sequence().items.size() != length)
        return fail(Code::kShape, "sequence ", i, " has ", given[i].sequence().items.size(),
                    " elements, the first one has ", length);
    std::vector<std::shared_ptr<SequenceData>> made;
    for (DType t : elements_)
      made.push_back(std::make_shared<SequenceData>(SequenceData{t, std::vector<Value>(length)}));
    std::vector<Value> out(static_cast<size_t>(body_->outputs()));
    for (size_t k = 0; k < length; ++k) {
      in = given;
      for (size_t i = 0; i < formal_; ++i)
        if (in[i].kind() == Value::Kind::kSequence) in[i] = Value(given[i].sequence().items[k]);
      SDX_RETURN_IF_ERROR(body_->run(in, out, c));
      for (size_t o = 0; o < made.size(); ++o) made[o]->items[k] = std::move(out[o]);
      for (Value& v : out) v = Value();
    }
    for (size_t o = 0; o < made.size(); ++o)
      if (c.wants(static_cast<int>(o)))
        c.set_value(static_cast<int>(o), Value(std::shared_ptr<const SequenceData>(made[o])));
    return {};
  }

 private:
  Body body_;
  size_t formal_;                // inputs before the captured ones
  std::vector<DType> elements_;  // of the output sequences
};

Result<KernelPtr> make(const KernelQuery& q) {
  SDX_TRY(Body body, q.body(0));
  return KernelPtr(new SequenceMap(q, std::move(body)));
}

}  // namespace

SDX_KERNEL(cpu, SequenceMap, any) = {.make = make};

}  // namespace sardonyx
