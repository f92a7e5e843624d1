// The activation that a fused operator applies to its result: attribute `activation` (an operator's name, "" for none)
// with its parameters p0 and p1. Shared by schemas, bodies, passes and kernels.
#pragma once
#include "ir/body_ctx.h"
#include "ir/op_def.h"

namespace sardonyx {

inline constexpr AttrDef kActivationAttr = attr_string("activation", "");
inline constexpr AttrDef kActivationP0 = attr_float("p0", 0);
inline constexpr AttrDef kActivationP1 = attr_float("p1", 0);

// "", Relu, Clip(p0, p1), LeakyRelu(p0), Sigmoid, Tanh, Silu, Gelu, GeluTanh, HardSwish, HardSigmoid(p0, p1).
BodyCtx::Ref apply_activation(BodyCtx& b, BodyCtx::Ref x);

}  // namespace sardonyx
