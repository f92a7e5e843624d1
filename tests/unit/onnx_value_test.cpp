// Value files: tensors, sequences, optionals, maps and sparse tensors, read and written.
#include <gtest/gtest.h>

#include "onnx/value_pb.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

using namespace testing;

const Type kFloat = Type::tensor(DType::kF32);

bool same(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNone: return true;
    case Value::Kind::kTensor: return identical(a.tensor(), b.tensor());
    case Value::Kind::kMap: return identical(a.map().keys, b.map().keys) && identical(a.map().values, b.map().values);
    case Value::Kind::kSparse:
      return a.sparse().dims == b.sparse().dims && identical(a.sparse().values, b.sparse().values) &&
             identical(a.sparse().indices, b.sparse().indices);
    case Value::Kind::kSequence: {
      const auto &x = a.sequence().items, &y = b.sequence().items;
      bool equal = x.size() == y.size() && a.sequence().element == b.sequence().element;
      for (size_t i = 0; equal && i < x.size(); ++i) equal = same(x[i], y[i]);
      return equal;
    }
  }
  return false;
}

void expect_round_trip(const Value& v, const Type& type) {
  auto bytes = write_value_pb(v, type, "name");
  ASSERT_TRUE(bytes.ok()) << bytes.status().to_string();
  auto back = read_value_pb(*bytes, type);
  ASSERT_TRUE(back.ok()) << back.status().to_string();
  EXPECT_TRUE(same(v, *back)) << to_string(type);
}

template <class T>
Value tensor_value(DType type, std::initializer_list<int64_t> dims, std::initializer_list<T> values) {
  return Value(*Tensor::of<T>(type, std::span(dims.begin(), dims.size()), std::span(values.begin(), values.size())));
}
Value sequence_value(DType element, std::vector<Value> items) {
  return Value(std::make_shared<const SequenceData>(SequenceData{element, std::move(items)}));
}
Tensor strings(std::initializer_list<const char*> values) {
  const int64_t n = static_cast<int64_t>(values.size());
  Tensor t = *Tensor::make(DType::kString, std::span(&n, 1));
  std::copy(values.begin(), values.end(), t.strings().begin());
  return t;
}
Value map_value(Tensor keys, Tensor values) {
  return Value(std::make_shared<const MapData>(MapData{std::move(keys), std::move(values)}));
}

TEST(OnnxValue, RoundTrips) {
  const Value a = tensor_value<float>(DType::kF32, {2}, {1, 2}), b = tensor_value<float>(DType::kF32, {}, {3});
  const Value empty = tensor_value<float>(DType::kF32, {0, 2}, {});
  expect_round_trip(a, kFloat);
  expect_round_trip(b, kFloat);
  expect_round_trip(empty, kFloat);
  expect_round_trip(Value(strings({"a", ""})), Type::tensor(DType::kString));
  expect_round_trip(tensor_value<uint8_t>(DType::kI4, {3}, {0x21, 0x0f}), Type::tensor(DType::kI4));
  const Type sequence = Type::sequence(kFloat);
  expect_round_trip(sequence_value(DType::kF32, {a, b, empty}), sequence);
  expect_round_trip(sequence_value(DType::kF32, {}), sequence);
  expect_round_trip(
      sequence_value(DType::kUndefined, {sequence_value(DType::kF32, {a}), sequence_value(DType::kF32, {})}),
      Type::sequence(sequence));
  expect_round_trip(Value(), Type::optional(kFloat));
  expect_round_trip(a, Type::optional(kFloat));
  expect_round_trip(sequence_value(DType::kF32, {a}), Type::optional(sequence));
  expect_round_trip(sequence_value(DType::kF32, {a, Value()}), Type::sequence(Type::optional(kFloat)));
  const Value numbers = map_value(*Tensor::vector_i64(std::vector<int64_t>{-1, 5}), a.tensor());
  expect_round_trip(numbers, Type::map(DType::kI64, kFloat));
  expect_round_trip(map_value(strings({"a", "b"}), strings({"x", "y"})),
                    Type::map(DType::kString, Type::tensor(DType::kString)));
  expect_round_trip(sequence_value(DType::kUndefined, {numbers, numbers}),
                    Type::sequence(Type::map(DType::kI64, kFloat)));
  SparseData sparse;
  sparse.dims = {2, 3};
  sparse.values = a.tensor();
  sparse.indices = *Tensor::vector_i64(std::vector<int64_t>{1, 4});
  Type sparse_type = kFloat;
  sparse_type.kind = Type::Kind::kSparse;
  expect_round_trip(Value(std::make_shared<const SparseData>(sparse)), sparse_type);
}

TEST(OnnxValue, AnEmptySequenceKeepsItsElementType) {
  auto v = read_value_pb("", Type::sequence(Type::tensor(DType::kI8)));
  ASSERT_TRUE(v.ok());
  EXPECT_EQ(v->sequence().element, DType::kI8);
  EXPECT_TRUE(v->sequence().items.empty());
}

TEST(OnnxValue, MapsAreSortedByKey) {
  const auto value = [](float f) { return text(3, tensor(DType::kF32, {}) + raw(bytes_of<float>({f}))); };
  const Text map = number(2, 7) + number(3, 9) + text(3, varints({2, 5})) + text(5, value(9) + value(2) + value(5));
  auto v = read_value_pb(map, Type::map(DType::kI64, kFloat));
  ASSERT_TRUE(v.ok()) << v.status().to_string();
  EXPECT_EQ(v->map().keys.as<int64_t>()[0], 2);
  EXPECT_EQ(v->map().keys.as<int64_t>()[2], 9);
  EXPECT_EQ(v->map().values.as<float>()[0], 2);
  EXPECT_EQ(v->map().values.as<float>()[2], 9);
}

TEST(OnnxValue, WhatDoesNotFitIsRefused) {
  const Text f = tensor(DType::kF32, {}) + raw(bytes_of<float>({1})), i = tensor(DType::kI8, {}) + raw("a");
  EXPECT_EQ(read_value_pb(text(3, f) + text(3, i), Type::sequence(kFloat)).status().code(), Code::kType);
  EXPECT_EQ(read_value_pb(text(3, i), Type::sequence(kFloat)).status().code(), Code::kType);
  const Type map = Type::map(DType::kI64, kFloat);
  EXPECT_EQ(
      read_value_pb(number(2, 7) + text(3, varints({1, 1})) + text(5, text(3, f) + text(3, f)), map).status().code(),
      Code::kProto);
  EXPECT_EQ(read_value_pb(number(2, 7) + text(3, varints({1})), map).status().code(), Code::kProto);
  EXPECT_EQ(read_value_pb(number(2, 1) + text(3, varints({1})) + text(5, text(3, f)), map).status().code(),
            Code::kType);
  EXPECT_FALSE(read_value_pb("\xff\xff\xff", kFloat).ok());
  EXPECT_EQ(read_value_pb(f + external("x"), kFloat).status().code(), Code::kFile);
  Text deep;
  for (int n = 0; n < 100; ++n) deep = text(5, deep);
  EXPECT_EQ(read_value_pb(deep, Type::sequence(kFloat)).status().code(), Code::kProto);
  EXPECT_FALSE(write_value_pb(Value(), kFloat).ok());
}

}  // namespace
}  // namespace sardonyx
