#include "common/npy.h"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "onnx/mapped_file.h"

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

struct Parts {
  std::string_view header, data;
};

Result<Parts> split(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < 10 || !bytes.starts_with(kMagic)) return fail(Code::kFile, quoted(origin), " is not a .npy file");
  const auto byte = [&](size_t i) { return static_cast<size_t>(static_cast<unsigned char>(bytes[i])); };
  size_t length = byte(8) | byte(9) << 8, start = 10;
  if (byte(6) >= 2) {
    if (bytes.size() < 12) return fail(Code::kFile, quoted(origin), " ends inside its header");
    length |= byte(10) << 16 | byte(11) << 24;
    start = 12;
  }
  if (length > kMaxHeader) return fail(Code::kFile, quoted(origin), ": a header of ", length, " bytes was refused");
  if (bytes.size() - start < length) return fail(Code::kFile, quoted(origin), " ends inside its header");
  return Parts{bytes.substr(start, length), bytes.substr(start + length)};
}

Status too_short(const std::string& origin, size_t bytes) {
  return fail(Code::kFile, quoted(origin), " holds fewer than the ", bytes, " bytes that its header promises");
}

// Characters of "<U12": twelve code points of four bytes each element, padded with zeros.
std::optional<size_t> parse_text_width(std::string_view header) {
  auto text = after_key(header, "descr");
  if (!text || !text->starts_with("'<U")) return std::nullopt;
  text->remove_prefix(3);
  size_t width = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), width);
  return error == std::errc() && width < kMaxHeader ? std::optional(width) : std::nullopt;
}

void append_utf8(std::string& to, uint32_t c) {
  const auto put = [&](uint32_t v) { to += static_cast<char>(v); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 63));
  } else {
    put(0xF0 | (c >> 18 & 7));
    put(0x80 | (c >> 12 & 63));
    put(0x80 | (c >> 6 & 63));
  }
  put(0x80 | (c & 63));
}

Result<Tensor> read_texts(std::string_view data, size_t width, const Extents& dims, const std::string& origin) {
  SDX_TRY(const size_t bytes, checked_storage_bytes(DType::kU32, dims));
  if (width > 0 && data.size() / width < bytes) return too_short(origin, bytes * width);
  SDX_TRY(Tensor t, Tensor::make(DType::kString, dims));
  for (std::string& s : t.strings()) {
    for (size_t i = 0; i < width; ++i) {
      uint32_t c = 0;
      std::memcpy(&c, data.data() + 4 * i, 4);
      if (c != 0) append_utf8(s, c);
    }
    data.remove_prefix(4 * width);
  }
  return t;
}

// The first axis varies fastest in `data`.
void copy_fortran_order(const char* data, size_t item, const Tensor& t) {
  const size_t rank = t.dims().size();
  std::vector<int64_t> at(rank, 0);
  std::vector<size_t> stride(rank, item);
  for (size_t k = 1; k < rank; ++k) stride[k] = stride[k - 1] * static_cast<size_t>(t.dims()[k - 1]);
  char* to = t.as<char>();
  for (int64_t n = t.count(); n > 0; --n, to += item) {
    size_t from = 0;
    for (size_t k = 0; k < rank; ++k) from += static_cast<size_t>(at[k]) * stride[k];
    std::memcpy(to, data + from, item);
    for (size_t k = rank; k-- > 0 && ++at[k] == t.dims()[k];) at[k] = 0;
  }
}

}  // namespace

Result<Tensor> parse_npy(std::string_view bytes, const std::string& origin) {
  SDX_TRY(const Parts parts, split(bytes, origin));
  const auto order = after_key(parts.header, "fortran_order");
  const bool fortran = order && order->starts_with("True");
  const std::optional<DType> type = parse_type(parts.header);
  const std::optional<Extents> dims = parse_shape(parts.header);
  const std::optional<size_t> width = parse_text_width(parts.header);
  if ((!type && !width) || !dims || (!fortran && !(order && order->starts_with("False"))))
    return fail(Code::kFile, quoted(origin), ": element type or shape not understood in ", quoted(parts.header));
  if (width && fortran && dims->size() > 1) return fail(Code::kFile, quoted(origin), ": texts must be in C order");
  if (width) return read_texts(parts.data, *width, *dims, origin);
  SDX_TRY(const size_t size, checked_storage_bytes(*type, *dims));
  if (parts.data.size() < size) return too_short(origin, size);
  SDX_TRY(Tensor tensor, Tensor::make(*type, *dims));
  if (fortran && dims->size() > 1)
    copy_fortran_order(parts.data.data(), static_cast<size_t>(dtype_bits(*type)) / 8, tensor);
  else if (size > 0)
    std::memcpy(tensor.data(), parts.data.data(), size);
  return tensor;
}

Result<Tensor> read_npy(const std::string& path) {
  SDX_TRY(const BufferPtr file, map_file(path));
  return parse_npy({static_cast<const char*>(file->data()), file->bytes()}, path);
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
