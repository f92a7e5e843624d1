// Values to protobuf files (declared in onnx/value_pb.h).
#include "onnx/guard.h"
#include "onnx/tensor_writer.h"
#include "onnx/value_pb.h"

namespace sardonyx {
namespace {

using protozero::pbf_writer;

// SequenceProto.DataType and OptionalProto.DataType; the field of an element is this number plus two.
enum Element : int32_t { kNothing = 0, kTensor = 1, kSparse = 2, kSequence = 3, kMap = 4, kOptional = 5 };
Element element_of(const Value& v, const Type& t) {
  if (t.kind == Type::Kind::kOptional) return kOptional;
  switch (v.kind()) {
    case Value::Kind::kTensor: return kTensor;
    case Value::Kind::kSparse: return kSparse;
    case Value::Kind::kSequence: return kSequence;
    case Value::Kind::kMap: return kMap;
    case Value::Kind::kNone: return kNothing;
  }
  return kNothing;
}
Element element_of(const Type& t) {
  switch (t.kind) {
    case Type::Kind::kTensor: return kTensor;
    case Type::Kind::kSparse: return kSparse;
    case Type::Kind::kSequence: return kSequence;
    case Type::Kind::kMap: return kMap;
    case Type::Kind::kOptional: return kOptional;
    default: return kNothing;
  }
}

const Type& inner_of(const Type& t) {
  static const Type unknown;
  return t.inner ? *t.inner : unknown;
}

void write_name(pbf_writer& to, std::string_view name) {
  if (!name.empty()) to.add_string(1, name.data(), name.size());
}

Status write_value(pbf_writer& to, const Value& v, const Type& t, Element kind, std::string_view name);

void write_sparse(pbf_writer& to, const SparseData& s, std::string_view name) {
  {
    pbf_writer values(to, 1);
    write_tensor(values, s.values, name);
  }
  {
    pbf_writer indices(to, 2);
    write_tensor(indices, s.indices, {});
  }
  for (int64_t d : s.dims) to.add_int64(3, d);
}

Status write_sequence(pbf_writer& to, const SequenceData& s, const Type& t, std::string_view name) {
  write_name(to, name);
  const Type& inner = inner_of(t);
  const Element declared = element_of(inner);
  to.add_enum(2, declared != kNothing ? declared : s.items.empty() ? kTensor : element_of(s.items[0], inner));
  for (const Value& v : s.items) {
    const Element kind = element_of(v, inner);
    if (kind == kNothing)
      return fail(Code::kType, "an empty optional stands in a sequence whose type does not allow one");
    pbf_writer item(to, static_cast<protozero::pbf_tag_type>(kind) + 2);
    SDX_RETURN_IF_ERROR(write_value(item, v, inner, kind, {}));
  }
  return {};
}

Status write_optional(pbf_writer& to, const Value& v, const Type& t, std::string_view name) {
  write_name(to, name);
  const Type& inner = inner_of(t);
  const Element kind = element_of(v, inner);
  to.add_enum(2, v.none() ? element_of(inner) : kind);
  if (v.none()) return {};
  pbf_writer content(to, static_cast<protozero::pbf_tag_type>(kind) + 2);
  return write_value(content, v, inner, kind, {});
}

Status write_map(pbf_writer& to, const MapData& m, std::string_view name) {
  write_name(to, name);
  to.add_int32(2, static_cast<int32_t>(m.keys.dtype()));
  if (m.keys.dtype() == DType::kString) {
    for (const std::string& k : m.keys.strings()) to.add_bytes(4, k);
  } else {
    SDX_TRY(const auto keys, read_ints(m.keys));
    for (int64_t k : keys) to.add_int64(3, k);
  }
  const DType type = m.values.dtype();
  if (type != DType::kString && dtype_bits(type) % 8 != 0)
    return fail(Code::kType, "map values of ", dtype_name(type), " cannot be written");
  pbf_writer values(to, 5);
  values.add_enum(2, kTensor);
  for (int64_t i = 0; i < m.values.count(); ++i) {
    SDX_TRY(Tensor one, Tensor::make(type, {}));
    if (type == DType::kString)
      one.strings()[0] = m.values.strings()[static_cast<size_t>(i)];
    else
      std::memcpy(one.data(), m.values.as<char>() + static_cast<size_t>(i) * one.bytes(), one.bytes());
    pbf_writer item(values, 3);
    write_tensor(item, one, {});
  }
  return {};
}

Status write_value(pbf_writer& to, const Value& v, const Type& t, Element kind, std::string_view name) {
  switch (kind) {
    case kTensor: return write_tensor(to, v.tensor(), name), Status();
    case kSparse: return write_sparse(to, v.sparse(), name), Status();
    case kSequence: return write_sequence(to, v.sequence(), t, name);
    case kMap: return write_map(to, v.map(), name);
    case kOptional: return write_optional(to, v, t, name);
    case kNothing: return fail(Code::kType, "there is no value to write");
  }
  return {};
}

}  // namespace

Result<std::string> write_value_pb(const Value& value, const Type& type, std::string_view name) {
  return guarded([&]() -> Result<std::string> {
    std::string bytes;
    pbf_writer to(bytes);
    SDX_RETURN_IF_ERROR(write_value(to, value, type, element_of(value, type), name));
    return bytes;
  });
}

}  // namespace sardonyx
