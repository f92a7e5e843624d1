// The official "light" cases: <suite>/<name>.onnx with <name>_output_0.pb beside it and no inputs, which are made by a
// rule; their tolerance stands in the case of suite "real" that points at them.
#pragma once
#include <string>

#include "exec/session.h"

namespace sardonyx {

// `model` is the path of the .onnx file.
bool is_light_case(const std::string& model);
Status run_light_case(const Session& session, const std::string& model);

}  // namespace sardonyx
