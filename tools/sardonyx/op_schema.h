// An operator's description as JSON: types, inputs, outputs, attributes. One thread.
#pragma once
#include <nlohmann/json.hpp>

#include "ir/op_def.h"

namespace sardonyx {

nlohmann::json schema_json(const OpDef& op);

}  // namespace sardonyx
