// Reads FlatBuffers messages that nobody vouches for: every offset is checked against the bytes. Fields that a table
// leaves out read as absent. The reader does not own the bytes.
#pragma once
#include <cstring>
#include <optional>
#include <string_view>

#include "base/status.h"

namespace sardonyx::capi {

class FlatReader {
 public:
  explicit FlatReader(std::string_view bytes) : bytes_(bytes) {}
  struct Table {
    size_t at = 0, vtable = 0, vtable_bytes = 0;
  };

  // The root table, if the file identifier is `id`.
  Result<Table> root(std::string_view id) const {
    if (bytes_.size() < 8 || bytes_.substr(4, 4) != id) return broken("the file identifier is missing");
    return table_at(0);
  }
  // The table that the offset at `place` leads to.
  Result<Table> table_at(size_t place) const {
    SDX_TRY(const size_t at, follow(place));
    SDX_TRY(const int32_t back, read<int32_t>(at));
    const int64_t v = static_cast<int64_t>(at) - back;
    if (v < 0 || static_cast<size_t>(v) >= bytes_.size()) return broken("a table has no layout");
    Table t{at, static_cast<size_t>(v), 0};
    SDX_TRY(t.vtable_bytes, read<uint16_t>(t.vtable));
    if (t.vtable_bytes < 4 || t.vtable_bytes > bytes_.size() - t.vtable) return broken("a table's layout is cut off");
    return t;
  }
  // Where field `k` of the table lies; 0 if it is left out.
  Result<size_t> field(const Table& t, size_t k) const {
    if (6 + 2 * k > t.vtable_bytes) return size_t{0};
    SDX_TRY(const uint16_t offset, read<uint16_t>(t.vtable + 4 + 2 * k));
    return offset == 0 ? size_t{0} : t.at + offset;
  }
  Result<int32_t> number(const Table& t, size_t k) const {
    SDX_TRY(const size_t at, field(t, k));
    return at == 0 ? Result<int32_t>(0) : read<int32_t>(at);
  }
  // The bytes of a vector (or text) of elements of `width` bytes; empty if it is left out.
  Result<std::string_view> vector(const Table& t, size_t k, size_t width) const {
    SDX_TRY(const size_t place, field(t, k));
    if (place == 0) return std::string_view();
    SDX_TRY(const size_t at, follow(place));
    SDX_TRY(const size_t count, read<uint32_t>(at));
    if (count > (bytes_.size() - at - 4) / width) return broken("a vector reaches beyond the end");
    return bytes_.substr(at + 4, count * width);
  }
  size_t offset_of(std::string_view part) const { return static_cast<size_t>(part.data() - bytes_.data()); }

 private:
  static Status broken(std::string_view what) { return fail(Code::kProto, "not a valid adapter: ", what); }
  template <class T>
  Result<T> read(size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) return broken("an offset leads beyond the end");
    T v;
    std::memcpy(&v, bytes_.data() + at, sizeof v);
    return v;
  }
  Result<size_t> follow(size_t place) const {
    SDX_TRY(const uint32_t offset, read<uint32_t>(place));
    if (offset == 0 || offset > bytes_.size() - place) return broken("an offset leads beyond the end");
    return place + offset;
  }
  std::string_view bytes_;
};

}  // namespace sardonyx::capi
