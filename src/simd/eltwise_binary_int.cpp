// Integer arithmetic and bit operations that vectorise. Wrap-around is done in the unsigned type of equal size.
#include "simd/eltwise_binary_parts.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/eltwise_binary_int.cpp"
// clang-format off
#include "simd/foreach-inl.h"
#include "simd/eltwise_binary_loop-inl.h"
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace sardonyx::simd {
namespace HWY_NAMESPACE {
namespace {

template <class T>
struct Wide {
  using Type = uint32_t;  // small types would promote to int, whose overflow is undefined
};
template <>
struct Wide<uint64_t> {
  using Type = uint64_t;
};

#define SDX_WRAPPING_OP(Name, op)                                    \
  struct Name {                                                      \
    template <class T>                                               \
    static HWY_INLINE T Of(T a, T b) {                               \
      using W = typename Wide<T>::Type;                              \
      return static_cast<T>(static_cast<W>(a) op static_cast<W>(b)); \
    }                                                                \
  };
SDX_WRAPPING_OP(OpAdd, +)
SDX_WRAPPING_OP(OpSub, -)
SDX_WRAPPING_OP(OpMul, *)
SDX_WRAPPING_OP(OpAnd, &)
SDX_WRAPPING_OP(OpOr, |)
SDX_WRAPPING_OP(OpXor, ^)
#undef SDX_WRAPPING_OP
struct OpMin {
  template <class T>
  static HWY_INLINE T Of(T a, T b) {
    return a < b ? a : b;
  }
};
struct OpMax {
  template <class T>
  static HWY_INLINE T Of(T a, T b) {
    return a < b ? b : a;
  }
};

template <class Op, class T>
constexpr void Put(BinaryTable& t, Binary op, DType type) {
  t.at(op, type, Form::kVV) = Loop<Op, T, T, Form::kVV>;
  t.at(op, type, Form::kVS) = Loop<Op, T, T, Form::kVS>;
  t.at(op, type, Form::kSV) = Loop<Op, T, T, Form::kSV>;
}
template <class Op>
constexpr void PutSizes(BinaryTable& t, Binary op) {
  for (DType type : {DType::kI8, DType::kU8}) Put<Op, uint8_t>(t, op, type);
  for (DType type : {DType::kI16, DType::kU16}) Put<Op, uint16_t>(t, op, type);
  for (DType type : {DType::kI32, DType::kU32}) Put<Op, uint32_t>(t, op, type);
  for (DType type : {DType::kI64, DType::kU64}) Put<Op, uint64_t>(t, op, type);
}
template <class Op>
constexpr void PutTypes(BinaryTable& t, Binary op) {
  Put<Op, int8_t>(t, op, DType::kI8);
  Put<Op, uint8_t>(t, op, DType::kU8);
  Put<Op, int16_t>(t, op, DType::kI16);
  Put<Op, uint16_t>(t, op, DType::kU16);
  Put<Op, int32_t>(t, op, DType::kI32);
  Put<Op, uint32_t>(t, op, DType::kU32);
  Put<Op, int64_t>(t, op, DType::kI64);
  Put<Op, uint64_t>(t, op, DType::kU64);
}

constexpr BinaryTable MakeTable() {
  BinaryTable t;
  PutSizes<OpAdd>(t, Binary::kAdd);
  PutSizes<OpSub>(t, Binary::kSub);
  PutSizes<OpMul>(t, Binary::kMul);
  PutSizes<OpAnd>(t, Binary::kBitAnd);
  PutSizes<OpOr>(t, Binary::kBitOr);
  PutSizes<OpXor>(t, Binary::kBitXor);
  PutTypes<OpMin>(t, Binary::kMin);
  PutTypes<OpMax>(t, Binary::kMax);
  return t;
}
constexpr BinaryTable kBinaryInt = MakeTable();

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace sardonyx::simd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sardonyx::simd {
SDX_SIMD_GETTERS(binary_int, BinaryTable, kBinaryInt)
}  // namespace sardonyx::simd
#endif
