#include "cpu/common/element.h"

#include <algorithm>

namespace sardonyx {
namespace {

template <int Bits>
void copy_packed(const uint8_t* src, int64_t src_at, uint8_t* dst, int64_t dst_at, int64_t n) {
  constexpr int64_t kPer = 8 / Bits;
  if (src_at % kPer == 0 && dst_at % kPer == 0) {
    const int64_t whole = n / kPer;
    if (whole) std::memcpy(dst + dst_at / kPer, src + src_at / kPer, static_cast<size_t>(whole));
    src_at += whole * kPer, dst_at += whole * kPer, n -= whole * kPer;
  }
  for (int64_t i = 0; i < n; ++i) store_packed<Bits>(dst, dst_at + i, load_packed<Bits>(src, src_at + i));
}

template <int Bits>
void fill_packed(uint8_t* dst, int64_t at, int64_t n, uint8_t code) {
  constexpr int64_t kPer = 8 / Bits;
  for (; n > 0 && at % kPer != 0; --n, ++at) store_packed<Bits>(dst, at, code);
  uint8_t byte = 0;
  for (int i = 0; i < kPer; ++i) store_packed<Bits>(&byte, i, code);
  if (n / kPer > 0) std::memset(dst + at / kPer, byte, static_cast<size_t>(n / kPer));
  for (int64_t i = n / kPer * kPer; i < n; ++i) store_packed<Bits>(dst, at + i, code);
}

}  // namespace

void copy_elements(DType t, const void* src, int64_t src_at, void* dst, int64_t dst_at, int64_t n) {
  if (n <= 0) return;
  if (t == DType::kString) {
    const std::string* s = static_cast<const std::string*>(src) + src_at;
    std::copy(s, s + n, static_cast<std::string*>(dst) + dst_at);
    return;
  }
  const uint8_t* s = static_cast<const uint8_t*>(src);
  uint8_t* d = static_cast<uint8_t*>(dst);
  switch (dtype_bits(t)) {
    case 2: return copy_packed<2>(s, src_at, d, dst_at, n);
    case 4: return copy_packed<4>(s, src_at, d, dst_at, n);
    default: {
      const int64_t size = element_bytes(t);
      std::memcpy(d + dst_at * size, s + src_at * size, static_cast<size_t>(n * size));
    }
  }
}

void fill_elements(DType t, void* dst, int64_t at, int64_t n, const void* value) {
  if (n <= 0) return;
  const uint8_t code = t == DType::kString ? 0 : *static_cast<const uint8_t*>(value);
  if (dtype_bits(t) == 2) return fill_packed<2>(static_cast<uint8_t*>(dst), at, n, code & 3);
  if (dtype_bits(t) == 4) return fill_packed<4>(static_cast<uint8_t*>(dst), at, n, code & 15);
  (void)visit_storage(t, [&]<class T>(std::type_identity<T>) {
    std::fill_n(static_cast<T*>(dst) + at, n, *static_cast<const T*>(value));
    return Status();
  });
}

void zero_elements(DType t, void* dst, int64_t at, int64_t n) {
  const std::string empty;
  constexpr uint64_t kZero[2] = {0, 0};
  fill_elements(t, dst, at, n, t == DType::kString ? static_cast<const void*>(&empty) : kZero);
}

}  // namespace sardonyx
