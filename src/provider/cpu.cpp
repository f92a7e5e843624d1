// The CPU as a provider, and the choice among providers.
#include "cpu/table.h"
#include "kernel/custom_op.h"
#include "ops/table.h"
#include "provider/provider.h"

namespace sardonyx {

namespace {

class CpuProvider final : public Provider {
 public:
  std::string_view name() const override { return "cpu"; }

  Result<MadeKernel> make_kernel(const KernelQuery& q, std::vector<Refusal>& refusals) const override {
    if (q.op().has(kCustom)) {
      SDX_TRY(KernelPtr k, static_cast<const CustomOp&>(q.op()).make(q));
      return MadeKernel{std::move(k), "cpu", "custom"};
    }
    for (const KernelEntry* e : cpu_kernels(op_symbol(q.op()))) {
      const Reason why = e->def->refuse ? e->def->refuse(q) : kAccept;
      if (!why.empty()) {
        refusals.push_back({"cpu", e->variant, std::string(why)});
        continue;
      }
      SDX_TRY(KernelPtr k, e->def->make(q));
      return MadeKernel{std::move(k), "cpu", e->variant};
    }
    return MadeKernel{};
  }
};

}  // namespace

const Provider& cpu_provider() {
  static const CpuProvider provider;
  return provider;
}

Result<MadeKernel> select_kernel(std::span<const Provider* const> order, const KernelQuery& q,
                                 std::vector<Refusal>& refusals) {
  for (const Provider* p : order) {
    SDX_TRY(MadeKernel m, p->make_kernel(q, refusals));
    if (m.kernel) return m;
  }
  return MadeKernel{};
}

Status no_kernel(const KernelQuery& q, std::span<const Refusal> refusals) {
  std::string types;
  for (int i = 0; i < q.inputs(); ++i)
    types += cat(i ? "," : "", q.has(i) ? to_string(q.in(i).type) : std::string("-"));
  std::string why;
  for (const Refusal& r : refusals) why += cat(why.empty() ? "" : "; ", r.provider, "/", r.kernel, ": ", r.reason);
  if (why.empty()) why = "no provider has a kernel for this operator";
  return fail(Code::kNoKernel, "nothing can run this node with inputs (", types, "): ", why);
}

}  // namespace sardonyx
