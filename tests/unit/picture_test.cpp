#include "common/picture.h"

#include <gtest/gtest.h>
#include <png.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

// Writes pixels as a PNG file that is deleted at the end of the test.
class PngFile {
 public:
  PngFile(int width, int height, uint32_t format, const std::vector<uint8_t>& pixels) {
    std::string name = (fs::temp_directory_path() / "sardonyx_png_XXXXXX").string();
    close(mkstemp(name.data()));
    path_ = name;
    png_image image;
    std::memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<uint32_t>(width);
    image.height = static_cast<uint32_t>(height);
    image.format = format;
    EXPECT_TRUE(png_image_write_to_file(&image, path_.c_str(), 0, pixels.data(), 0, nullptr));
  }
  ~PngFile() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(Picture, ReadsGreyAsItIs) {
  const std::vector<uint8_t> pixels = {0, 1, 127, 128, 254, 255};
  const PngFile file(3, 2, PNG_FORMAT_GRAY, pixels);
  const Result<PixelImage> grey = read_png(file.path(), 1);
  ASSERT_TRUE(grey.ok()) << grey.status().to_string();
  EXPECT_EQ(grey->width, 3);
  EXPECT_EQ(grey->height, 2);
  EXPECT_EQ(grey->pixels, pixels);
  const Result<PixelImage> rgb = read_png(file.path(), 3);
  ASSERT_TRUE(rgb.ok());
  EXPECT_EQ(rgb->pixels.size(), 18u);
  EXPECT_EQ(rgb->pixels[6], 127);
  EXPECT_EQ(rgb->pixels[8], 127);
}

TEST(Picture, ReadsColoursAndLaysTransparencyOverBlack) {
  const PngFile colours(2, 1, PNG_FORMAT_RGB, {255, 0, 0, 10, 20, 30});
  EXPECT_EQ(read_png(colours.path(), 3)->pixels, (std::vector<uint8_t>{255, 0, 0, 10, 20, 30}));
  EXPECT_EQ(read_png(colours.path(), 1)->pixels.size(), 2u);
  const PngFile transparent(1, 1, PNG_FORMAT_RGBA, {200, 200, 200, 0});
  EXPECT_EQ(read_png(transparent.path(), 3)->pixels, (std::vector<uint8_t>{0, 0, 0}));
}

TEST(Picture, NamesTheFileThatItCannotRead) {
  const Result<PixelImage> missing = read_png("/no/such/picture.png", 1);
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.status().message().find("/no/such/picture.png"), std::string::npos);
}

}  // namespace
}  // namespace sardonyx
