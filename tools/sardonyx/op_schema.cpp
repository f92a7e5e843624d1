// Operator descriptions as JSON, for `sardonyx ops --schemas` and what reads it.
#include "op_schema.h"

#include "ops/table.h"

namespace sardonyx {
namespace {

std::vector<std::string> names_of(const TypeVar& var) {
  std::vector<std::string> names;
  const auto add = [&](TypeMask mask, std::string_view before, std::string_view after) {
    for (int t = 1; t < kDTypeCount; ++t)
      if (mask & (TypeMask{1} << t)) names.push_back(cat(before, dtype_name(static_cast<DType>(t)), after));
  };
  add(var.tensors, "tensor(", ")");
  add(var.sequences, "seq(tensor(", "))");
  add(var.optionals, "optional(tensor(", "))");
  add(var.optional_sequences, "optional(seq(tensor(", ")))");
  return names;
}

nlohmann::json params_json(std::span<const ParamDef> params) {
  nlohmann::json list = nlohmann::json::array();
  for (const ParamDef& p : params)
    list.push_back({{"name", std::string(p.name)},
                    {"type", std::string(p.type)},
                    {"option", p.flags & kVariadic   ? "variadic"
                               : p.flags & kOptional ? "optional"
                                                     : "single"},
                    {"homogeneous", (p.flags & kHeterogeneous) == 0}});
  return list;
}

nlohmann::json default_json(const AttrDef& a) {
  switch (a.type) {
    case AttrType::kInt: return a.i;
    case AttrType::kFloat: return a.f;
    case AttrType::kString: return std::string(a.s);
    case AttrType::kInts: return std::vector<int64_t>(a.ints.begin(), a.ints.end());
    case AttrType::kFloats: return std::vector<float>(a.floats.begin(), a.floats.end());
    default: return nullptr;
  }
}

int least(std::span<const ParamDef> params) {
  int count = 0;
  for (size_t i = 0; i < params.size(); ++i) {
    const bool may_lack = (params[i].flags & kOptional) != 0;
    if (!may_lack || (params[i].flags & kVariadic)) count = static_cast<int>(i) + (may_lack ? 0 : 1);
  }
  return count;
}

bool endless(std::span<const ParamDef> params) { return !params.empty() && (params.back().flags & kVariadic); }

}  // namespace

nlohmann::json schema_json(const OpDef& op) {
  nlohmann::json types = nlohmann::json::array(), attrs = nlohmann::json::array();
  for (const TypeVar& t : op.types)
    types.push_back({{"name", std::string(t.name)}, {"types", names_of(t)}, {"maps_too", t.other}});
  for (const AttrDef& a : op.attrs) {
    nlohmann::json attr = {
        {"name", std::string(a.name)}, {"type", std::string(attr_type_name(a.type))}, {"required", a.required}};
    if (a.has_default) attr["default"] = default_json(a);
    attrs.push_back(std::move(attr));
  }
  return {{"types", types},
          {"inputs", params_json(op.inputs)},
          {"outputs", params_json(op.outputs)},
          {"attributes", attrs},
          {"min_inputs", op.min_inputs >= 0 ? op.min_inputs : least(op.inputs)},
          {"min_outputs", least(op.outputs)},
          {"any_inputs", endless(op.inputs)},
          {"any_outputs", endless(op.outputs)}};
}

}  // namespace sardonyx
