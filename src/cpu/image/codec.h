// Decoders of picture formats to interleaved 8-bit RGB. None trusts its input: sizes and offsets are checked before
// use. Thread-safe.
#pragma once
#include <cstdint>
#include <span>

#include "tensor/buffer.h"

namespace sardonyx {

using Bytes = std::span<const uint8_t>;

struct Picture {
  int64_t width = 0, height = 0;
  BufferPtr rgb;

  // Room for width x height pixels; false if there are none or too many.
  bool allocate(int64_t w, int64_t h);
  uint8_t* row(int64_t y) const { return static_cast<uint8_t*>(rgb->data()) + y * width * 3; }
};

enum class Decoded : uint8_t {
  kOk,
  kCorrupt,      // the bytes are not a whole picture of this format
  kUnsupported,  // a variant of the format that is not implemented
};

Decoded decode_jpeg(Bytes in, Picture& out);
Decoded decode_png(Bytes in, Picture& out);
Decoded decode_bmp(Bytes in, Picture& out);
Decoded decode_pnm(Bytes in, Picture& out);
Decoded decode_tiff(Bytes in, Picture& out);

}  // namespace sardonyx
