// LabelEncoder maps keys to values, element by element.
#include <numeric>
#include <optional>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ir/upgrade_ctx.h"
#include "ops/ml/model.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {
    {"T1", kIndexTypes | kStringType | mask_of(DType::kF32) | mask_of(DType::kF64) | mask_of(DType::kI16)},
    {"T2", kIndexTypes | kStringType | mask_of(DType::kF32) | mask_of(DType::kF64) | mask_of(DType::kI16)}};
constexpr ParamDef kIn[] = {{"X", "T1"}};
constexpr ParamDef kOut[] = {{"Y", "T2"}};
constexpr AttrDef kAttrs[] = {attr_float("default_float", -0.0),
                              attr_int("default_int64", -1),
                              attr_string("default_string", "_Unused"),
                              attr_optional("default_tensor", AttrType::kTensor),
                              attr_optional("keys_floats", AttrType::kFloats),
                              attr_optional("keys_int64s", AttrType::kInts),
                              attr_optional("keys_strings", AttrType::kStrings),
                              attr_optional("keys_tensor", AttrType::kTensor),
                              attr_optional("values_floats", AttrType::kFloats),
                              attr_optional("values_int64s", AttrType::kInts),
                              attr_optional("values_strings", AttrType::kStrings),
                              attr_optional("values_tensor", AttrType::kTensor)};

struct Column {
  DType type = DType::kUndefined;
  int64_t length = 0;
};

// The one list of keys or of values.
Result<Column> column(const InferCtx& c, std::string_view which) {
  std::optional<Column> found;
  constexpr std::string_view suffixes[] = {"floats", "int64s", "strings", "tensor"};
  for (std::string_view suffix : suffixes) {
    const Attr* a = c.attr(cat(which, "_", suffix));
    if (a == nullptr) continue;
    if (found) return fail(Code::kAttr, "more than one of ", which, "_floats, _int64s, _strings and _tensor is given");
    switch (a->type) {
      case AttrType::kFloats: found = Column{DType::kF32, static_cast<int64_t>(a->floats.size())}; break;
      case AttrType::kInts: found = Column{DType::kI64, static_cast<int64_t>(a->ints.size())}; break;
      case AttrType::kStrings: found = Column{DType::kString, static_cast<int64_t>(a->strings.size())}; break;
      default: found = a->tensor.valid() ? Column{a->tensor.dtype(), a->tensor.count()} : Column{};
    }
  }
  if (!found) return fail(Code::kAttr, "none of ", which, "_floats, _int64s, _strings and _tensor is given");
  return *found;
}

Status infer(InferCtx& c) {
  SDX_TRY(const Column keys, column(c, "keys"));
  SDX_TRY(const Column values, column(c, "values"));
  if (keys.length != values.length)
    return fail(Code::kAttr, "there are ", keys.length, " keys and ", values.length,
                " values, expected the same number");
  if (keys.type != c.dtype(0))
    return fail(Code::kType, "X is ", dtype_name(c.dtype(0)), ", the keys are ", dtype_name(keys.type));
  const Attr* other = c.attr("default_tensor");
  if (other != nullptr && other->tensor.valid() && other->tensor.dtype() != values.type)
    return fail(Code::kType, "default_tensor is ", dtype_name(other->tensor.dtype()), ", the values are ",
                dtype_name(values.type));
  if (!contains(c.node().op->find_type("T2")->tensors, values.type))
    return fail(Code::kType, "the values are ", dtype_name(values.type), ", which LabelEncoder cannot produce");
  return c.in(0).has_rank ? c.set(0, values.type, c.in(0).shape) : c.set_unknown_rank(0, values.type);
}

// Version 1 maps a class name to its position in one list, and back.
Status classes_to_columns(UpgradeCtx& u, const Upgrade&) {
  const Attr* classes = u.attr("classes_strings");
  if (classes == nullptr) return fail(Code::kAttr, "attribute \"classes_strings\" is missing");
  std::vector<std::string> names = classes->strings;
  std::vector<int64_t> positions(names.size());
  std::iota(positions.begin(), positions.end(), 0);
  u.drop_attr("classes_strings");
  const bool from_names = u.fact(0).dtype() == DType::kString;
  u.set_attr(Attr::of_strings(from_names ? "keys_strings" : "values_strings", std::move(names)));
  u.set_attr(Attr::of_ints(from_names ? "values_int64s" : "keys_int64s", std::move(positions)));
  return {};
}

constexpr Upgrade kHistory[] = {{2, classes_to_columns}};

}  // namespace

SDX_OP(ml_LabelEncoder) = {.name = "LabelEncoder",
                           .domain = "ai.onnx.ml",
                           .since = 4,
                           .types = kTypes,
                           .inputs = kIn,
                           .outputs = kOut,
                           .attrs = kAttrs,
                           .infer = infer,
                           .history = kHistory};

}  // namespace sardonyx
