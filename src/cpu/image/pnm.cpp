// Portable any-map: bitmaps, grey maps and pixmaps, as text or bytes (P1 to P6).
#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

class Scanner {
 public:
  explicit Scanner(Bytes in) : in_(in) {}

  // The next decimal number, over white space and comments; -1 if there is none or it is above `most`.
  int64_t number(int64_t most) {
    skip();
    if (at_ >= in_.size() || !digit(in_[at_])) return -1;
    int64_t v = 0;
    for (; at_ < in_.size() && digit(in_[at_]); ++at_)
      if ((v = v * 10 + (in_[at_] - '0')) > most) return -1;
    return v;
  }
  // One bit of a text bitmap; they need no space between them.
  int64_t bit() {
    skip();
    return at_ < in_.size() && (in_[at_] == '0' || in_[at_] == '1') ? in_[at_++] - '0' : -1;
  }
  // The bytes after the single white space that ends the header.
  Bytes rest() const { return at_ < in_.size() ? in_.subspan(at_ + 1) : Bytes(); }
  void step(size_t n) { at_ += n; }

 private:
  static bool digit(uint8_t c) { return c >= '0' && c <= '9'; }
  void skip() {
    for (bool comment = false; at_ < in_.size(); ++at_) {
      const uint8_t c = in_[at_];
      if (c == '#')
        comment = true;
      else if (c == '\n' || c == '\r')
        comment = false;
      else if (!comment && c != ' ' && c != '\t' && c != '\v' && c != '\f')
        return;
    }
  }
  Bytes in_;
  size_t at_ = 0;
};

uint8_t scaled(int64_t v, int64_t most) {
  if (v > most) v = most;
  return static_cast<uint8_t>(most == 255 ? v : (v * 255 + most / 2) / most);
}

bool read_text(Scanner& s, char kind, int64_t most, Picture& out) {
  const int64_t n = out.width * out.height;
  uint8_t* to = out.row(0);
  for (int64_t i = 0; i < n; ++i, to += 3) {
    for (int k = 0; k < 3; ++k) {
      if (k > 0 && kind != '3') {
        to[k] = to[0];
        continue;
      }
      const int64_t v = kind == '1' ? s.bit() : s.number(65535);
      if (v < 0) return false;
      to[k] = kind == '1' ? (v ? 0 : 255) : scaled(v, most);
    }
  }
  return true;
}

bool read_bits(Bytes in, Picture& out) {
  const size_t stride = (static_cast<size_t>(out.width) + 7) / 8;
  if (in.size() / stride < static_cast<size_t>(out.height)) return false;
  for (int64_t y = 0; y < out.height; ++y) {
    for (int64_t x = 0; x < out.width; ++x) {
      const uint8_t byte = in[static_cast<size_t>(y) * stride + static_cast<size_t>(x / 8)];
      const uint8_t v = byte >> (7 - x % 8) & 1 ? 0 : 255;
      for (int k = 0; k < 3; ++k) out.row(y)[x * 3 + k] = v;
    }
  }
  return true;
}

bool read_bytes(Bytes in, bool colour, int64_t most, Picture& out) {
  const size_t wide = most > 255 ? 2 : 1, n = static_cast<size_t>(out.width * out.height), samples = colour ? 3 : 1;
  if (in.size() / (wide * samples) < n) return false;
  uint8_t* to = out.row(0);
  for (size_t i = 0; i < n; ++i, to += 3) {
    for (size_t k = 0; k < 3; ++k) {
      const size_t at = (i * samples + (colour ? k : 0)) * wide;
      to[k] = scaled(wide == 2 ? in[at] << 8 | in[at + 1] : in[at], most);
    }
  }
  return true;
}

}  // namespace

Decoded decode_pnm(Bytes in, Picture& out) {
  const char kind = static_cast<char>(in[1]);
  Scanner s(in);
  s.step(2);
  const bool bitmap = kind == '1' || kind == '4';
  const int64_t width = s.number(1 << 24), height = s.number(1 << 24), most = bitmap ? 1 : s.number(65535);
  // Every pixel takes at least a bit, so a short file cannot claim a huge picture.
  if (width <= 0 || height <= 0 || most <= 0 || width > static_cast<int64_t>(in.size()) * 8 / height)
    return Decoded::kCorrupt;
  if (!out.allocate(width, height)) return Decoded::kCorrupt;
  bool ok = false;
  if (kind <= '3')
    ok = read_text(s, kind, most, out);
  else if (bitmap)
    ok = read_bits(s.rest(), out);
  else
    ok = read_bytes(s.rest(), kind == '6', most, out);
  return ok ? Decoded::kOk : Decoded::kCorrupt;
}

}  // namespace sardonyx
