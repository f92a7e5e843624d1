// Channels-last forms of operators: [N, spatial..., C] instead of [N, C, spatial...]. Shared by their inference and
// bodies.
#pragma once
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"
#include "ops/fused/activation.h"

namespace sardonyx {

// Of the fused convolutions: those of Conv, the layout, the activation.
inline constexpr AttrDef kFusedConvAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                              attr_optional("dilations", AttrType::kInts),
                                              attr_int("group", 1),
                                              attr_optional("kernel_shape", AttrType::kInts),
                                              attr_optional("pads", AttrType::kInts),
                                              attr_optional("strides", AttrType::kInts),
                                              attr_int("channels_last", 0),
                                              kActivationAttr,
                                              kActivationP0,
                                              kActivationP1};

Shape to_channels_first(const Shape& s);
Shape to_channels_last(const Shape& s);
// perm of a Transpose that does the same.
std::vector<int64_t> perm_to_channels_first(size_t rank);
std::vector<int64_t> perm_to_channels_last(size_t rank);
BodyCtx::Ref transpose_to_first(BodyCtx& b, BodyCtx::Ref x);
BodyCtx::Ref transpose_to_last(BodyCtx& b, BodyCtx::Ref x);

}  // namespace sardonyx
