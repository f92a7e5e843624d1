// Values as the protobuf files of ONNX test data hold them: TensorProto, SequenceProto, OptionalProto, MapProto,
// SparseTensorProto.
#pragma once
#include <string>
#include <string_view>

#include "ir/fact.h"
#include "tensor/value.h"

namespace sardonyx {

// The kind of file does not stand in it: `expected` tells (an unknown type means a tensor). Nothing of `bytes` is
// needed afterwards.
Result<Value> read_value_pb(std::string_view bytes, const Type& expected);
// `type` tells how to write what a Value alone does not say: empty optionals, sequences and maps.
Result<std::string> write_value_pb(const Value& value, const Type& type, std::string_view name = {});

}  // namespace sardonyx
