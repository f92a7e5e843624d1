#include <algorithm>
#include <charconv>
#include <cmath>

#include "cpu/image/codec.h"
#include "input_args.h"
#include "onnx/mapped_file.h"
#include "session_args.h"

namespace sardonyx {
namespace {

struct Layout {
  int64_t channels = 3, height = 0, width = 0;  // height and width 0: as in the file
  bool last = false;                            // channels are the last axis
  bool batch = false;
};

// Grey pictures have 1 channel, others 3, so the axis of that extent is the channels'.
Result<Layout> layout_of(const Port& port) {
  const size_t rank = port.dims.size();
  if (!port.type.is_tensor() || !port.has_rank || rank < 3 || rank > 4)
    return fail(Code::kShape, "input ", quoted(port.name), " is ", to_string(port.type), extents_text(port),
                ", which is not the form of a picture");
  Layout l;
  l.batch = rank == 4;
  const int64_t* d = port.dims.data() + (l.batch ? 1 : 0);
  const auto is_channels = [](int64_t v) { return v == 1 || v == 3; };
  l.last = !is_channels(d[0]) && is_channels(d[2]);
  l.channels = d[l.last ? 2 : 0];
  if (!is_channels(l.channels))
    return fail(Code::kShape, "input ", quoted(port.name), extents_text(port), " has neither 1 nor 3 channels");
  l.height = std::max<int64_t>(0, d[l.last ? 0 : 1]);
  l.width = std::max<int64_t>(0, d[l.last ? 1 : 2]);
  return l;
}

Result<Picture> decode(const std::string& path) {
  SDX_TRY(const BufferPtr file, map_file(path));
  const Bytes bytes(static_cast<const uint8_t*>(file->data()), file->bytes());
  Picture p;
  for (const auto decoder : {decode_png, decode_jpeg, decode_bmp, decode_pnm})
    if (decoder(bytes, p) == Decoded::kOk) return p;
  return fail(Code::kFile, quoted(path), " is not a whole PNG, JPEG, BMP or PNM picture");
}

Result<std::vector<float>> per_channel(const std::string& text, int64_t channels, float standard) {
  std::vector<float> values;
  const char *at = text.data(), *end = at + text.size();
  while (at < end) {
    float v = 0;
    const auto [next, error] = std::from_chars(at, end, v);
    if (error != std::errc() || (next < end && *next != ','))
      return fail(Code::kOption, quoted(text), " is no list of numbers");
    values.push_back(v);
    at = next < end ? next + 1 : next;
  }
  if (values.empty()) values.push_back(standard);
  if (values.size() == 1) values.resize(static_cast<size_t>(channels), values[0]);
  if (static_cast<int64_t>(values.size()) != channels)
    return fail(Code::kOption, quoted(text), " should have 1 or ", channels, " numbers");
  return values;
}

// Bilinear, with half-pixel centres. c 0 to 2 is a colour of three; -1 is grey (BT.601).
float sample(const Picture& p, double y, double x, int c) {
  const auto clamp = [](double v, int64_t n) { return std::clamp(v, 0.0, static_cast<double>(n - 1)); };
  y = clamp(y, p.height), x = clamp(x, p.width);
  const auto y0 = static_cast<int64_t>(y), x0 = static_cast<int64_t>(x);
  const int64_t y1 = std::min(y0 + 1, p.height - 1), x1 = std::min(x0 + 1, p.width - 1);
  const auto at = [&](int64_t row, int64_t column) {
    const uint8_t* rgb = p.row(row) + 3 * column;
    return c >= 0 ? static_cast<double>(rgb[c]) : 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  };
  const double fy = y - static_cast<double>(y0), fx = x - static_cast<double>(x0);
  return static_cast<float>((1 - fy) * ((1 - fx) * at(y0, x0) + fx * at(y0, x1)) +
                            fy * ((1 - fx) * at(y1, x0) + fx * at(y1, x1)));
}

struct Normalisation {
  std::vector<float> mean, deviation;
};

void fill(const Tensor& t, const Picture& p, const Layout& l, const Normalisation& n) {
  const double sy = static_cast<double>(p.height) / static_cast<double>(l.height);
  const double sx = static_cast<double>(p.width) / static_cast<double>(l.width);
  for (int64_t c = 0; c < l.channels; ++c)
    for (int64_t y = 0; y < l.height; ++y)
      for (int64_t x = 0; x < l.width; ++x) {
        const float v = sample(p, (static_cast<double>(y) + 0.5) * sy - 0.5, (static_cast<double>(x) + 0.5) * sx - 0.5,
                               l.channels == 1 ? -1 : static_cast<int>(c));
        const int64_t i = l.last ? (y * l.width + x) * l.channels + c : (c * l.height + y) * l.width + x;
        const auto k = static_cast<size_t>(c);
        if (t.dtype() == DType::kF32)
          t.as<float>()[i] = (v / 255 - n.mean[k]) / n.deviation[k];
        else
          t.as<uint8_t>()[i] = static_cast<uint8_t>(std::lround(v));
      }
}

}  // namespace

Result<Tensor> read_picture_input(const std::string& path, const Port& port, const InputArgs& args) {
  SDX_TRY(Layout l, layout_of(port));
  if (port.type.elem != DType::kF32 && port.type.elem != DType::kU8)
    return fail(Code::kType, "input ", quoted(port.name), " is ", to_string(port.type),
                "; pictures become float or uint8");
  SDX_TRY(const Picture picture, decode(path));
  Normalisation n;
  SDX_TRY(n.mean, per_channel(args.mean, l.channels, 0));
  SDX_TRY(n.deviation, per_channel(args.deviation, l.channels, 1));
  if (l.height == 0) l.height = picture.height;
  if (l.width == 0) l.width = picture.width;
  Extents dims;
  if (l.batch) dims.push_back(1);
  if (!l.last) dims.push_back(l.channels);
  dims.push_back(l.height);
  dims.push_back(l.width);
  if (l.last) dims.push_back(l.channels);
  SDX_TRY(const Tensor t, Tensor::make(port.type.elem, dims));
  fill(t, picture, l, n);
  return t;
}

}  // namespace sardonyx
