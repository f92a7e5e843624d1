#include "simd/eltwise_unary.h"

#include "simd/eltwise_unary_parts.h"

namespace sardonyx::simd {
namespace {

bool valid(Unary op, DType type) { return static_cast<int>(op) < kUnaryCount && static_cast<int>(type) < kDTypeCount; }

}  // namespace

UnaryFn unary(Unary op, DType type) {
  if (!valid(op, type)) return nullptr;
#define SDX_LOOK(name) \
  if (UnaryFn fn = name().at(op, type)) return fn;
  SDX_UNARY_PARTS(SDX_LOOK)
#undef SDX_LOOK
  return unary_scalar(op, type);
}

UnaryFn unary_for(Target target, Unary op, DType type) {
  if (!valid(op, type) || unary_basic_for(target) == nullptr) return nullptr;
#define SDX_LOOK(name) \
  if (UnaryFn fn = name##_for(target)->at(op, type)) return fn;
  SDX_UNARY_PARTS(SDX_LOOK)
#undef SDX_LOOK
  return unary_scalar(op, type);
}

}  // namespace sardonyx::simd
