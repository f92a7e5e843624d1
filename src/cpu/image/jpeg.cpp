// JPEG through libjpeg, with its slow exact transform and smooth chroma upsampling.
#include <csetjmp>
#include <cstddef>
#include <cstdio>

// jpeglib.h needs size_t and FILE before it.
// clang-format off
#include <jpeglib.h>
// clang-format on
#include "cpu/image/codec.h"

namespace sardonyx {
namespace {

struct Errors {
  jpeg_error_mgr base;
  std::jmp_buf jump;
};

void on_error(j_common_ptr info) { std::longjmp(reinterpret_cast<Errors*>(info->err)->jump, 1); }
void on_message(j_common_ptr) {}

// Four-component pictures come as inverted CMYK, as Adobe's programs write them.
void cmyk_to_rgb(const uint8_t* in, uint8_t* out, int64_t n) {
  for (int64_t i = 0; i < n; ++i, in += 4, out += 3)
    for (int k = 0; k < 3; ++k) out[k] = static_cast<uint8_t>((in[k] * in[3] + 127) / 255);
}

bool make_line(BufferPtr& line, int64_t bytes) {
  auto made = Buffer::heap(static_cast<size_t>(bytes));
  if (made.ok()) line = *made;
  return made.ok();
}

// No object with a destructor may live in this frame: errors jump over it.
bool read(jpeg_decompress_struct& info, Errors& errors, Bytes in, Picture& out, BufferPtr& line) {
  if (setjmp(errors.jump)) return false;
  jpeg_mem_src(&info, in.data(), in.size());
  jpeg_read_header(&info, TRUE);
  const bool cmyk = info.num_components == 4;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  if (!out.allocate(info.output_width, info.output_height) || info.output_components != (cmyk ? 4 : 3)) return false;
  if (cmyk && !make_line(line, out.width * 4)) return false;
  while (info.output_scanline < info.output_height) {
    uint8_t* to = out.row(info.output_scanline);
    JSAMPROW row = cmyk ? static_cast<uint8_t*>(line->data()) : to;
    jpeg_read_scanlines(&info, &row, 1);
    if (cmyk) cmyk_to_rgb(row, to, out.width);
  }
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace

Decoded decode_jpeg(Bytes in, Picture& out) {
  jpeg_decompress_struct info{};
  Errors errors{};
  BufferPtr line;
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = on_error;
  errors.base.output_message = on_message;
  jpeg_create_decompress(&info);
  const bool ok = read(info, errors, in, out, line);
  jpeg_destroy_decompress(&info);
  return ok ? Decoded::kOk : Decoded::kCorrupt;
}

}  // namespace sardonyx
