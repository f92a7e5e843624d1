// Reading PNG files as grey or RGB bytes.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace sardonyx {

struct PixelImage {
  int width = 0, height = 0;
  int channels = 0;             // 1: grey, 3: RGB
  std::vector<uint8_t> pixels;  // row by row from the top, channels interleaved
};

// channels is 1 or 3; the file's own colours are converted, transparency is laid over black.
Result<PixelImage> read_png(const std::string& path, int channels);

}  // namespace sardonyx
