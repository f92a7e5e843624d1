// The steps of ai.sardonyx.Chain: element-wise operators applied one after the other to a running value v, which begins
// as X. A step is text: an operator, then its operands if it has two ("v", "1" for A, "2" for B), or its parameters:
//   "Mul v 1"   "Sub 2 v"   "Relu"   "LeakyRelu 0.1"   "Clip 0 6"
// Shared by schema, body, pass and kernel.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ir/op_def.h"

namespace sardonyx {

struct ChainStep {
  std::string_view op;  // ChainOp::name
  int a = -1, b = -1;   // operands of a binary step: 0 = v, 1 = A, 2 = B; -1 in a unary one
  float p0 = 0, p1 = 0;
};

// One operator that a chain can have.
struct ChainOp {
  std::string_view name;  // in steps
  bool binary = false;
  std::string_view p0 = {}, p1 = {};  // attributes that the parameters are
  std::string_view op = {};           // ONNX operator, if it has another name
};
const ChainOp* find_chain_op(std::string_view name);

Result<std::vector<ChainStep>> parse_chain(std::span<const std::string> steps);
std::string to_string(const ChainStep& s);

}  // namespace sardonyx
