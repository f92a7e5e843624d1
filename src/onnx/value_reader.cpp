// Values from protobuf files: tensors, sequences, maps, optionals (declared in onnx/value_pb.h).
#include <algorithm>
#include <numeric>

#include "onnx/guard.h"
#include "onnx/tensor_reader.h"
#include "onnx/value_pb.h"

namespace sardonyx {
namespace {

using namespace proto;

constexpr int kMaxDepth = 16;

enum class Message : uint8_t { kTensor, kSparse, kSequence, kMap, kOptional };
Message message_of(const Type& t) {
  switch (t.kind) {
    case Type::Kind::kSparse: return Message::kSparse;
    case Type::Kind::kSequence: return Message::kSequence;
    case Type::Kind::kMap: return Message::kMap;
    case Type::Kind::kOptional: return Message::kOptional;
    default: return Message::kTensor;
  }
}

const Type& inner_of(const Type& t) {
  static const Type unknown;
  return t.inner ? *t.inner : unknown;
}

class ValueReader {
 public:
  Result<Value> read(View bytes, Message kind, const Type& expected, int depth) {
    if (depth > kMaxDepth) return fail(Code::kProto, "the value is nested more than ", kMaxDepth, " deep");
    switch (kind) {
      case Message::kTensor: return tensor(bytes);
      case Message::kSparse: return sparse(bytes);
      case Message::kSequence: return sequence(bytes, expected, depth);
      case Message::kMap: return map(bytes, expected, depth);
      case Message::kOptional: return optional(bytes, expected, depth);
    }
    return tensor(bytes);
  }

 private:
  Result<Value> tensor(View bytes) {
    SDX_TRY(Tensor t, read_tensor(read_tensor_msg(bytes), source_));
    return Value(std::move(t));
  }

  Result<Value> sparse(View bytes) {
    const SparseMsg msg = read_sparse_msg(bytes);
    auto data = std::make_shared<SparseData>();
    SDX_TRY(data->values, read_tensor(read_tensor_msg(msg.values), source_));
    SDX_TRY(data->indices, read_tensor(read_tensor_msg(msg.indices), source_));
    data->dims = msg.dims;
    return Value(std::shared_ptr<const SparseData>(std::move(data)));
  }

  // Sequences and optionals hold each kind of element in a field of its own.
  static bool element_kind(uint32_t key, uint32_t first, Message& kind) {
    constexpr Message of_sequence[] = {Message::kTensor, Message::kSparse, Message::kSequence, Message::kMap,
                                       Message::kOptional};
    for (uint32_t i = 0; i < 5; ++i)
      if (key == blob(first + i)) return kind = of_sequence[i], true;
    return false;
  }

  Result<Value> sequence(View bytes, const Type& expected, int depth) {
    auto data = std::make_shared<SequenceData>();
    const Type& inner = inner_of(expected);
    if (inner.is_tensor()) data->element = inner.elem;
    for (Fields f(bytes); f.next();) {
      Message kind;
      if (!element_kind(f.key(), 3, kind)) {
        f.skip();
        continue;
      }
      SDX_TRY(Value v, read(f.view(), kind, inner, depth + 1));
      if (v.is_tensor() && data->element == DType::kUndefined) data->element = v.tensor().dtype();
      if (v.is_tensor() && data->element != v.tensor().dtype())
        return fail(Code::kType, "element ", data->items.size(), " of the sequence is ", dtype_name(v.tensor().dtype()),
                    ", expected ", dtype_name(data->element));
      data->items.push_back(std::move(v));
    }
    return Value(std::shared_ptr<const SequenceData>(std::move(data)));
  }

  Result<Value> optional(View bytes, const Type& expected, int depth) {
    Value content;
    for (Fields f(bytes); f.next();) {
      Message kind;
      if (!element_kind(f.key(), 3, kind)) {
        f.skip();
        continue;
      }
      SDX_TRY(content, read(f.view(), kind, inner_of(expected), depth + 1));
    }
    return content;
  }

  Result<Value> map(View bytes, const Type& expected, int depth) {
    int64_t key_type = 0;
    SmallVec<int64_t, 8> keys;
    Views string_keys;
    View values;
    for (Fields f(bytes); f.next();) {
      switch (f.key()) {
        case varint(2): key_type = f.number(); break;
        case varint(3): keys.push_back(f.number()); break;
        case blob(3): each_varint(f.view(), [&](int64_t k) { keys.push_back(k); }); break;
        case blob(4): string_keys.push_back(f.view()); break;
        case blob(5): values = f.view(); break;
        default: f.skip();
      }
    }
    DType type = dtype_of_number(key_type);
    if (type == DType::kUndefined) type = expected.elem;
    SDX_TRY(const Value sequence_value, sequence(values, Type{}, depth + 1));
    const std::vector<Value>& items = sequence_value.sequence().items;
    return type == DType::kString ? make_map(type, std::span<const View>(string_keys), items)
                                  : make_map(type, std::span<const int64_t>(keys), items);
  }

  template <class Key>
  static Result<Value> make_map(DType type, std::span<const Key> keys, std::span<const Value> items) {
    if (keys.size() != items.size())
      return fail(Code::kProto, "the map has ", keys.size(), " keys and ", items.size(), " values");
    std::vector<size_t> order(keys.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
    for (size_t i = 1; i < order.size(); ++i)
      if (keys[order[i]] == keys[order[i - 1]])
        return fail(Code::kProto, "the map has the key ", keys[order[i]], " twice");
    auto data = std::make_shared<MapData>();
    SDX_TRY(data->keys, key_tensor(type, keys, order));
    SDX_TRY(data->values, value_tensor(items, order));
    return Value(std::shared_ptr<const MapData>(std::move(data)));
  }

  static Result<Tensor> key_tensor(DType, std::span<const View> keys, std::span<const size_t> order) {
    const int64_t n = static_cast<int64_t>(keys.size());
    SDX_TRY(Tensor t, Tensor::make(DType::kString, std::span(&n, 1)));
    for (size_t i = 0; i < keys.size(); ++i) t.strings()[i] = keys[order[i]];
    return t;
  }

  static Result<Tensor> key_tensor(DType type, std::span<const int64_t> keys, std::span<const size_t> order) {
    if (!is_int(type) || dtype_bits(type) < 8) return fail(Code::kType, "map keys cannot be ", dtype_name(type));
    const int64_t n = static_cast<int64_t>(keys.size());
    SDX_TRY(Tensor t, Tensor::make(type, std::span(&n, 1)));
    const size_t width = static_cast<size_t>(dtype_bits(type)) / 8;
    for (size_t i = 0; i < keys.size(); ++i) std::memcpy(t.as<char>() + i * width, &keys[order[i]], width);
    return t;
  }

  static Result<Tensor> value_tensor(std::span<const Value> items, std::span<const size_t> order) {
    const int64_t n = static_cast<int64_t>(items.size());
    if (n == 0) return Tensor::make(DType::kF32, std::span(&n, 1));
    for (const Value& v : items)
      if (!v.is_tensor() || v.tensor().count() != 1 || v.tensor().dtype() != items[0].tensor().dtype() ||
          dtype_bits(v.tensor().dtype()) % 8 != 0)
        return fail(Code::kType, "map values other than single elements of one type are not supported");
    const DType type = items[0].tensor().dtype();
    SDX_TRY(Tensor t, Tensor::make(type, std::span(&n, 1)));
    const size_t width = static_cast<size_t>(dtype_bits(type)) / 8;
    for (size_t i = 0; i < items.size(); ++i) {
      const Tensor& from = items[order[i]].tensor();
      if (type == DType::kString)
        t.strings()[i] = from.strings()[0];
      else
        std::memcpy(t.as<char>() + i * width, from.data(), width);
    }
    return t;
  }

  TensorSource source_;
};

}  // namespace

Result<Value> read_value_pb(std::string_view bytes, const Type& expected) {
  return guarded([&] { return ValueReader().read(bytes, message_of(expected), expected, 0); });
}

}  // namespace sardonyx
