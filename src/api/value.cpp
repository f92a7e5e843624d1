#include "api/value.h"

namespace sdx {

namespace {

using sardonyx::DType;

const sardonyx::Tensor& tensor_of(const Value& v) {
  if (!inside(v).is_tensor()) throw Error({"SDX_E_TYPE", "the value is not a tensor"});
  return inside(v).tensor();
}

template <class T>
T take(sardonyx::Result<T> r) {
  if (!r.ok()) throw Error(failure_of(r.status()));
  return std::move(r).value();
}

DType dtype_of(Type t) {
  const int n = static_cast<int>(t);
  if (n <= 0 || n >= sardonyx::kDTypeCount)
    throw Error({"SDX_E_TYPE", "there is no element type " + std::to_string(n)});
  return static_cast<DType>(n);
}

}  // namespace

std::string_view name(Type type) { return sardonyx::dtype_name(static_cast<DType>(type)); }

Value::Value() = default;

Value Value::make(Type type, const Shape& shape) { return wrap(take(sardonyx::Tensor::make(dtype_of(type), shape))); }

Value Value::borrow(Type type, const Shape& shape, void* data, size_t bytes) {
  const DType t = dtype_of(type);
  if (t == DType::kString) throw Error({"SDX_E_TYPE", "string tensors own their elements; use make or copy"});
  const size_t needed = take(sardonyx::checked_storage_bytes(t, shape));
  if (bytes != needed)
    throw Error({"SDX_E_SHAPE",
                 "the buffer has " + std::to_string(bytes) + " bytes, type and shape need " + std::to_string(needed)});
  if (data == nullptr && needed != 0) throw Error({"SDX_E_SHAPE", "the buffer is null"});
  return wrap(sardonyx::Tensor(t, shape, sardonyx::Buffer::wrap(data, bytes)));
}

Value Value::sequence(std::vector<Value> items) {
  auto s = std::make_shared<sardonyx::SequenceData>();
  for (const Value& v : items) {
    if (v.kind() == Kind::tensor) s->element = inside(v).tensor().dtype();
    s->items.push_back(inside(v));
  }
  return wrap(sardonyx::Value(std::shared_ptr<const sardonyx::SequenceData>(std::move(s))));
}

Value::Kind Value::kind() const {
  switch (inside(*this).kind()) {
    case sardonyx::Value::Kind::kTensor: return Kind::tensor;
    case sardonyx::Value::Kind::kSequence: return Kind::sequence;
    case sardonyx::Value::Kind::kMap: return Kind::map;
    default: return Kind::none;
  }
}

Type Value::type() const { return static_cast<Type>(tensor_of(*this).dtype()); }
Value::Shape Value::shape() const { return {tensor_of(*this).dims().begin(), tensor_of(*this).dims().end()}; }
int64_t Value::count() const { return tensor_of(*this).count(); }
void* Value::data() const { return tensor_of(*this).data(); }
size_t Value::bytes() const { return tensor_of(*this).bytes(); }

void Value::require(Type wanted) const {
  if (type() != wanted)
    throw Error({"SDX_E_TYPE", "the tensor is " + std::string(name(type())) + ", not " + std::string(name(wanted))});
}

size_t Value::size() const {
  if (kind() != Kind::sequence) throw Error({"SDX_E_TYPE", "the value is not a sequence"});
  return inside(*this).sequence().items.size();
}
Value Value::item(size_t i) const {
  if (i >= size())
    throw Error({"SDX_E_RANGE", "item " + std::to_string(i) + " of a sequence of " + std::to_string(size())});
  return wrap(inside(*this).sequence().items[i]);
}
Value Value::keys() const {
  if (kind() != Kind::map) throw Error({"SDX_E_TYPE", "the value is not a map"});
  return wrap(inside(*this).map().keys);
}
Value Value::values() const {
  if (kind() != Kind::map) throw Error({"SDX_E_TYPE", "the value is not a map"});
  return wrap(inside(*this).map().values);
}

}  // namespace sdx
