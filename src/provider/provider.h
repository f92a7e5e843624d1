// Provider: somebody who can run nodes (the CPU; later GPUs and plugins). Assignment asks providers in the user's
// order; every refusal carries a reason, which `explain` prints and an error lists. Providers are immutable and shared
// by sessions.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "kernel/kernel.h"

namespace sardonyx {

struct Refusal {
  std::string_view provider, kernel;
  std::string reason;
};

struct MadeKernel {
  KernelPtr kernel;
  std::string_view provider, variant;
};

class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  // A kernel for the node, or an empty one with the reasons appended to `refusals`. An error is a fault of the model.
  virtual Result<MadeKernel> make_kernel(const KernelQuery& q, std::vector<Refusal>& refusals) const = 0;
};

const Provider& cpu_provider();

// The first provider that takes the node; empty kernel if none does.
Result<MadeKernel> select_kernel(std::span<const Provider* const> order, const KernelQuery& q,
                                 std::vector<Refusal>& refusals);
// The kNoKernel error that lists every refusal.
Status no_kernel(const KernelQuery& q, std::span<const Refusal> refusals);

}  // namespace sardonyx
