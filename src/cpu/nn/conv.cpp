// Conv and ConvTranspose.
#include "cpu/nn/conv_f32.h"

namespace sardonyx {

SDX_KERNEL(cpu, Conv, f32) = {.priority = 10,
                              .refuse = refuse_conv_f32,
                              .make = [](const KernelQuery& q) -> Result<KernelPtr> { return make_conv_f32(q, {}); }};
SDX_KERNEL(cpu, ConvTranspose, f32) = {
    .priority = 10, .refuse = refuse_conv_f32, .make = [](const KernelQuery& q) -> Result<KernelPtr> {
      return make_conv_f32(q, {.transposed = true});
    }};

}  // namespace sardonyx
