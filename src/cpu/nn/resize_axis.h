// One axis of a Resize: which input elements each output element reads, and with which weights. ONNX's Resize
// specification.
#pragma once
#include <cstdint>
#include <vector>

namespace sardonyx {

enum class ResizeMode : uint8_t { kNearest, kLinear, kCubic };
enum class Coordinates : uint8_t {
  kHalfPixel,
  kHalfPixelSymmetric,
  kPytorchHalfPixel,
  kAlignCorners,
  kAsymmetric,
  kTfHalfPixel,
  kTfCrop
};
enum class NearestMode : uint8_t { kPreferFloor, kPreferCeil, kFloor, kCeil };

struct ResizeRule {
  ResizeMode mode = ResizeMode::kNearest;
  Coordinates coordinates = Coordinates::kHalfPixel;
  NearestMode nearest = NearestMode::kPreferFloor;
  double cubic_a = -0.75;
  bool antialias = false, exclude_outside = false;
};

struct ResizeAxis {
  int taps = 1;                  // per output element
  std::vector<int32_t> index;    // [out][taps], inside the input
  std::vector<float> weight;     // [out][taps]; all 1 for nearest
  std::vector<uint8_t> outside;  // [out]: beyond the crop (kTfCrop only); empty otherwise
};

// scale = out/in as the model gives it; roi is the crop's begin and end on this axis (kTfCrop).
ResizeAxis resize_axis(const ResizeRule& rule, int64_t in, int64_t out, double scale, double roi_begin, double roi_end);

}  // namespace sardonyx
