#include "tensor/element.h"

#include <cmath>

#include "tensor/codec.h"

namespace sardonyx {
namespace {

// The integer that v stands for, if it is one: 3.0 counts.
bool as_integer(Number& v) {
  if (v.is_int) return true;
  if (!(std::fabs(v.real) < 18446744073709551616.0) || v.real != std::floor(v.real)) return false;
  v.magnitude = static_cast<uint64_t>(std::fabs(v.real));
  return v.is_int = true;
}

bool fits(const Number& v, int bits, bool is_signed) {
  if (!is_signed) return (!v.negative || v.magnitude == 0) && (bits == 64 || v.magnitude >> bits == 0);
  const uint64_t limit = uint64_t{1} << (bits - 1);
  return v.negative ? v.magnitude <= limit : v.magnitude < limit;
}

bool store_integer(const Tensor& t, int64_t i, Number v) {
  const int bits = dtype_bits(t.dtype());
  if (!as_integer(v) || !fits(v, bits, is_signed_int(t.dtype()))) return false;
  const uint64_t code = v.negative ? uint64_t{0} - v.magnitude : v.magnitude;
  switch (bits) {
    case 2: store_packed<2>(t.as<uint8_t>(), i, static_cast<uint8_t>(code)); break;
    case 4: store_packed<4>(t.as<uint8_t>(), i, static_cast<uint8_t>(code)); break;
    case 8: t.as<uint8_t>()[i] = static_cast<uint8_t>(code); break;
    case 16: t.as<uint16_t>()[i] = static_cast<uint16_t>(code); break;
    case 32: t.as<uint32_t>()[i] = static_cast<uint32_t>(code); break;
    default: t.as<uint64_t>()[i] = code; break;
  }
  return true;
}

Number load_integer(const Tensor& t, int64_t i) {
  switch (t.dtype()) {
    case DType::kU2: return Number::of(load_packed<2>(t.as<uint8_t>(), i));
    case DType::kI2: return Number::of(sign_extend<2>(load_packed<2>(t.as<uint8_t>(), i)));
    case DType::kU4: return Number::of(load_packed<4>(t.as<uint8_t>(), i));
    case DType::kI4: return Number::of(sign_extend<4>(load_packed<4>(t.as<uint8_t>(), i)));
    case DType::kU8: return Number::of(t.as<uint8_t>()[i]);
    case DType::kI8: return Number::of(t.as<int8_t>()[i]);
    case DType::kU16: return Number::of(t.as<uint16_t>()[i]);
    case DType::kI16: return Number::of(t.as<int16_t>()[i]);
    case DType::kU32: return Number::of(t.as<uint32_t>()[i]);
    case DType::kI32: return Number::of(t.as<int32_t>()[i]);
    case DType::kU64: return Number::of_unsigned(t.as<uint64_t>()[i]);
    default: return Number::of(t.as<int64_t>()[i]);
  }
}

}  // namespace

bool store_number(const Tensor& t, int64_t i, const Number& v) {
  const float f = f32_odd_from_f64(v.real);
  switch (t.dtype()) {
    case DType::kUndefined:
    case DType::kString: return false;
    case DType::kBool:
      if (v.real != 0 && v.real != 1) return false;
      t.as<uint8_t>()[i] = v.real != 0;
      return true;
    case DType::kF32: t.as<float>()[i] = static_cast<float>(v.real); return true;
    case DType::kF64: t.as<double>()[i] = v.real; return true;
    case DType::kF16: t.as<uint16_t>()[i] = f16_from_f64(v.real); return true;
    case DType::kBF16: t.as<uint16_t>()[i] = bf16_from_f64(v.real); return true;
    case DType::kF8E4M3FN: t.as<uint8_t>()[i] = static_cast<uint8_t>(F8E4M3FN::encode(f, false)); return true;
    case DType::kF8E4M3FNUZ: t.as<uint8_t>()[i] = static_cast<uint8_t>(F8E4M3FNUZ::encode(f, false)); return true;
    case DType::kF8E5M2: t.as<uint8_t>()[i] = static_cast<uint8_t>(F8E5M2::encode(f, false)); return true;
    case DType::kF8E5M2FNUZ: t.as<uint8_t>()[i] = static_cast<uint8_t>(F8E5M2FNUZ::encode(f, false)); return true;
    case DType::kF8E8M0: t.as<uint8_t>()[i] = f8e8m0_from_f32(f, false, ScaleRound::kNearest); return true;
    case DType::kF4E2M1: store_packed<4>(t.as<uint8_t>(), i, f4_from_f32(f)); return true;
    case DType::kC64:
      t.as<float>()[2 * i] = static_cast<float>(v.real);
      t.as<float>()[2 * i + 1] = 0;
      return true;
    case DType::kC128:
      t.as<double>()[2 * i] = v.real;
      t.as<double>()[2 * i + 1] = 0;
      return true;
    default: return store_integer(t, i, v);
  }
}

Number load_number(const Tensor& t, int64_t i) {
  switch (t.dtype()) {
    case DType::kBool: return Number::of(t.as<uint8_t>()[i] != 0);
    case DType::kF32: return Number::of_real(t.as<float>()[i]);
    case DType::kF64: return Number::of_real(t.as<double>()[i]);
    case DType::kF16: return Number::of_real(f32_from_f16(t.as<uint16_t>()[i]));
    case DType::kBF16: return Number::of_real(f32_from_bf16(t.as<uint16_t>()[i]));
    case DType::kF8E4M3FN: return Number::of_real(F8E4M3FN::decode(t.as<uint8_t>()[i]));
    case DType::kF8E4M3FNUZ: return Number::of_real(F8E4M3FNUZ::decode(t.as<uint8_t>()[i]));
    case DType::kF8E5M2: return Number::of_real(F8E5M2::decode(t.as<uint8_t>()[i]));
    case DType::kF8E5M2FNUZ: return Number::of_real(F8E5M2FNUZ::decode(t.as<uint8_t>()[i]));
    case DType::kF8E8M0: return Number::of_real(f32_from_f8e8m0(t.as<uint8_t>()[i]));
    case DType::kF4E2M1: return Number::of_real(f32_from_f4(load_packed<4>(t.as<uint8_t>(), i)));
    case DType::kC64: return Number::of_real(t.as<float>()[2 * i]);
    case DType::kC128: return Number::of_real(t.as<double>()[2 * i]);
    default: return load_integer(t, i);
  }
}

double imaginary_part(const Tensor& t, int64_t i) {
  if (t.dtype() == DType::kC64) return t.as<float>()[2 * i + 1];
  return t.dtype() == DType::kC128 ? t.as<double>()[2 * i + 1] : 0;
}

Result<Tensor> make_scalar(DType type, const Number& v) {
  SDX_TRY(Tensor t, Tensor::make(type, {}));
  if (dtype_bits(type) != 0 && dtype_bits(type) < 8) *t.as<uint8_t>() = 0;
  if (!store_number(t, 0, v))
    return fail(Code::kRange, v.is_int ? cat(v.negative ? "-" : "", v.magnitude) : cat(v.real),
                " is not a value of type ", dtype_name(type));
  return t;
}

Result<Tensor> make_scalar(DType type, double v) { return make_scalar(type, Number::of_real(v)); }

}  // namespace sardonyx
