// ImageDecoder: recognises the format by its first bytes. As the standard asks, bytes that are no picture give an empty
// one; a known format that this library does not decode is an error.
#include <cstring>

#include "cpu/common/give.h"
#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

constexpr int64_t kMostPixels = int64_t{1} << 28;

enum class Format : uint8_t { kRgb, kBgr, kGray };

bool starts(Bytes in, size_t at, std::string_view with) {
  return in.size() >= at + with.size() && std::memcmp(in.data() + at, with.data(), with.size()) == 0;
}

Decoded decode(Bytes in, Picture& out, std::string_view& name) {
  if (starts(in, 0, "\xFF\xD8\xFF")) return name = "JPEG", decode_jpeg(in, out);
  if (starts(in, 0, "\x89PNG\r\n\x1A\n")) return name = "PNG", decode_png(in, out);
  if (starts(in, 0, "BM")) return name = "BMP", decode_bmp(in, out);
  if (in.size() > 2 && in[0] == 'P' && in[1] >= '1' && in[1] <= '6') return name = "PNM", decode_pnm(in, out);
  if (starts(in, 0, std::string_view("II*\0", 4)) || starts(in, 0, std::string_view("MM\0*", 4)))
    return name = "TIFF", decode_tiff(in, out);
  if (starts(in, 0, "RIFF") && starts(in, 8, "WEBP")) return name = "WebP", Decoded::kUnsupported;
  if (starts(in, 4, "jP  \r\n\x87\n") || starts(in, 0, "\xFF\x4F\xFF\x51"))
    return name = "JPEG 2000", Decoded::kUnsupported;
  return Decoded::kCorrupt;
}

void convert(const Picture& p, Format format, uint8_t* out) {
  const uint8_t* in = static_cast<const uint8_t*>(p.rgb->data());
  const int64_t n = p.width * p.height;
  switch (format) {
    case Format::kRgb: std::memcpy(out, in, static_cast<size_t>(n * 3)); return;
    case Format::kBgr:
      for (int64_t i = 0; i < n; ++i)
        out[i * 3] = in[i * 3 + 2], out[i * 3 + 1] = in[i * 3 + 1], out[i * 3 + 2] = in[i * 3];
      return;
    case Format::kGray:  // ITU-R 601 luma
      for (int64_t i = 0; i < n; ++i)
        out[i] =
            static_cast<uint8_t>((in[i * 3] * 19595 + in[i * 3 + 1] * 38470 + in[i * 3 + 2] * 7471 + 0x8000) >> 16);
  }
}

class ImageDecoder final : public Kernel {
 public:
  explicit ImageDecoder(const KernelQuery& q) {
    const std::string f = q.attr_string("pixel_format");
    format_ = f == "BGR" ? Format::kBgr : f == "Grayscale" ? Format::kGray : Format::kRgb;
  }

  Status run(RunCtx& c) const override {
    Picture p;
    std::string_view name;
    const Decoded result = decode({c.in<uint8_t>(0), static_cast<size_t>(c.in_count(0))}, p, name);
    if (result == Decoded::kUnsupported)
      return fail(Code::kNoKernel, "this ", name, " picture cannot be decoded by this library");
    if (result != Decoded::kOk) p.width = p.height = 0;
    SDX_TRY(const Tensor out, open_out(c, 0, Extents{p.height, p.width, format_ == Format::kGray ? 1 : 3}));
    if (result == Decoded::kOk) convert(p, format_, out.as<uint8_t>());
    return {};
  }

 private:
  Format format_;
};

}  // namespace

bool Picture::allocate(int64_t w, int64_t h) {
  if (w <= 0 || h <= 0 || w > kMostPixels / h) return false;
  auto buffer = Buffer::heap(static_cast<size_t>(w * h * 3));
  if (!buffer.ok()) return false;
  width = w;
  height = h;
  rgb = *buffer;
  return true;
}

SDX_KERNEL(cpu, ImageDecoder, any) = {.make = make_kernel<ImageDecoder>};

}  // namespace sardonyx
