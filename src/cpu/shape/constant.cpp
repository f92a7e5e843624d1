// Constant: nodes that were not turned into constants of the graph.
#include "cpu/common/element.h"
#include "kernel/kernel.h"

namespace sardonyx {
namespace {

class Constant final : public Kernel {
 public:
  explicit Constant(const KernelQuery& q) : value_(q.out(0).constant) {}
  Status run(RunCtx& c) const override {
    copy_elements(value_.dtype(), value_.data(), 0, c.out(0), 0, value_.count());
    return {};
  }

 private:
  Tensor value_;
};

Reason refuse(const KernelQuery& q) { return q.out(0).constant.valid() ? kAccept : Reason("the value is not known"); }

}  // namespace

SDX_KERNEL(cpu, Constant, any) = {.refuse = refuse, .make = make_kernel<Constant>};

}  // namespace sardonyx
