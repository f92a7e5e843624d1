// TypeProto of every kind to Type, with the extents that the file declares.
#pragma once
#include "ir/fact.h"
#include "onnx/proto.h"

namespace sardonyx {

struct DeclaredType {
  Type type;
  bool has_rank = false;  // tensors only
  std::vector<proto::DimMsg> dims;
  proto::View denotation;
};
// A missing type (no bytes) is Kind::kUnknown. kProto for types nested deeper than any use.
Result<DeclaredType> read_type(proto::View message);

// Whether a dim_param is a name that means the same extent wherever it stands; "", "?", "None", "-1" and the like are
// not.
bool names_an_extent(proto::View param);

}  // namespace sardonyx
