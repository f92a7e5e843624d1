#include "simd/cast_scalar.h"

#include <cstring>
#include <type_traits>

#include "simd/cast_number.h"

namespace sardonyx::simd {
namespace {

constexpr int64_t kBlock = 256;

template <DType T>
struct Storage {
  using Type = uint8_t;  // float8, float4 and the packed integers; the wider types are specialised below
};
#define SDX_STORAGE(dtype, type) \
  template <>                    \
  struct Storage<DType::dtype> { \
    using Type = type;           \
  };
SDX_STORAGE(kF32, float)
SDX_STORAGE(kF64, double)
SDX_STORAGE(kI8, int8_t)
SDX_STORAGE(kU16, uint16_t)
SDX_STORAGE(kI16, int16_t)
SDX_STORAGE(kU32, uint32_t)
SDX_STORAGE(kI32, int32_t)
SDX_STORAGE(kU64, uint64_t)
SDX_STORAGE(kI64, int64_t)
SDX_STORAGE(kF16, uint16_t)
SDX_STORAGE(kBF16, uint16_t)
#undef SDX_STORAGE

constexpr bool small_float(DType t) {
  return t == DType::kF16 || t == DType::kBF16 || is_float8(t) || t == DType::kF4E2M1;
}

// The type that holds every value of T exactly.
template <DType T>
using Hub = std::conditional_t<T == DType::kF64, double,
                               std::conditional_t<T == DType::kF32 || small_float(T), float,
                                                  std::conditional_t<T == DType::kU64, uint64_t, int64_t>>>;

template <DType T>
float decode_float(uint32_t code) {
  if constexpr (T == DType::kF16) return f32_from_f16(static_cast<uint16_t>(code));
  if constexpr (T == DType::kBF16) return f32_from_bf16(static_cast<uint16_t>(code));
  if constexpr (T == DType::kF8E4M3FN) return F8E4M3FN::decode(code);
  if constexpr (T == DType::kF8E4M3FNUZ) return F8E4M3FNUZ::decode(code);
  if constexpr (T == DType::kF8E5M2) return F8E5M2::decode(code);
  if constexpr (T == DType::kF8E5M2FNUZ) return F8E5M2FNUZ::decode(code);
  if constexpr (T == DType::kF8E8M0) return f32_from_f8e8m0(static_cast<uint8_t>(code));
  if constexpr (T == DType::kF4E2M1) return f32_from_f4(code);
}

template <DType T>
uint32_t encode_float(float v, const CastParams& p) {
  if constexpr (T == DType::kF16) return f16_from_f32(v);
  if constexpr (T == DType::kBF16) return bf16_from_f32(v);
  if constexpr (T == DType::kF8E4M3FN) return F8E4M3FN::encode(v, p.saturate);
  if constexpr (T == DType::kF8E4M3FNUZ) return F8E4M3FNUZ::encode(v, p.saturate);
  if constexpr (T == DType::kF8E5M2) return F8E5M2::encode(v, p.saturate);
  if constexpr (T == DType::kF8E5M2FNUZ) return F8E5M2FNUZ::encode(v, p.saturate);
  if constexpr (T == DType::kF8E8M0) return f8e8m0_from_f32(v, p.saturate, p.round);
  if constexpr (T == DType::kF4E2M1) return f4_from_f32(v);
}

// Rounded to odd where it is not exact, so that encode_float rounds once.
float to_float_odd(float v) { return v; }
float to_float_odd(double v) { return f32_odd_from_f64(v); }
float to_float_odd(int64_t v) { return f32_odd_from_i64(v); }
float to_float_odd(uint64_t v) { return f32_odd_from_u64(v); }

template <DType T>
Hub<T> decode_packed(uint8_t code) {
  if constexpr (T == DType::kF4E2M1) return f32_from_f4(code);
  return is_signed_int(T) ? sign_extend<dtype_bits(T)>(code) : static_cast<int8_t>(code);
}

// Elements [i, i + n) of `in`; i is a multiple of kBlock. The buffer has room for whole bytes of packed elements.
template <DType From>
[[gnu::noinline]] void load(const void* in, int64_t i, int64_t n, Hub<From>* out) {
  constexpr int kBits = dtype_bits(From);
  const auto* p = static_cast<const typename Storage<From>::Type*>(in);
  if constexpr (kBits < 8) {
    constexpr int kPer = 8 / kBits, kMask = (1 << kBits) - 1;
    const uint8_t* bytes = p + i / kPer;
    for (int64_t b = 0; b < (n + kPer - 1) / kPer; ++b) {
      for (int k = 0; k < kPer; ++k) out[b * kPer + k] = decode_packed<From>(bytes[b] >> (k * kBits) & kMask);
    }
  } else {
    for (int64_t k = 0; k < n; ++k) {
      if constexpr (small_float(From)) {
        out[k] = decode_float<From>(p[i + k]);
      } else if constexpr (From == DType::kBool) {
        out[k] = p[i + k] != 0;
      } else {
        out[k] = p[i + k];
      }
    }
  }
}

template <DType To, class H>
[[gnu::noinline]] void store(const H* in, void* out, int64_t i, int64_t n, const CastParams& params) {
  constexpr int kBits = dtype_bits(To);
  auto* p = static_cast<typename Storage<To>::Type*>(out);
  if constexpr (kBits < 8) {
    uint8_t* bytes = p + i * kBits / 8;
    std::memset(bytes, 0, packed_bytes(n, kBits));
    for (int64_t k = 0; k < n; ++k) {
      uint8_t code;
      if constexpr (To == DType::kF4E2M1) {
        code = f4_from_f32(to_float_odd(in[k]));
      } else {
        code = static_cast<uint8_t>(to_number<int8_t>(in[k]));
      }
      store_packed<kBits>(bytes, k, code);
    }
  } else {
    for (int64_t k = 0; k < n; ++k) {
      if constexpr (small_float(To)) {
        p[i + k] = static_cast<typename Storage<To>::Type>(encode_float<To>(to_float_odd(in[k]), params));
      } else if constexpr (To == DType::kBool) {
        p[i + k] = in[k] != 0;
      } else {
        p[i + k] = to_number<typename Storage<To>::Type>(in[k]);
      }
    }
  }
}

template <DType From, DType To>
void convert(const void* in, void* out, int64_t n, const CastParams& params) {
  if constexpr (From == To && From != DType::kBool) {
    std::memcpy(out, in, packed_bytes(n, dtype_bits(From)));
  } else {
    Hub<From> block[kBlock];
    for (int64_t i = 0; i < n; i += kBlock) {
      const int64_t m = n - i < kBlock ? n - i : kBlock;
      load<From>(in, i, m, block);
      store<To, Hub<From>>(block, out, i, m, params);
    }
  }
}

constexpr bool castable(int t) {
  const DType d = static_cast<DType>(t);
  return dtype_bits(d) != 0 && !is_complex(d);
}

template <int From, int To>
constexpr void fill_row(CastTable& t) {
  if constexpr (To < kDTypeCount) {
    if constexpr (castable(From) && castable(To))
      t.fn[From][To] = convert<static_cast<DType>(From), static_cast<DType>(To)>;
    fill_row<From, To + 1>(t);
  }
}
template <int From>
constexpr void fill_rows(CastTable& t) {
  if constexpr (From < kDTypeCount) {
    fill_row<From, 0>(t);
    fill_rows<From + 1>(t);
  }
}
constexpr CastTable make_table() {
  CastTable t;
  fill_rows<0>(t);
  return t;
}
constexpr CastTable kTable = make_table();

}  // namespace

CastFn cast_scalar(DType from, DType to) {
  const int f = static_cast<int>(from), t = static_cast<int>(to);
  return f < kDTypeCount && t < kDTypeCount ? kTable.fn[f][t] : nullptr;
}

}  // namespace sardonyx::simd
