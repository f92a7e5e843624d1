#include "simd/eltwise_binary.h"

#include "simd/eltwise_binary_parts.h"

namespace sardonyx::simd {
namespace {

bool valid(Binary op, DType type) {
  return static_cast<int>(op) < kBinaryCount && static_cast<int>(type) < kDTypeCount;
}

}  // namespace

BinaryFn binary(Binary op, DType type, Form form) {
  if (!valid(op, type)) return nullptr;
#define SDX_LOOK(name) \
  if (BinaryFn fn = name().at(op, type, form)) return fn;
  SDX_BINARY_PARTS(SDX_LOOK)
#undef SDX_LOOK
  return binary_scalar(op, type, form);
}

BinaryFn binary_for(Target target, Binary op, DType type, Form form) {
  if (!valid(op, type) || binary_float_for(target) == nullptr) return nullptr;
#define SDX_LOOK(name) \
  if (BinaryFn fn = name##_for(target)->at(op, type, form)) return fn;
  SDX_BINARY_PARTS(SDX_LOOK)
#undef SDX_LOOK
  return binary_scalar(op, type, form);
}

}  // namespace sardonyx::simd
