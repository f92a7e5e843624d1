// Sequences and maps, and what kind of value a value is. Elements got from a container share its bytes.
#include <algorithm>
#include <numeric>

#include "capi/allocator.h"
#include "capi/value.h"

namespace sardonyx::capi {

namespace {

OrtStatus* make_sequence(const OrtValue* const* in, size_t count, OrtValue** out) {
  auto s = std::make_shared<SequenceData>();
  const Value::Kind kind = in[0]->value.kind();
  if (kind != Value::Kind::kTensor && kind != Value::Kind::kMap)
    return error(ORT_FAIL, "Each element of the sequence should be either tensor or map.");
  const Type first = type_of(in[0]->value);
  for (size_t i = 0; i < count; ++i) {
    if (!(type_of(in[i]->value) == first))
      return error(ORT_FAIL,
                   "Sequences must have tensors of the same data type. There was at least one tensor in the input that "
                   "was different.\nelement 0 is ",
                   type_text(first), ", element ", i, " is ", type_text(type_of(in[i]->value)));
    s->items.push_back(in[i]->value);
  }
  if (kind == Value::Kind::kTensor) s->element = first.elem;
  *out = new OrtValue(Value(std::shared_ptr<const SequenceData>(std::move(s))));
  return nullptr;
}

template <class T>
void sort_by(const Tensor& keys, std::vector<int64_t>& order) {
  const T* k = keys.as<T>();
  std::stable_sort(order.begin(), order.end(), [k](int64_t a, int64_t b) { return k[a] < k[b]; });
  // Of equal keys the first one stays.
  order.erase(std::unique(order.begin(), order.end(), [k](int64_t a, int64_t b) { return k[a] == k[b]; }), order.end());
}

template <class T>
void pick(const Tensor& from, const std::vector<int64_t>& order, const Tensor& to) {
  for (size_t i = 0; i < order.size(); ++i) to.as<T>()[i] = from.as<T>()[order[i]];
}
Result<Tensor> picked(const Tensor& from, const std::vector<int64_t>& order) {
  const int64_t n = static_cast<int64_t>(order.size());
  SDX_TRY(Tensor to, Tensor::make(from.dtype(), std::span(&n, 1)));
  if (from.dtype() == DType::kString)
    pick<std::string>(from, order, to);
  else if (from.dtype() == DType::kF32)
    pick<float>(from, order, to);
  else
    pick<uint64_t>(from, order, to);
  return to;
}

// Keys become ascending and unique. Both tensors are copied: maps do not change when the caller's memory does.
OrtStatus* make_map(const OrtValue* const* in, size_t count, OrtValue** out) {
  if (count != 2) return error(ORT_FAIL, "For map type num_values MUST be 2");
  const Tensor *keys = nullptr, *values = nullptr;
  SDX_CAPI_RETURN_IF(need_tensor(in[0], &keys));
  SDX_CAPI_RETURN_IF(need_tensor(in[1], &values));
  if (keys->count() != values->count())
    return error(ORT_FAIL, "Key and value tensors have unequal number of elements.\n", keys->count(), " keys, ",
                 values->count(), " values");
  if (keys->dtype() != DType::kI64 && keys->dtype() != DType::kString)
    return error(ORT_FAIL, "Key type is not supported yet.\nkeys are ", dtype_name(keys->dtype()),
                 "; int64 and string are possible");
  const DType v = values->dtype();
  if (v != DType::kString && v != DType::kI64 && v != DType::kF32 && v != DType::kF64)
    return error(ORT_FAIL, "Value type is not supported yet: ", dtype_name(v));
  std::vector<int64_t> order(static_cast<size_t>(keys->count()));
  std::iota(order.begin(), order.end(), int64_t{0});
  if (keys->dtype() == DType::kString)
    sort_by<std::string>(*keys, order);
  else
    sort_by<int64_t>(*keys, order);
  auto m = std::make_shared<MapData>();
  SDX_CAPI_TRY(m->keys, picked(*keys, order));
  SDX_CAPI_TRY(m->values, picked(*values, order));
  *out = new OrtValue(Value(std::shared_ptr<const MapData>(std::move(m))));
  return nullptr;
}

}  // namespace

OrtStatus* CreateValue(const OrtValue* const* in, size_t num_values, enum ONNXType value_type, OrtValue** out) {
  if (value_type != ONNX_TYPE_SEQUENCE && value_type != ONNX_TYPE_MAP)
    return error(ORT_FAIL, "Input is not of type sequence or map.");
  if (num_values == 0) return error(ORT_FAIL, "Number of values should be at least 1.");
  for (size_t i = 0; i < num_values; ++i)
    if (in[i] == nullptr) return invalid("CreateValue: value ", i, " is null");
  return value_type == ONNX_TYPE_MAP ? make_map(in, num_values, out) : make_sequence(in, num_values, out);
}

OrtStatus* GetValueCount(const OrtValue* value, size_t* out) {
  switch (value->value.kind()) {
    case Value::Kind::kSequence: *out = value->value.sequence().items.size(); return nullptr;
    case Value::Kind::kMap: *out = 2; return nullptr;
    default: return error(ORT_FAIL, "Input is not of type sequence or map.");
  }
}

OrtStatus* GetValue(const OrtValue* value, int index, OrtAllocator*, OrtValue** out) {
  const Value& v = value->value;
  if (v.kind() == Value::Kind::kMap) {
    if (index != 0 && index != 1) return error(ORT_FAIL, "Invalid index requested for map type.");
    *out = new OrtValue(Value(index == 0 ? v.map().keys : v.map().values));
    return nullptr;
  }
  if (v.kind() != Value::Kind::kSequence) return error(ORT_FAIL, "Input is not of type sequence or map.");
  const auto& items = v.sequence().items;
  if (index < 0 || static_cast<size_t>(index) >= items.size())
    return error(ORT_FAIL, "Invalid index ", index, " of a sequence of ", items.size());
  *out = new OrtValue(items[static_cast<size_t>(index)]);
  return nullptr;
}

OrtStatus* IsTensor(const OrtValue* value, int* out) {
  *out = value->value.is_tensor();
  return nullptr;
}
OrtStatus* HasValue(const OrtValue* value, int* out) {
  *out = !value->value.none();
  return nullptr;
}
OrtStatus* GetValueType(const OrtValue* value, enum ONNXType* out) {
  *out = value->value.none() ? kind_of(value->type) : kind_of(value->value);
  return nullptr;
}

// Types that only their makers know are not part of ONNX, and no operator here takes them.
OrtStatus* CreateOpaqueValue(const char* domain_name, const char* type_name, const void*, size_t, OrtValue**) {
  return error(ORT_FAIL, "Specified domain and type names combination does not refer to a registered opaque type\n",
               domain_name, ".", type_name);
}
OrtStatus* GetOpaqueValue(const char* domain_name, const char* type_name, const OrtValue*, void*, size_t) {
  return error(ORT_FAIL, "Specified domain and type names combination does not refer to a registered opaque type\n",
               domain_name, ".", type_name);
}

}  // namespace sardonyx::capi
