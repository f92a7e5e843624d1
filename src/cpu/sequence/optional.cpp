// Optionals, which are their content or nothing, and Identity on values that are not tensors.
#include "cpu/common/give.h"

namespace sardonyx {
namespace {

// Optional and Identity: the value itself, in memory that may be kept.
class Keep final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    SDX_TRY(Value v, c.owned(0));
    return give(c, 0, std::move(v));
  }
};

class GetElement final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    SDX_TRY(Value v, c.owned(0));
    if (v.none()) return fail(Code::kRange, "the optional is empty, it has no element to get");
    return give(c, 0, std::move(v));
  }
};

class HasElement final : public Kernel {
 public:
  Status run(RunCtx& c) const override {
    *c.out<bool>(0) = c.has(0) && !c.value(0).none();
    return {};
  }
};

Reason objects_only(const KernelQuery& q) {
  return q.out(0).type.is_tensor() ? Reason("tensors pass without a kernel") : kAccept;
}

}  // namespace

SDX_KERNEL(cpu, Identity, object) = {.refuse = objects_only, .make = make_kernel<Keep>};
SDX_KERNEL(cpu, Optional, any) = {.make = make_kernel<Keep>};
SDX_KERNEL(cpu, OptionalGetElement, any) = {.make = make_kernel<GetElement>};
SDX_KERNEL(cpu, OptionalHasElement, any) = {.make = make_kernel<HasElement>};

}  // namespace sardonyx
