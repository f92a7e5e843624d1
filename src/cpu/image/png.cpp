// PNG through libpng. Transparency is dropped, 16-bit samples lose their low byte, gamma is left alone.
#include <png.h>

#include <cstring>
#include <vector>

#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

struct Source {
  Bytes in;
  size_t at = 0;
};

void on_read(png_structp png, png_bytep to, size_t n) {
  Source& s = *static_cast<Source*>(png_get_io_ptr(png));
  if (n > s.in.size() - s.at) png_error(png, "truncated");
  std::memcpy(to, s.in.data() + s.at, n);
  s.at += n;
}
void on_error(png_structp png, png_const_charp) { png_longjmp(png, 1); }
void on_warning(png_structp, png_const_charp) {}

// No object with a destructor may live in this frame: errors jump over it.
bool read(png_structp png, png_infop info, Source& source, Picture& out, std::vector<png_bytep>& rows) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_set_read_fn(png, &source, on_read);
  png_read_info(png, info);
  png_set_expand(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  png_set_gray_to_rgb(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
  if (!out.allocate(png_get_image_width(png, info), png_get_image_height(png, info))) return false;
  if (png_get_rowbytes(png, info) != static_cast<size_t>(out.width) * 3) return false;
  rows.resize(static_cast<size_t>(out.height));
  for (int64_t y = 0; y < out.height; ++y) rows[static_cast<size_t>(y)] = out.row(y);
  png_read_image(png, rows.data());
  return true;
}

}  // namespace

Decoded decode_png(Bytes in, Picture& out) {
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, on_error, on_warning);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  Source source{in};
  std::vector<png_bytep> rows;
  const bool ok = info != nullptr && read(png, info, source, out, rows);
  if (png) png_destroy_read_struct(&png, &info, nullptr);
  return ok ? Decoded::kOk : Decoded::kCorrupt;
}

}  // namespace sardonyx
