// Comparisons as plain loops, one per operation, type and form: compilers vectorise these for the target at hand.
#include "simd/eltwise_binary_loop-inl.h"

#if defined(SDX_SIMD_BINARY_COMPARE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef SDX_SIMD_BINARY_COMPARE_INL
#undef SDX_SIMD_BINARY_COMPARE_INL
#else
#define SDX_SIMD_BINARY_COMPARE_INL
#endif

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

struct OpEqual {
  template <class T>
  static HWY_INLINE bool Of(T a, T b) {
    return a == b;
  }
};
struct OpLess {
  template <class T>
  static HWY_INLINE bool Of(T a, T b) {
    return a < b;
  }
};
struct OpLessEqual {
  template <class T>
  static HWY_INLINE bool Of(T a, T b) {
    return a <= b;
  }
};
template <BinaryFn Fn>
void Exchanged(const void* a, const void* b, void* out, int64_t n) {
  Fn(b, a, out, n);
}

template <class Op, class T>
constexpr void Put(BinaryTable& t, Binary op, DType type) {
  t.at(op, type, Form::kVV) = Loop<Op, T, uint8_t, Form::kVV>;
  t.at(op, type, Form::kVS) = Loop<Op, T, uint8_t, Form::kVS>;
  t.at(op, type, Form::kSV) = Loop<Op, T, uint8_t, Form::kSV>;
}
template <class Op, class T>
constexpr void PutMirrored(BinaryTable& t, Binary op, DType type) {
  t.at(op, type, Form::kVV) = Exchanged<Loop<Op, T, uint8_t, Form::kVV>>;
  t.at(op, type, Form::kVS) = Exchanged<Loop<Op, T, uint8_t, Form::kSV>>;
  t.at(op, type, Form::kSV) = Exchanged<Loop<Op, T, uint8_t, Form::kVS>>;
}
template <class T>
constexpr void PutOrder(BinaryTable& t, DType type) {
  Put<OpLess, T>(t, Binary::kLess, type);
  Put<OpLessEqual, T>(t, Binary::kLessEqual, type);
  PutMirrored<OpLess, T>(t, Binary::kGreater, type);
  PutMirrored<OpLessEqual, T>(t, Binary::kGreaterEqual, type);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#endif  // SDX_SIMD_BINARY_COMPARE_INL
