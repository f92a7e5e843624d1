#include "common/picture.h"

#include <png.h>

#include <cstring>

namespace sardonyx {

namespace {
constexpr uint64_t kMaxPixels = uint64_t{1} << 28;
}  // namespace

Result<PixelImage> read_png(const std::string& path, int channels) {
  png_image image;
  std::memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_file(&image, path.c_str()))
    return fail(Code::kFile, quoted(path), " cannot be read as PNG: ", image.message);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  if (uint64_t{image.width} * image.height > kMaxPixels) {
    png_image_free(&image);
    return fail(Code::kFile, quoted(path), ": a picture of ", image.width, " x ", image.height, " pixels was refused");
  }
  PixelImage picture{static_cast<int>(image.width), static_cast<int>(image.height), channels, {}};
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  const png_color black = {0, 0, 0};
  if (!png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr))
    return fail(Code::kFile, quoted(path), " cannot be read as PNG: ", image.message);
  return picture;
}

}  // namespace sardonyx
