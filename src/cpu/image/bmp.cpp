// BMP: 1, 4 and 8 bits with palette, 16, 24 and 32 bits, bit fields; not run-length encoded.
#include <bit>

#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

struct Header {
  uint32_t size = 0, pixels_at = 0, compression = 0, colours = 0;
  int64_t width = 0, height = 0;
  int bits = 0;
  bool top_down = false;
  uint32_t masks[3] = {0, 0, 0};
  size_t palette_at = 0, palette_step = 4;
};

class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}
  bool holds(size_t at, size_t n) const { return at <= in_.size() && n <= in_.size() - at; }
  uint32_t u16(size_t at) const { return holds(at, 2) ? in_[at] | static_cast<uint32_t>(in_[at + 1]) << 8 : 0; }
  uint32_t u32(size_t at) const { return u16(at) | u16(at + 2) << 16; }
  uint8_t u8(size_t at) const { return holds(at, 1) ? in_[at] : 0; }

 private:
  Bytes in_;
};

Decoded read_header(const Reader& r, Header& h) {
  constexpr uint32_t kPlain = 0, kBitFields = 3, kOldHeader = 12;
  h.pixels_at = r.u32(10);
  h.size = r.u32(14);
  if (h.size == kOldHeader) {
    h.width = r.u16(18), h.height = r.u16(20);
    h.bits = static_cast<int>(r.u16(24));
    h.palette_step = 3;
  } else if (h.size >= 40) {
    h.width = static_cast<int32_t>(r.u32(18)), h.height = static_cast<int32_t>(r.u32(22));
    h.bits = static_cast<int>(r.u16(28));
    h.compression = r.u32(30);
    h.colours = r.u32(46);
  } else {
    return Decoded::kCorrupt;
  }
  h.top_down = h.height < 0;
  if (h.top_down) h.height = -h.height;
  h.palette_at = 14 + h.size;
  if (h.compression == kBitFields && (h.bits == 16 || h.bits == 32)) {
    for (size_t k = 0; k < 3; ++k) h.masks[k] = r.u32(54 + 4 * k);
  } else if (h.compression != kPlain) {
    return Decoded::kUnsupported;
  } else if (h.bits == 16) {
    h.masks[0] = 0x7C00, h.masks[1] = 0x03E0, h.masks[2] = 0x001F;
  } else if (h.bits == 32) {
    h.masks[0] = 0xFF0000, h.masks[1] = 0xFF00, h.masks[2] = 0xFF;
  }
  const bool known = h.bits == 1 || h.bits == 4 || h.bits == 8 || h.bits == 16 || h.bits == 24 || h.bits == 32;
  return known ? Decoded::kOk : Decoded::kCorrupt;
}

// The masked bits, scaled to 0..255.
uint8_t field(uint32_t v, uint32_t mask) {
  if (mask == 0) return 0;
  const uint64_t top = mask >> std::countr_zero(mask), value = (v & mask) >> std::countr_zero(mask);
  return static_cast<uint8_t>((value * 255 + top / 2) / top);
}

void read_pixel(const Reader& r, const Header& h, size_t row, int64_t x, uint8_t* to) {
  const size_t at = static_cast<size_t>(x);
  if (h.bits <= 8) {
    const size_t per = static_cast<size_t>(8 / h.bits);
    const uint32_t shift = static_cast<uint32_t>(h.bits) * static_cast<uint32_t>(per - 1 - at % per);
    const size_t colour = h.palette_at + (r.u8(row + at / per) >> shift & ((1u << h.bits) - 1)) * h.palette_step;
    to[0] = r.u8(colour + 2), to[1] = r.u8(colour + 1), to[2] = r.u8(colour);
  } else if (h.bits == 24) {
    to[0] = r.u8(row + at * 3 + 2), to[1] = r.u8(row + at * 3 + 1), to[2] = r.u8(row + at * 3);
  } else {
    const uint32_t v = h.bits == 16 ? r.u16(row + at * 2) : r.u32(row + at * 4);
    for (int k = 0; k < 3; ++k) to[k] = field(v, h.masks[k]);
  }
}

}  // namespace

Decoded decode_bmp(Bytes in, Picture& out) {
  const Reader r(in);
  Header h;
  if (const Decoded d = read_header(r, h); d != Decoded::kOk) return d;
  const size_t stride = (static_cast<size_t>(h.width) * static_cast<size_t>(h.bits) + 31) / 32 * 4;
  if (h.width <= 0 || h.height <= 0 || static_cast<size_t>(h.height) > in.size() / stride) return Decoded::kCorrupt;
  if (!r.holds(h.pixels_at, stride * static_cast<size_t>(h.height)) || !out.allocate(h.width, h.height))
    return Decoded::kCorrupt;
  for (int64_t y = 0; y < h.height; ++y) {
    const size_t row = h.pixels_at + stride * static_cast<size_t>(h.top_down ? y : h.height - 1 - y);
    for (int64_t x = 0; x < h.width; ++x) read_pixel(r, h, row, x, out.row(y) + x * 3);
  }
  return Decoded::kOk;
}

}  // namespace sardonyx
