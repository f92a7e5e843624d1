// Type: what kind of value flows (tensor, sequence, map, optional, sparse tensor). Fact: everything known about a value
// before it is computed: type, rank, Dims, and, when known, the constant itself or the symbolic contents of a small
// integer tensor.
#pragma once
#include <memory>
#include <optional>

#include "sym/dim.h"
#include "tensor/tensor.h"

namespace sardonyx {

struct Type {
  enum class Kind : uint8_t { kUnknown, kTensor, kSequence, kMap, kOptional, kSparse, kOpaque };
  Kind kind = Kind::kUnknown;
  DType elem = DType::kUndefined;     // tensor, sparse: element; map: key
  std::shared_ptr<const Type> inner;  // sequence, optional: element; map: value

  static Type tensor(DType t) { return {Kind::kTensor, t, nullptr}; }
  static Type sequence(Type of) {
    return {Kind::kSequence, DType::kUndefined, std::make_shared<const Type>(std::move(of))};
  }
  static Type optional(Type of) {
    return {Kind::kOptional, DType::kUndefined, std::make_shared<const Type>(std::move(of))};
  }
  static Type map(DType key, Type value) { return {Kind::kMap, key, std::make_shared<const Type>(std::move(value))}; }
  bool is_tensor() const { return kind == Kind::kTensor; }
  bool operator==(const Type& o) const {
    return kind == o.kind && elem == o.elem && (!inner == !o.inner) && (!inner || *inner == *o.inner);
  }
};
// "float", "seq(float)", "map(int64,float)", "optional(seq(float))".
std::string to_string(const Type& t);

struct Fact {
  Type type;
  bool has_rank = false;
  Shape shape;               // meaningful if has_rank
  Tensor constant;           // valid() if the value is a constant
  std::optional<Dims> ints;  // contents of a rank-0/1 integer tensor of at most kMaxInts elements, as Dims

  static constexpr size_t kMaxInts = 64;
  DType dtype() const { return type.is_tensor() ? type.elem : DType::kUndefined; }
  static Fact of(DType t, Shape s) { return {Type::tensor(t), true, std::move(s), {}, {}}; }
  static Fact of(const Tensor& t);  // a constant; fills ints too
  static Fact unknown_rank(DType t) { return {Type::tensor(t), false, {}, {}, {}}; }
};

}  // namespace sardonyx
