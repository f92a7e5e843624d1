#include "onnx/sniff.h"

#include <algorithm>

#include "base/str.h"

namespace sardonyx {
namespace {

using View = std::string_view;

struct Mark {
  size_t at;
  View bytes;
  View what;
};

constexpr Mark kMarks[] = {
    {0, "version https://git-lfs", "a Git LFS pointer; fetch the file itself with: git lfs pull"},
    {0, View("PK\x03\x04", 4), "a ZIP archive, as PyTorch (.pt) and many downloads are"},
    {0, View("\x1f\x8b", 2), "gzip-compressed; unpack it first"},
    {0,
     View("\xfd"
          "7zXZ",
          5),
     "xz-compressed; unpack it first"},
    {0, View("\x28\xb5\x2f\xfd", 4), "zstd-compressed; unpack it first"},
    {0, View("7z\xbc\xaf", 4), "a 7z archive; unpack it first"},
    {257, "ustar", "a tar archive; unpack it first"},
    {0, "GGUF", "a GGUF model (llama.cpp)"},
    {0, View("\x89HDF", 4), "an HDF5 file, as Keras models are"},
    {4, "TFL3", "a TensorFlow Lite model"},
    {4, "ORTM", "a model in ONNX Runtime's own ORT format, not in ONNX format"},
    {0, View("\x80\x02", 2), "a Python pickle, as old PyTorch files are"},
    {0, View("\x80\x04", 2), "a Python pickle"},
    {0, View("\x93NUMPY", 6), "a NumPy array"},
    {0,
     View("\x7f"
          "ELF",
          4),
     "a program or shared library"},
    {0, View("\x89PNG", 4), "a PNG image"},
    {0, View("\xff\xd8\xff", 3), "a JPEG image"},
    {0, "ir_version:", "an ONNX model in protobuf's text form; convert it to the binary form"},
    {0, "<?xml", "an XML file, as OpenVINO models are"},
};

bool is_html(View text) {
  std::string start(text.substr(0, 16));
  std::transform(start.begin(), start.end(), start.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return start.rfind("<html", 0) == 0 || start.rfind("<!doctype", 0) == 0 || start.rfind("<head", 0) == 0;
}

bool is_text(View bytes) {
  const View start = bytes.substr(0, 512);
  return std::all_of(start.begin(), start.end(),
                     [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\r' || c == '\t'; });
}

}  // namespace

std::string describe_foreign_bytes(View bytes) {
  if (bytes.empty()) return "it is empty";
  View text = bytes;
  while (!text.empty() && (text[0] == ' ' || text[0] == '\n' || text[0] == '\r' || text[0] == '\t'))
    text.remove_prefix(1);
  const auto begins = [&](View start) {
    return cat("it begins with ", quoted(start.substr(0, std::min(start.find('\n'), size_t{24}))));
  };
  if (is_html(text)) return cat(begins(text), ": a web page was saved instead of the file");
  for (const Mark& m : kMarks)
    if (bytes.size() >= m.at && bytes.substr(m.at, m.bytes.size()) == m.bytes) return cat("it is ", m.what);
  if (bytes.size() > 9 && bytes[8] == '{' && bytes.substr(0, 8).find('\0') != View::npos)
    return "it is a safetensors file: weights without a graph";
  if (!text.empty() && (text[0] == '{' || text[0] == '[') && is_text(bytes)) return "it is JSON text";
  if (is_text(bytes)) return cat(begins(text), ": it is text");
  if (bytes.find_first_not_of('\0') == View::npos) return "it holds nothing but zeros";
  return begins(bytes);
}

}  // namespace sardonyx
