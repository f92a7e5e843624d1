// OrtShapeInferContext: what the inference callback of a custom operator sees of its node: types and extents of the
// inputs, attributes; and where it puts those of the outputs. Lives during the callback; what it hands out is its own.
#pragma once
#include <memory>
#include <vector>

#include "capi/op_attr.h"
#include "capi/type_info.h"
#include "ir/infer_ctx.h"

struct OrtShapeInferContext {
  explicit OrtShapeInferContext(sardonyx::InferCtx& infer);

  sardonyx::InferCtx& infer;
  std::vector<OrtTensorTypeAndShapeInfo> inputs;
  std::vector<OrtOpAttr> attrs;
  bool ranks_known = true;  // otherwise extents that the callback computes mean nothing
};
