// If: runs one of two bodies. Both see the same captured values.
#include "cpu/common/give.h"

namespace sardonyx {
namespace {

using Body = std::shared_ptr<const BodyRunner>;

class If final : public Kernel {
 public:
  If(Body then_body, Body else_body, int captures)
      : then_(std::move(then_body)), else_(std::move(else_body)), captures_(captures) {}

  Status run(RunCtx& c) const override {
    const BodyRunner& body = *c.in<bool>(0) ? *then_ : *else_;
    std::vector<Value> in, out(static_cast<size_t>(body.outputs()));
    for (int i = c.inputs() - captures_; i < c.inputs(); ++i) in.push_back(c.value(i));
    for (size_t o = 0; o < out.size(); ++o) out[o] = target_of(c, static_cast<int>(o));
    SDX_RETURN_IF_ERROR(body.run(in, out, c));
    for (size_t o = 0; o < out.size(); ++o) SDX_RETURN_IF_ERROR(give(c, static_cast<int>(o), std::move(out[o])));
    return {};
  }

 private:
  Body then_, else_;
  int captures_;
};

Result<KernelPtr> make(const KernelQuery& q) {
  const bool then_first = q.node().body_names[0] == "then_branch";
  SDX_TRY(Body then_body, q.body(then_first ? 0 : 1));
  SDX_TRY(Body else_body, q.body(then_first ? 1 : 0));
  return KernelPtr(new If(std::move(then_body), std::move(else_body), q.node().captures));
}

}  // namespace

SDX_KERNEL(cpu, If, any) = {.make = make};

}  // namespace sardonyx
