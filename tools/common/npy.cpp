#include "common/npy.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace sardonyx {
namespace {

struct NumpyType {
  std::string_view descr;
  DType type;
};
constexpr NumpyType kTypes[] = {
    {"|b1", DType::kBool}, {"|i1", DType::kI8},  {"|u1", DType::kU8},  {"<i2", DType::kI16},   {"<u2", DType::kU16},
    {"<i4", DType::kI32},  {"<u4", DType::kU32}, {"<i8", DType::kI64}, {"<u8", DType::kU64},   {"<f2", DType::kF16},
    {"<f4", DType::kF32},  {"<f8", DType::kF64}, {"<c8", DType::kC64}, {"<c16", DType::kC128},
};
constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kMaxHeader = 1 << 16;

struct CloseFile {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool read_exactly(std::FILE* f, void* to, size_t bytes) { return std::fread(to, 1, bytes, f) == bytes; }

// What follows `'key':` in the header, up to its end.
std::optional<std::string_view> after_key(std::string_view header, std::string_view key) {
  const size_t at = header.find(cat("'", key, "':"));
  if (at == std::string_view::npos) return std::nullopt;
  header.remove_prefix(at + key.size() + 3);
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

std::optional<DType> parse_type(std::string_view header) {
  const auto text = after_key(header, "descr");
  for (const NumpyType& t : kTypes)
    if (text && text->starts_with(cat("'", t.descr, "'"))) return t.type;
  return std::nullopt;
}

// "(360, 8, 8)", "(5,)" or "()".
std::optional<Extents> parse_shape(std::string_view header) {
  auto text = after_key(header, "shape");
  if (!text || !text->starts_with('(')) return std::nullopt;
  Extents dims;
  for (;;) {
    text->remove_prefix(std::min(text->find_first_not_of(" (,"), text->size()));
    if (text->starts_with(')')) return dims;
    int64_t extent = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), extent);
    if (error != std::errc() || extent < 0) return std::nullopt;
    text->remove_prefix(static_cast<size_t>(end - text->data()));
    dims.push_back(extent);
  }
}

Result<std::string> read_header(std::FILE* f, const std::string& path) {
  unsigned char start[10] = {}, more[2] = {};
  if (!read_exactly(f, start, sizeof start) || std::memcmp(start, kMagic.data(), kMagic.size()) != 0)
    return fail(Code::kFile, quoted(path), " is not a .npy file");
  size_t length = start[8] | static_cast<size_t>(start[9]) << 8;
  if (start[6] >= 2) {
    if (!read_exactly(f, more, sizeof more)) return fail(Code::kFile, quoted(path), " ends inside its header");
    length |= static_cast<size_t>(more[0]) << 16 | static_cast<size_t>(more[1]) << 24;
  }
  if (length > kMaxHeader) return fail(Code::kFile, quoted(path), ": a header of ", length, " bytes was refused");
  std::string header(length, ' ');
  if (!read_exactly(f, header.data(), length)) return fail(Code::kFile, quoted(path), " ends inside its header");
  return header;
}

}  // namespace

Result<Tensor> read_npy(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rbe"));
  if (!file) return fail(Code::kFile, quoted(path), ": ", std::strerror(errno));
  SDX_TRY(const std::string header, read_header(file.get(), path));
  const auto order = after_key(header, "fortran_order");
  if (!order || !order->starts_with("False"))
    return fail(Code::kFile, quoted(path), ": only arrays in C order can be read");
  const std::optional<DType> type = parse_type(header);
  const std::optional<Extents> dims = parse_shape(header);
  if (!type || !dims) return fail(Code::kFile, quoted(path), ": element type or shape not understood in ", quoted(header));
  SDX_TRY(Tensor tensor, Tensor::make(*type, *dims));
  if (!read_exactly(file.get(), tensor.data(), tensor.bytes()))
    return fail(Code::kFile, quoted(path), " holds fewer than the ", tensor.bytes(), " bytes that its header promises");
  return tensor;
}

Status write_npy(const std::string& path, const Tensor& tensor) {
  std::string_view descr;
  for (const NumpyType& t : kTypes)
    if (t.type == tensor.dtype()) descr = t.descr;
  if (descr.empty()) return fail(Code::kType, "NumPy has no type for ", dtype_name(tensor.dtype()));
  std::string shape;
  for (int64_t extent : tensor.dims()) shape += cat(extent, ", ");
  if (tensor.rank() > 1) shape.resize(shape.size() - 2);
  std::string header = cat("{'descr': '", descr, "', 'fortran_order': False, 'shape': (", shape, "), }");
  header.resize((kMagic.size() + 4 + header.size() + 1 + 63) / 64 * 64 - kMagic.size() - 4, ' ');
  header.back() = '\n';
  const File file(std::fopen(path.c_str(), "wbe"));
  if (!file) return fail(Code::kFile, quoted(path), ": ", std::strerror(errno));
  std::string start(kMagic);
  start += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  start += header;
  const bool written = std::fwrite(start.data(), 1, start.size(), file.get()) == start.size() &&
                       std::fwrite(tensor.data(), 1, tensor.bytes(), file.get()) == tensor.bytes() &&
                       std::fflush(file.get()) == 0;
  return written ? Status() : fail(Code::kFile, quoted(path), " could not be written: ", std::strerror(errno));
}

}  // namespace sardonyx
