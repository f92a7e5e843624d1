// OrtKernelContext: one run of one kernel of a custom operator: its inputs, its outputs (made when asked for), scratch
// memory. Lives during the call of the kernel only. The values it hands out are its own.
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "capi/kernel_info.h"

struct OrtKernelContext {
  OrtKernelContext(sardonyx::RunCtx& run, const sardonyx::capi::NodeFacts& facts,
                   const sardonyx::PrepareCtx::Pair* copies, size_t copy_count)
      : run(run),
        facts(facts),
        inputs(static_cast<size_t>(run.inputs())),
        outputs(static_cast<size_t>(run.outputs())),
        copies(copies, copy_count) {}

  // Every wanted output has been made; an error that names the first one which has not.
  sardonyx::Status check_outputs() const;

  sardonyx::RunCtx& run;
  const sardonyx::capi::NodeFacts& facts;
  std::vector<OrtValue> inputs, outputs;
  std::span<const sardonyx::PrepareCtx::Pair> copies;  // outputs that begin as copies of inputs
  std::mutex mutex;                                    // guards scratch
  std::vector<std::unique_ptr<std::byte[]>> scratch;
};
