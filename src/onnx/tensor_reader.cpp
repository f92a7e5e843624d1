#include "onnx/tensor_reader.h"

#include <charconv>
#include <cstring>

#include "base/checked.h"
#include "onnx/model.h"

namespace sardonyx {
namespace {

using namespace proto;

Status wrong_size(View what, int64_t have, std::span<const int64_t> dims, int64_t need) {
  return fail(Code::kProto, "holds ", have, " ", what, ", its extents ", to_string(dims), " need ", need);
}

size_t natural_alignment(DType t) {
  return t == DType::kC128 ? 8 : static_cast<size_t>(std::max(dtype_bits(t), 8)) / 8;
}

// Bytes other than 0 and 1 must not reach code that reads C++ bools.
bool has_odd_bool(View raw) {
  unsigned char all = 0;
  for (char c : raw) all |= static_cast<unsigned char>(c);
  return all > 1;
}

// `bytes` of little-endian elements: shared if `owner` holds them suitably aligned, else copied.
Result<Tensor> tensor_of_bytes(DType type, std::span<const int64_t> dims, View bytes, const BufferPtr& owner,
                               const TensorSource& source) {
  const bool odd = type == DType::kBool && has_odd_bool(bytes);
  const bool aligned =
      bytes.size() >= source.unaligned_from || reinterpret_cast<uintptr_t>(bytes.data()) % natural_alignment(type) == 0;
  if (owner != nullptr && aligned && !odd && !bytes.empty())
    return Tensor(type, dims, owner, static_cast<size_t>(bytes.data() - static_cast<const char*>(owner->data())));
  SDX_TRY(Tensor t, Tensor::make(type, dims));
  if (!bytes.empty()) std::memcpy(t.data(), bytes.data(), bytes.size());
  if (odd)
    for (int64_t i = 0; i < t.count(); ++i) t.as<uint8_t>()[i] = t.as<uint8_t>()[i] != 0;
  return t;
}

bool parse_size(View text, size_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

Result<Tensor> external_tensor(const TensorMsg& t, DType type, size_t bytes, TensorSource& source) {
  View location;
  size_t offset = 0, length = bytes;
  for (const Entry& e : t.external_data) {
    if (e.key == "location") location = e.value;
    if (e.key == "offset" && !parse_size(e.value, offset))
      return fail(Code::kProto, "external data: offset ", quoted(e.value), " is not a number");
    if (e.key == "length" && !parse_size(e.value, length))
      return fail(Code::kProto, "external data: length ", quoted(e.value), " is not a number");
  }
  if (source.external == nullptr) return fail(Code::kFile, "external data ", quoted(location), ": not allowed here");
  if (type == DType::kString) return fail(Code::kProto, "strings cannot be external data");
  if (length != bytes)
    return fail(Code::kProto, "external data ", quoted(location), ": length is ", length, ", extents ",
                to_string(t.dims), " of ", dtype_name(type), " need ", bytes, " bytes");
  SDX_TRY(BufferPtr file, source.external->get(location));
  if (offset > file->bytes() || bytes > file->bytes() - offset)
    return fail(Code::kFile, "external data ", quoted(location), ": bytes ", offset, " to ", offset + bytes,
                " are wanted, the file has ", file->bytes())
        .hint("the file is incomplete, or is not the one written with this model");
  if (source.found != nullptr)
    source.found->push_back({std::string(t.name), std::string(location), offset, bytes, file});
  return tensor_of_bytes(type, t.dims, {static_cast<const char*>(file->data()) + offset, bytes}, file, source);
}

// The typed data of a TensorProto is in one field number, as packed pieces, single values, or both.
template <class Piece, class Single>
void each_piece(View message, uint32_t packed_key, uint32_t single_key, Piece piece, Single single) {
  for (Fields f(message); f.next();) {
    if (f.key() == packed_key)
      piece(f.view());
    else if (f.key() == single_key)
      single(f);
    else
      f.skip();
  }
}

int64_t count_varints(View packed) {
  int64_t n = 0;
  for (char c : packed) n += (static_cast<unsigned char>(c) & 0x80) == 0;
  return n;
}

int64_t count_fixed(View packed, size_t width) {
  if (packed.size() % width != 0) throw protozero::invalid_length_exception{};
  return static_cast<int64_t>(packed.size() / width);
}

// float_data, double_data: the file's bytes are the tensor's.
Result<Tensor> fixed_tensor(const TensorMsg& t, DType type, uint32_t field, size_t width) {
  const uint32_t single = width == 4 ? fixed32(field) : fixed64(field);
  int64_t have = 0;
  each_piece(
      t.self, blob(field), single, [&](View p) { have += count_fixed(p, width); },
      [&](Fields& f) { f.skip(), ++have; });
  const int64_t need = elements(t.dims) * (is_complex(type) ? 2 : 1);
  if (have != need) return wrong_size(is_complex(type) ? "numbers" : "elements", have, t.dims, need);
  SDX_TRY(Tensor out, Tensor::make(type, t.dims));
  std::byte* to = static_cast<std::byte*>(out.data());
  const auto put = [&](const void* from, size_t n) {
    if (n != 0) std::memcpy(to, from, n);
    to += n;
  };
  each_piece(
      t.self, blob(field), single, [&](View p) { put(p.data(), p.size()); },
      [&](Fields& f) {
        if (width == 4) {
          const float v = f.real();
          put(&v, sizeof v);
        } else {
          const double v = f.real64();
          put(&v, sizeof v);
        }
      });
  return out;
}

// The values a varint of int32_data, int64_data or uint64_data may have for an element type.
struct Bounds {
  int64_t least, most;
  bool holds(int64_t v) const { return v >= least && v <= most; }
};
Bounds bounds_of(DType t) {
  switch (t) {
    case DType::kU8: return {0, UINT8_MAX};
    case DType::kI8: return {INT8_MIN, INT8_MAX};
    case DType::kU16: return {0, UINT16_MAX};
    case DType::kI16: return {INT16_MIN, INT16_MAX};
    case DType::kF16:
    case DType::kBF16: return {INT16_MIN, UINT16_MAX};
    case DType::kI32: return {INT32_MIN, INT32_MAX};
    case DType::kU32: return {0, UINT32_MAX};
    case DType::kI64:
    case DType::kU64: return {INT64_MIN, INT64_MAX};
    case DType::kBool: return {INT32_MIN, INT32_MAX};
    default: return {INT8_MIN, UINT8_MAX};  // float8 patterns and packed 2- and 4-bit elements
  }
}

// int32_data, int64_data, uint64_data: one varint per element, or per byte of packed 2- and 4-bit elements.
Result<Tensor> varint_tensor(const TensorMsg& t, DType type, uint32_t field, size_t bytes) {
  int64_t have = 0;
  each_piece(
      t.self, blob(field), varint(field), [&](View p) { have += count_varints(p); },
      [&](Fields& f) { f.skip(), ++have; });
  const size_t width = dtype_bits(type) < 8 ? 1 : static_cast<size_t>(dtype_bits(type)) / 8;
  const int64_t need = static_cast<int64_t>(bytes / width);
  if (have != need) return wrong_size(dtype_bits(type) < 8 ? "bytes" : "elements", have, t.dims, need);
  SDX_TRY(Tensor out, Tensor::make(type, t.dims));
  char* to = static_cast<char*>(out.data());
  const Bounds bounds = bounds_of(type);
  bool fits = true;
  int64_t misfit = 0;
  const auto put = [&](int64_t v) {
    if (field == 5) v = v >= INT32_MIN && v <= UINT32_MAX ? static_cast<int32_t>(v) : v;
    if (fits && !bounds.holds(v)) fits = false, misfit = v;
    if (type == DType::kBool) v = v != 0;
    std::memcpy(to, &v, width);
    to += width;
  };
  each_piece(
      t.self, blob(field), varint(field), [&](View p) { each_varint(p, put); }, [&](Fields& f) { put(f.number()); });
  if (!fits) return fail(Code::kProto, "the value ", misfit, " does not fit ", dtype_name(type));
  return out;
}

Result<Tensor> strings_of(const TensorMsg& t) {
  Views values;
  for (Fields f(t.self); f.next();) {
    if (f.key() == blob(6))
      values.push_back(f.view());
    else
      f.skip();
  }
  return string_tensor(t.dims, values);
}

Result<Tensor> typed_tensor(const TensorMsg& t, DType type, size_t bytes) {
  switch (type) {
    case DType::kF32:
    case DType::kC64: return fixed_tensor(t, type, 4, 4);
    case DType::kF64:
    case DType::kC128: return fixed_tensor(t, type, 10, 8);
    case DType::kI64: return varint_tensor(t, type, 7, bytes);
    case DType::kU32:
    case DType::kU64: return varint_tensor(t, type, 11, bytes);
    case DType::kString: return strings_of(t);
    default: return varint_tensor(t, type, 5, bytes);
  }
}

}  // namespace

DType dtype_of_number(int64_t number) {
  return number > 0 && number < kDTypeCount ? static_cast<DType>(number) : DType::kUndefined;
}

Result<Tensor> string_tensor(std::span<const int64_t> dims, std::span<const View> values) {
  const auto need = checked_elements(dims);
  const int64_t have = static_cast<int64_t>(values.size());
  if (!need || *need != have) return wrong_size("strings", have, dims, need.value_or(-1));
  SDX_TRY(Tensor t, Tensor::make(DType::kString, dims));
  for (size_t i = 0; i < values.size(); ++i) t.strings()[i] = values[i];
  return t;
}

Result<Tensor> read_tensor(const TensorMsg& t, TensorSource& source) {
  const DType type = dtype_of_number(t.dtype);
  if (type == DType::kUndefined) return fail(Code::kType, "element type number ", t.dtype, " is not known");
  if (t.segmented) return fail(Code::kProto, "tensors in segments are not supported");
  SDX_TRY(const size_t bytes, checked_storage_bytes(type, t.dims));
  if (t.external) return external_tensor(t, type, bytes, source);
  if (!t.has_raw || (t.raw.empty() && bytes != 0)) return typed_tensor(t, type, bytes);
  if (type == DType::kString) return fail(Code::kProto, "strings cannot be raw data");
  if (t.raw.size() != bytes)
    return wrong_size("bytes", static_cast<int64_t>(t.raw.size()), t.dims, static_cast<int64_t>(bytes));
  return tensor_of_bytes(type, t.dims, t.raw, source.file, source);
}

Result<Tensor> read_sparse_tensor(const SparseMsg& s, TensorSource& source) {
  SDX_TRY(const Tensor values, read_tensor(read_tensor_msg(s.values), source));
  SDX_TRY(const Tensor indices, read_tensor(read_tensor_msg(s.indices), source));
  const size_t rank = s.dims.size();
  const int64_t n = values.count();
  const size_t width = static_cast<size_t>(dtype_bits(values.dtype())) / 8;
  if (width == 0) return fail(Code::kType, "sparse tensors of ", dtype_name(values.dtype()), " are not supported");
  if (values.rank() != 1 || indices.dtype() != DType::kI64)
    return fail(Code::kProto, "sparse tensor: values must have rank 1 and indices must be int64");
  const bool linear = indices.rank() == 1;
  if (indices.rank() < 1 || indices.rank() > 2 || indices.dims()[0] != n ||
      (!linear && indices.dims()[1] != static_cast<int64_t>(rank)))
    return fail(Code::kProto, "sparse tensor: indices have extents ", to_string(indices.dims()), ", expected [", n,
                "] or [", n, ",", rank, "]");
  SDX_TRY(const size_t bytes, checked_storage_bytes(values.dtype(), s.dims));
  if (bytes > source.dense_budget)
    return fail(Code::kMemory, "sparse tensor: the dense form takes ", bytes,
                " bytes, more than a model file of this size may ask for");
  source.dense_budget -= bytes;
  SDX_TRY(Tensor dense, Tensor::make(values.dtype(), s.dims));
  if (bytes != 0) std::memset(dense.data(), 0, bytes);
  const int64_t count = dense.count();
  for (int64_t i = 0; i < n; ++i) {
    int64_t at = linear ? indices.as<int64_t>()[i] : 0;
    for (size_t d = 0; !linear && d < rank; ++d) {
      const int64_t x = indices.as<int64_t>()[i * static_cast<int64_t>(rank) + static_cast<int64_t>(d)];
      if (x < 0 || x >= s.dims[d])
        return fail(Code::kRange, "sparse tensor: index ", x, " is outside extent ", s.dims[d]);
      at = at * s.dims[d] + x;
    }
    if (at < 0 || at >= count)
      return fail(Code::kRange, "sparse tensor: index ", at, " is outside ", count, " elements");
    std::memcpy(static_cast<std::byte*>(dense.data()) + static_cast<size_t>(at) * width,
                static_cast<const std::byte*>(values.data()) + static_cast<size_t>(i) * width, width);
  }
  return dense;
}

}  // namespace sardonyx
