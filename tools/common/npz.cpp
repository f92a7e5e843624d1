#include <zlib.h>

#include <cstring>
#include <vector>

#include "common/npy.h"
#include "onnx/mapped_file.h"

namespace sardonyx {
namespace {

constexpr uint32_t kEntry = 0x02014b50, kLocal = 0x04034b50, kEnd = 0x06054b50;  // signatures
constexpr size_t kEntryBytes = 46, kLocalBytes = 30, kEndBytes = 22;
constexpr size_t kMostComment = 65535;
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr uint32_t kIn64 = 0xFFFFFFFF;  // the number stands in an extra field
constexpr uint64_t kMostRatio = 1100;   // deflate never shrinks more

struct Entry {
  std::string_view name;
  uint16_t method = 0;
  uint64_t packed = 0, bytes = 0, offset = 0;
};

// Little-endian numbers at an offset; 0 beyond the end, which callers have excluded.
template <class T>
T number(std::string_view s, size_t at) {
  T v = 0;
  if (at <= s.size() && s.size() - at >= sizeof v) std::memcpy(&v, s.data() + at, sizeof v);
  return v;
}

Status damaged(const std::string& path) { return fail(Code::kFile, quoted(path), " is not a whole zip archive"); }

// Sizes beyond 4 GB, and those that a writer did not know at first, follow in extra field 1.
void read_64(std::string_view extra, Entry& e) {
  while (extra.size() >= 4) {
    const size_t length = number<uint16_t>(extra, 2);
    if (extra.size() - 4 < length) return;
    if (number<uint16_t>(extra, 0) == 1) {
      size_t at = 4;
      for (uint64_t* v : {&e.bytes, &e.packed, &e.offset})
        if (*v == kIn64) *v = number<uint64_t>(extra, at), at += 8;
      return;
    }
    extra.remove_prefix(4 + length);
  }
}

Result<std::vector<Entry>> read_directory(std::string_view zip, const std::string& path) {
  if (zip.size() < kEndBytes) return damaged(path);
  size_t end = zip.size() - kEndBytes;
  const size_t least = end > kMostComment ? end - kMostComment : 0;
  while (number<uint32_t>(zip, end) != kEnd) {
    if (end-- == least) return damaged(path);
  }
  const size_t count = number<uint16_t>(zip, end + 10);
  size_t at = number<uint32_t>(zip, end + 16);
  std::vector<Entry> entries;
  for (size_t i = 0; i < count; ++i) {
    if (at > zip.size() || zip.size() - at < kEntryBytes || number<uint32_t>(zip, at) != kEntry) return damaged(path);
    const size_t name = number<uint16_t>(zip, at + 28), extra = number<uint16_t>(zip, at + 30),
                 comment = number<uint16_t>(zip, at + 32);
    if (zip.size() - at - kEntryBytes < name + extra + comment) return damaged(path);
    Entry e;
    e.name = zip.substr(at + kEntryBytes, name);
    e.method = number<uint16_t>(zip, at + 10);
    e.packed = number<uint32_t>(zip, at + 20), e.bytes = number<uint32_t>(zip, at + 24);
    e.offset = number<uint32_t>(zip, at + 42);
    read_64(zip.substr(at + kEntryBytes + name, extra), e);
    entries.push_back(e);
    at += kEntryBytes + name + extra + comment;
  }
  return entries;
}

Result<std::string_view> packed_bytes(std::string_view zip, const Entry& e, const std::string& path) {
  if (e.offset > zip.size() || zip.size() - e.offset < kLocalBytes || number<uint32_t>(zip, e.offset) != kLocal)
    return damaged(path);
  const uint64_t start =
      e.offset + kLocalBytes + number<uint16_t>(zip, e.offset + 26) + number<uint16_t>(zip, e.offset + 28);
  if (start > zip.size() || zip.size() - start < e.packed) return damaged(path);
  return zip.substr(start, e.packed);
}

Result<std::string> inflated(std::string_view packed, uint64_t bytes, const std::string& path) {
  if (bytes / kMostRatio > packed.size()) return damaged(path);
  std::string out(bytes, '\0');
  z_stream z{};
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return fail(Code::kMemory, quoted(path), " cannot be unpacked");
  constexpr size_t kPiece = size_t{1} << 30;  // zlib counts in 32 bits
  size_t from = 0, to = 0;
  int state = Z_OK;
  while (state == Z_OK) {
    const size_t in = std::min(kPiece, packed.size() - from), room = std::min(kPiece, out.size() - to);
    z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data() + from));
    z.next_out = reinterpret_cast<Bytef*>(out.data() + to);
    z.avail_in = static_cast<uInt>(in), z.avail_out = static_cast<uInt>(room);
    state = inflate(&z, Z_NO_FLUSH);
    from += in - z.avail_in, to += room - z.avail_out;
  }
  inflateEnd(&z);
  if (state != Z_STREAM_END || to != out.size()) return damaged(path);
  return out;
}

std::string_view array_name(const Entry& e) {
  return e.name.ends_with(".npy") ? e.name.substr(0, e.name.size() - 4) : e.name;
}

}  // namespace

Result<Tensor> read_npz(const std::string& path, const std::string& name) {
  SDX_TRY(const BufferPtr file, map_file(path));
  const std::string_view zip(static_cast<const char*>(file->data()), file->bytes());
  SDX_TRY(const std::vector<Entry> entries, read_directory(zip, path));
  const Entry* found = entries.size() == 1 ? &entries[0] : nullptr;
  std::string names;
  for (const Entry& e : entries) {
    if (array_name(e) == name) found = &e;
    names += cat(names.empty() ? "" : ", ", quoted(array_name(e)));
  }
  if (found == nullptr) return fail(Code::kFile, quoted(path), " has no array ", quoted(name), "; it has ", names);
  SDX_TRY(const std::string_view packed, packed_bytes(zip, *found, path));
  const std::string origin = cat(path, ":", array_name(*found));
  if (found->method == kStored) return parse_npy(packed, origin);
  if (found->method != kDeflated)
    return fail(Code::kFile, quoted(path), ": compression method ", found->method, " is not supported");
  SDX_TRY(const std::string bytes, inflated(packed, found->bytes, path));
  return parse_npy(bytes, origin);
}

}  // namespace sardonyx
