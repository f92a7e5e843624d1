// OpDef: the static description of one operator at its newest version: types, inputs, outputs, attributes, how facts
// flow through it, how older versions become this one, and (optionally) the same operator written in simpler ones.
// Instances are constinit tables in ops/, which live as long as the program and are shared by all threads; only custom
// operators (kernel/custom_op.h) are made at run time, and live as long as the sessions that use them.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/status.h"
#include "ir/attr.h"
#include "tensor/dtype.h"

namespace sardonyx {

class InferCtx;
class BodyCtx;
class UpgradeCtx;

// Value kinds a type variable may stand for; each mask lists element types.
struct TypeVar {
  std::string_view name;   // "T", or the type itself ("tensor(int64)") for a parameter of one fixed type
  TypeMask tensors = 0;    // tensor(X)
  TypeMask sequences = 0;  // seq(tensor(X))
  TypeMask optionals = 0;  // optional(tensor(X))
  TypeMask optional_sequences = 0;
  bool other = false;  // maps and sequences of maps: infer() checks them itself
};

inline constexpr uint8_t kOptional = 1;       // may be absent
inline constexpr uint8_t kVariadic = 2;       // last parameter, repeated
inline constexpr uint8_t kHeterogeneous = 4;  // variadic whose types may differ

struct ParamDef {
  std::string_view name;
  std::string_view type;  // name of a TypeVar
  uint8_t flags = 0;
};

struct AttrDef {
  std::string_view name;
  AttrType type;
  bool required = false;
  bool has_default = false;
  int64_t i = 0;
  double f = 0;
  std::string_view s = {};
  std::span<const int64_t> ints = {};
  std::span<const float> floats = {};
};
constexpr AttrDef attr_required(std::string_view n, AttrType t) { return {n, t, true}; }
constexpr AttrDef attr_optional(std::string_view n, AttrType t) { return {n, t}; }
constexpr AttrDef attr_int(std::string_view n, int64_t v) { return {n, AttrType::kInt, false, true, v}; }
constexpr AttrDef attr_float(std::string_view n, double v) { return {n, AttrType::kFloat, false, true, 0, v}; }
constexpr AttrDef attr_string(std::string_view n, std::string_view v) {
  return {n, AttrType::kString, false, true, 0, 0, v};
}
constexpr AttrDef attr_ints(std::string_view n, std::span<const int64_t> v) {
  return {n, AttrType::kInts, false, true, 0, 0, {}, v};
}

// One step of an operator's history: what must be done to a node written for an opset < `to` to bring it to `to`.
// Versions that only widened types need no step. Shared rules read `name`, `name2` and `index`.
struct Upgrade {
  int to;
  Status (*apply)(UpgradeCtx&, const Upgrade&);
  std::string_view name = {};
  int index = 0;
  std::string_view name2 = {};
};

enum Trait : uint32_t {
  kView = 1,              // output 0 is input 0's bytes under other extents: no kernel
  kNondeterministic = 2,  // never folded, never merged
  kControlFlow = 4,       // owns bodies
  kDataDependent = 8,     // output extents are known only after running
  kCommutative = 16,      // the first two inputs may be exchanged
  kCustom = 32,           // a CustomOp (kernel/custom_op.h) of one session; any attribute is allowed
  kPure = 0,
};

struct OpDef {
  std::string_view name;
  std::string_view domain = "";  // "" is ai.onnx
  int since = 1;                 // newest version in our canonical opset
  std::span<const TypeVar> types = {};
  std::span<const ParamDef> inputs = {};
  std::span<const ParamDef> outputs = {};
  std::span<const AttrDef> attrs = {};
  int min_inputs = -1;  // -1: count of the non-optional inputs
  Status (*infer)(InferCtx&) = nullptr;
  std::string_view body = {};             // in the text format, if it can be written without code
  Status (*expand)(BodyCtx&) = nullptr;   // the body when it needs types, ranks or attributes
  std::span<const Upgrade> history = {};  // ascending `to`
  uint32_t traits = 0;
  int first = 1;  // first opset of its domain that has the operator

  const AttrDef* find_attr(std::string_view attr) const {
    for (const AttrDef& a : attrs)
      if (a.name == attr) return &a;
    return nullptr;
  }
  const TypeVar* find_type(std::string_view var) const {
    for (const TypeVar& t : types)
      if (t.name == var) return &t;
    return nullptr;
  }
  bool has(Trait t) const { return (traits & t) != 0; }
};

// Finds descriptions by (domain, name); "ai.onnx" means "".
struct OpLookup {
  virtual ~OpLookup() = default;
  virtual const OpDef* find(std::string_view domain, std::string_view name) const = 0;
  // The description that a node written for this opset of its domain means: custom operators may have several.
  virtual const OpDef* find_for(std::string_view domain, std::string_view name, int /*opset*/) const {
    return find(domain, name);
  }
  virtual std::span<const OpDef* const> all() const { return {}; }  // for suggestions in messages
};

// In an ops/ file, at namespace sardonyx scope, outside any unnamed namespace:
//   SDX_OP(Squeeze) = {.name = "Squeeze", .since = 25, …};
#define SDX_OP(Name)                        \
  extern const ::sardonyx::OpDef op_##Name; \
  constinit const ::sardonyx::OpDef op_##Name

// Sets of element types used by many operators.
inline constexpr TypeMask kFloatTypes =
    mask_of(DType::kF32) | mask_of(DType::kF16) | mask_of(DType::kF64) | mask_of(DType::kBF16);
inline constexpr TypeMask kSignedTypes =
    mask_of(DType::kI8) | mask_of(DType::kI16) | mask_of(DType::kI32) | mask_of(DType::kI64);
inline constexpr TypeMask kUnsignedTypes =
    mask_of(DType::kU8) | mask_of(DType::kU16) | mask_of(DType::kU32) | mask_of(DType::kU64);
inline constexpr TypeMask kNumericTypes = kFloatTypes | kSignedTypes | kUnsignedTypes;
inline constexpr TypeMask kBoolType = mask_of(DType::kBool);
inline constexpr TypeMask kStringType = mask_of(DType::kString);
inline constexpr TypeMask kInt64Type = mask_of(DType::kI64);
inline constexpr TypeMask kIndexTypes = mask_of(DType::kI32) | mask_of(DType::kI64);
inline constexpr TypeMask kFloat8Types =
    mask_of(DType::kF8E4M3FN) | mask_of(DType::kF8E4M3FNUZ) | mask_of(DType::kF8E5M2) | mask_of(DType::kF8E5M2FNUZ);
inline constexpr TypeMask kSubByteTypes =
    mask_of(DType::kU4) | mask_of(DType::kI4) | mask_of(DType::kU2) | mask_of(DType::kI2) | mask_of(DType::kF4E2M1);
inline constexpr TypeMask kComplexTypes = mask_of(DType::kC64) | mask_of(DType::kC128);
inline constexpr TypeMask kAnyType =
    kNumericTypes | kBoolType | kStringType | kComplexTypes | kFloat8Types | kSubByteTypes | mask_of(DType::kF8E8M0);

}  // namespace sardonyx
