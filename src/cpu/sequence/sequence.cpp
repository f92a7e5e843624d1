// Sequences: construction, access and editing. Sequences are immutable, so edits copy the list of elements, not their
// contents.
#include "cpu/common/axis.h"
#include "cpu/common/give.h"

namespace sardonyx {
namespace {

using Sequence = std::shared_ptr<SequenceData>;

void set_sequence(RunCtx& c, Sequence s) { c.set_value(0, Value(std::shared_ptr<const SequenceData>(std::move(s)))); }

// Position `input` in a sequence of n elements; one more is allowed for insertion. Absent means the end.
Result<size_t> position(RunCtx& c, int input, size_t n, bool insertion) {
  const int64_t size = static_cast<int64_t>(n), most = insertion ? size : size - 1;
  if (!c.has(input)) {
    if (most < 0) return fail(Code::kRange, "the sequence is empty");
    return static_cast<size_t>(most);
  }
  const int64_t given = IndexReader{c.in(input), c.dtype(input) == DType::kI64}[0];
  const int64_t at = given < 0 ? given + size : given;
  if (at < 0 || at > most)
    return fail(Code::kRange, "position ", given, " is outside [", -size, ",", most, "] of a sequence of ", size,
                " elements");
  return static_cast<size_t>(at);
}

class Empty final : public Kernel {
 public:
  explicit Empty(const KernelQuery& q)
      : element_(q.has_attr("dtype") ? static_cast<DType>(q.attr_int("dtype")) : DType::kF32) {}
  Status run(RunCtx& c) const override {
    set_sequence(c, std::make_shared<SequenceData>(SequenceData{element_, {}}));
    return {};
  }

 private:
  DType element_;
};

class Construct final : public Kernel {
 public:
  explicit Construct(const KernelQuery& q) : element_(q.dtype(0)) {}
  Status run(RunCtx& c) const override {
    Sequence s = std::make_shared<SequenceData>(SequenceData{element_, {}});
    for (int i = 0; i < c.inputs(); ++i) {
      SDX_TRY(Value v, c.owned(i));
      s->items.push_back(std::move(v));
    }
    set_sequence(c, std::move(s));
    return {};
  }

 private:
  DType element_;
};

class At final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    const Value v = c.value(0);
    SDX_TRY(const size_t at, position(c, 1, v.sequence().items.size(), false));
    return give(c, 0, v.sequence().items[at]);
  }
};

class Insert final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    Sequence s = std::make_shared<SequenceData>(c.value(0).sequence());
    SDX_TRY(const size_t at, position(c, 2, s->items.size(), true));
    SDX_TRY(Value v, c.owned(1));
    s->items.insert(s->items.begin() + static_cast<std::ptrdiff_t>(at), std::move(v));
    set_sequence(c, std::move(s));
    return {};
  }
};

class Erase final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    Sequence s = std::make_shared<SequenceData>(c.value(0).sequence());
    SDX_TRY(const size_t at, position(c, 1, s->items.size(), false));
    s->items.erase(s->items.begin() + static_cast<std::ptrdiff_t>(at));
    set_sequence(c, std::move(s));
    return {};
  }
};

class Length final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    *c.out<int64_t>(0) = static_cast<int64_t>(c.value(0).sequence().items.size());
    return {};
  }
};

}  // namespace

SDX_KERNEL(cpu, SequenceEmpty, any) = {.make = make_kernel<Empty>};
SDX_KERNEL(cpu, SequenceConstruct, any) = {.make = make_kernel<Construct>};
SDX_KERNEL(cpu, SequenceAt, any) = {.make = make_kernel<At>};
SDX_KERNEL(cpu, SequenceInsert, any) = {.make = make_kernel<Insert>};
SDX_KERNEL(cpu, SequenceErase, any) = {.make = make_kernel<Erase>};
SDX_KERNEL(cpu, SequenceLength, any) = {.make = make_kernel<Length>};

}  // namespace sardonyx
