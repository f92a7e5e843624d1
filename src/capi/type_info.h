// Types as callers see them. An OrtTypeInfo owns what its parts point at; parts got by Cast… are borrowed, others are
// the caller's to release (releasing a lent one does nothing). Immutable once made, except a tensor info that the
// caller fills in.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "capi/value.h"

// Whether an object is part of something else, which releases it. Not copied with it: copies are parts until given
// away.
struct SdxLent {
  bool is = true;
  SdxLent() = default;
  SdxLent(const SdxLent&) {}
  SdxLent& operator=(const SdxLent&) { return *this; }
};

struct OrtTensorTypeAndShapeInfo {
  sardonyx::DType elem = sardonyx::DType::kF32;
  bool has_shape = false;
  std::vector<int64_t> dims;           // -1 where symbolic
  std::vector<std::string> dim_names;  // "" where not symbolic or without a name
  SdxLent lent = {};
};

struct OrtMapTypeInfo {
  sardonyx::DType key = sardonyx::DType::kUndefined;
  std::shared_ptr<const OrtTypeInfo> value;
};
struct OrtSequenceTypeInfo {
  std::shared_ptr<const OrtTypeInfo> element;
};
struct OrtOptionalTypeInfo {
  std::shared_ptr<const OrtTypeInfo> contained;
};

struct OrtTypeInfo {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  std::string denotation;
  OrtTensorTypeAndShapeInfo tensor;  // tensors and sparse tensors
  OrtMapTypeInfo map;
  OrtSequenceTypeInfo sequence;
  OrtOptionalTypeInfo optional;
};

namespace sardonyx::capi {

// A type whose innermost tensor has these extents (nothing known of them without has_rank).
OrtTypeInfo make_type_info(const Type& type, bool has_rank, std::vector<int64_t> dims,
                           std::vector<std::string> dim_names);
OrtTypeInfo type_info_of(const Value& v);
OrtTensorTypeAndShapeInfo tensor_info_of(const Tensor& t);
// One that the caller releases.
OrtTensorTypeAndShapeInfo* give(OrtTensorTypeAndShapeInfo info);
// Back again, for models made through this interface.
Type type_of_info(const OrtTypeInfo& info);

}  // namespace sardonyx::capi
