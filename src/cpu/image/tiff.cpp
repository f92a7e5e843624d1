// Baseline TIFF: first page, 8-bit grey, palette or RGB samples in strips, plain, PackBits or LZW, with horizontal
// prediction.
#include <algorithm>
#include <vector>

#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

class Reader {
 public:
  explicit Reader(Bytes in) : in_(in), big_(in[0] == 'M') {}
  size_t size() const { return in_.size(); }
  uint32_t u16(size_t at) const {
    if (at >= in_.size() || in_.size() - at < 2) return 0;
    return big_ ? in_[at] << 8 | in_[at + 1] : in_[at + 1] << 8 | in_[at];
  }
  uint32_t u32(size_t at) const { return big_ ? u16(at) << 16 | u16(at + 2) : u16(at + 2) << 16 | u16(at); }
  Bytes piece(size_t at, size_t n) const {
    if (at > in_.size()) return {};
    return in_.subspan(at, std::min(n, in_.size() - at));
  }

 private:
  Bytes in_;
  bool big_;
};

// One entry of the directory: integers of 2 or 4 bytes.
struct Entry {
  uint32_t count = 0;
  bool wide = false;
  size_t at = 0;
  uint32_t get(const Reader& r, uint32_t i = 0) const {
    if (i >= count) return 0;
    return wide ? r.u32(at + i * 4) : r.u16(at + i * 2);
  }
};

enum Tag : uint32_t {
  kWidth = 256,
  kHeight = 257,
  kBits = 258,
  kCompression = 259,
  kPhotometric = 262,
  kOffsets = 273,
  kSamples = 277,
  kRowsPerStrip = 278,
  kByteCounts = 279,
  kPlanar = 284,
  kPredictor = 317,
  kColours = 320,
};

Entry find(const Reader& r, uint32_t tag) {
  const size_t directory = r.u32(4);
  const uint32_t entries = r.u16(directory);
  for (uint32_t i = 0; i < entries; ++i) {
    const size_t at = directory + 2 + i * size_t{12};
    if (r.u16(at) != tag) continue;
    const uint32_t type = r.u16(at + 2), count = r.u32(at + 4);
    if (type != 3 && type != 4) return {};
    const bool wide = type == 4, inside = count <= (wide ? 1u : 2u);
    return {count, wide, inside ? at + 8 : r.u32(at + 8)};
  }
  return {};
}

// Both append to `out` until it holds `wanted` bytes; false if the data end or break before.
bool unpack_bits(Bytes in, size_t wanted, std::vector<uint8_t>& out) {
  for (size_t i = 0; out.size() < wanted;) {
    if (i >= in.size()) return false;
    const int n = static_cast<int8_t>(in[i++]);
    if (n == -128) continue;
    if (n < 0) {
      if (i >= in.size()) return false;
      out.insert(out.end(), static_cast<size_t>(1 - n), in[i++]);
    } else {
      if (in.size() - i < static_cast<size_t>(n) + 1) return false;
      out.insert(out.end(), in.begin() + static_cast<std::ptrdiff_t>(i),
                 in.begin() + static_cast<std::ptrdiff_t>(i) + n + 1);
      i += static_cast<size_t>(n) + 1;
    }
  }
  return true;
}

bool unpack_lzw(Bytes in, size_t wanted, std::vector<uint8_t>& out) {
  constexpr uint32_t kClear = 256, kEnd = 257, kFirst = 258, kMost = 4096;
  struct Text {
    size_t at, length;  // in out
  };
  std::vector<Text> table;
  size_t bit = 0;
  int width = 9;
  Text last{0, 0};
  while (out.size() < wanted) {
    if (bit + static_cast<size_t>(width) > in.size() * 8) return false;
    uint32_t code = 0;
    for (int k = 0; k < width; ++k, ++bit) code = code << 1 | (in[bit / 8] >> (7 - bit % 8) & 1u);
    if (code == kEnd) return false;
    if (code == kClear) {
      table.clear();
      width = 9;
      last = {0, 0};
      continue;
    }
    const size_t start = out.size();
    if (code < 256) {
      out.push_back(static_cast<uint8_t>(code));
    } else {
      const size_t entry = code - kFirst;
      if (last.length == 0 || entry > table.size()) return false;
      const Text t = entry < table.size() ? table[entry] : Text{last.at, last.length + 1};
      for (size_t k = 0; k < t.length; ++k) out.push_back(out[t.at + k]);
    }
    // A new entry is the last text and the first byte of this one: exactly the bytes that follow the last text in
    // `out`.
    if (last.length != 0 && table.size() + kFirst < kMost) table.push_back({last.at, last.length + 1});
    last = {start, out.size() - start};
    const uint32_t next = static_cast<uint32_t>(table.size()) + kFirst + 1;
    width = next >= 2048 ? 12 : next >= 1024 ? 11 : next >= 512 ? 10 : 9;
  }
  return true;
}

bool read_strips(const Reader& r, uint32_t compression, size_t line, int64_t height, std::vector<uint8_t>& out) {
  const Entry offsets = find(r, kOffsets), counts = find(r, kByteCounts), rows = find(r, kRowsPerStrip);
  const int64_t each = rows.count ? std::clamp<int64_t>(rows.get(r), 1, height) : height;
  for (int64_t y = 0, strip = 0; y < height; y += each, ++strip) {
    if (strip >= offsets.count) return false;
    const uint32_t s = static_cast<uint32_t>(strip);
    const Bytes in = r.piece(offsets.get(r, s), counts.count ? counts.get(r, s) : r.size());
    const size_t wanted = out.size() + line * static_cast<size_t>(std::min(each, height - y));
    if (compression == 1) {
      if (in.size() < wanted - out.size()) return false;
      out.insert(out.end(), in.begin(), in.begin() + static_cast<std::ptrdiff_t>(wanted - out.size()));
    } else if (!(compression == 5 ? unpack_lzw(in, wanted, out) : unpack_bits(in, wanted, out))) {
      return false;
    }
    out.resize(wanted);
  }
  return true;
}

}  // namespace

Decoded decode_tiff(Bytes in, Picture& out) {
  if (in.size() < 8) return Decoded::kCorrupt;
  const Reader r(in);
  const auto value = [&r](uint32_t tag, uint32_t otherwise) {
    const Entry e = find(r, tag);
    return e.count ? e.get(r) : otherwise;
  };
  const int64_t width = value(kWidth, 0), height = value(kHeight, 0);
  const uint32_t compression = value(kCompression, 1), kind = value(kPhotometric, 1), predictor = value(kPredictor, 1);
  const size_t samples = value(kSamples, 1);
  const bool known = value(kBits, 1) == 8 && value(kPlanar, 1) == 1 && kind <= 3 && samples >= (kind == 2 ? 3u : 1u) &&
                     samples <= 8 && (compression == 1 || compression == 5 || compression == 32773) && predictor <= 2;
  if (width == 0 || height == 0) return Decoded::kCorrupt;
  if (!known) return Decoded::kUnsupported;
  // No compression here packs more than 4096 bytes into 9 bits, so a short file cannot claim a huge picture.
  if (width > static_cast<int64_t>(in.size()) * 4096 / height || !out.allocate(width, height)) return Decoded::kCorrupt;
  std::vector<uint8_t> pixels;
  const size_t line = static_cast<size_t>(width) * samples;
  if (!read_strips(r, compression, line, height, pixels)) return Decoded::kCorrupt;
  const Entry colours = find(r, kColours);
  for (int64_t y = 0; y < height; ++y) {
    uint8_t* from = pixels.data() + static_cast<size_t>(y) * line;
    for (size_t i = samples; predictor == 2 && i < line; ++i)
      from[i] = static_cast<uint8_t>(from[i] + from[i - samples]);
    uint8_t* to = out.row(y);
    for (int64_t x = 0; x < width; ++x, from += samples, to += 3) {
      for (uint32_t k = 0; k < 3; ++k) {
        if (kind == 2)
          to[k] = from[k];
        else if (kind == 3)
          to[k] = static_cast<uint8_t>(colours.get(r, k * 256 + from[0]) >> 8);
        else
          to[k] = kind == 0 ? static_cast<uint8_t>(255 - from[0]) : from[0];
      }
    }
  }
  return Decoded::kOk;
}

}  // namespace sardonyx
