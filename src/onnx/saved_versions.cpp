#include "onnx/saved_versions.h"

#include <algorithm>

namespace sardonyx {
namespace {

constexpr int kWidelyKnown = 26;

// Whether the node needs opset 27 only for wider types and does without. That opset is young: many runtimes refuse it.
bool does_without_newest(const Graph& g, const Node& n) {
  constexpr TypeMask kOldTypes =
      mask_of(DType::kF32) | mask_of(DType::kF64) | mask_of(DType::kI32) | mask_of(DType::kI64);
  if (n.op->first > kWidelyKnown || !n.attrs.empty()) return false;
  for (const Upgrade& u : n.op->history)
    if (u.to > kWidelyKnown) return false;
  const auto is_old = [&](ValueId v) { return v == kNone || contains(kOldTypes, g.fact(v).dtype()); };
  return std::all_of(n.inputs.begin(), n.inputs.end(), is_old) &&
         std::all_of(n.outputs.begin(), n.outputs.end(), is_old);
}

}  // namespace

int64_t ir_of_opset(int64_t opset) {
  if (opset >= 25) return 13;
  if (opset >= 23) return opset - 12;
  if (opset >= 21) return 10;
  return opset >= 19 ? 9 : 8;
}
int64_t ir_of_type(DType t) {
  if (is_float8(t)) return t == DType::kF8E8M0 ? 12 : 9;
  if (t == DType::kU4 || t == DType::kI4) return 10;
  if (t == DType::kF4E2M1) return 11;
  return t == DType::kU2 || t == DType::kI2 ? 13 : 8;
}

int version_needed(const Graph& g, const Node& n) {
  const OpDef& op = *n.op;
  int version = op.since;
  if (n.opset > 0 && (op.domain.empty() || op.domain == "ai.onnx.ml")) {
    int valid = std::max(n.opset, op.first);
    for (const Upgrade& u : op.history) valid = std::max(valid, u.to > n.opset ? u.to : 0);
    version = std::min(version, valid);
  }
  return op.domain.empty() && version > kWidelyKnown && does_without_newest(g, n) ? kWidelyKnown : version;
}

}  // namespace sardonyx
