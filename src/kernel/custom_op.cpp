#include "kernel/custom_op.h"

#include "ir/opset.h"

namespace sardonyx {

namespace {

constexpr TypeMask kEveryType = (TypeMask{1} << kDTypeCount) - 2;

TypeVar type_var(std::string_view name, TypeMask types) {
  TypeVar v;
  v.name = name;
  v.tensors = types ? types : kEveryType;
  if (types == 0) {
    v.sequences = v.optionals = v.optional_sequences = kEveryType;
    v.other = true;
  }
  return v;
}

Status infer_custom(InferCtx& c) { return static_cast<const CustomOp&>(*c.node().op).infer_outputs(c); }

bool one_type(TypeMask m) { return m != 0 && (m & (m - 1)) == 0; }

}  // namespace

CustomOp::CustomOp(CustomSignature signature) : signature_(std::move(signature)) {
  signature_.domain = canonical_domain(signature_.domain);
  domain = signature_.domain;
  OpDef::name = signature_.name;
  OpDef::first = since = signature_.first;
  traits = kCustom | kNondeterministic;
  OpDef::infer = infer_custom;
  min_inputs = signature_.min_inputs;
  const size_t in = signature_.inputs.size(), total = in + signature_.outputs.size();
  var_names_.reserve(total), vars_.reserve(total), params_.reserve(total);
  const auto add = [&](const CustomParam& p, std::string_view prefix, size_t i) {
    var_names_.push_back(cat(prefix, i));
    vars_.push_back(type_var(var_names_.back(), p.types));
    params_.push_back({p.name, var_names_.back(), p.flags});
  };
  for (size_t i = 0; i < in; ++i) add(signature_.inputs[i], "T", i);
  for (size_t o = 0; o < signature_.outputs.size(); ++o) add(signature_.outputs[o], "R", o);
  types = vars_;
  inputs = std::span<const ParamDef>(params_).first(in);
  outputs = std::span<const ParamDef>(params_).subspan(in);
}

CustomOp::~CustomOp() = default;

Status CustomOp::infer_types(InferCtx& c) const {
  if (c.outputs() < signature_.min_outputs)
    return fail(Code::kType, c.outputs(), " outputs named, ", OpDef::name, " has at least ", signature_.min_outputs);
  Type free;
  for (int i = 0; i < c.inputs() && free.kind == Type::Kind::kUnknown; ++i) {
    const size_t p = std::min(static_cast<size_t>(i), signature_.inputs.size() - 1);
    if (c.has(i) && !one_type(signature_.inputs[p].types)) free = c.in(i).type;
  }
  for (int o = 0; o < c.outputs(); ++o) {
    const TypeMask m = signature_.outputs[std::min(static_cast<size_t>(o), signature_.outputs.size() - 1)].types;
    c.out(o).type = one_type(m) ? Type::tensor(static_cast<DType>(__builtin_ctz(m))) : free;
  }
  return {};
}

Status CustomOp::infer_outputs(InferCtx& c) const {
  SDX_RETURN_IF_ERROR(infer_types(c));
  return deferred();
}

CustomOpLookup::CustomOpLookup(const OpLookup& built_in, const CustomOpList& custom)
    : built_in_(built_in), custom_(custom), all_(built_in.all().begin(), built_in.all().end()) {
  for (const auto& op : custom_) all_.push_back(op.get());
}

const OpDef* CustomOpLookup::find(std::string_view domain, std::string_view name) const {
  return built_in_.find(domain, name);
}

const OpDef* CustomOpLookup::find_for(std::string_view domain, std::string_view name, int opset) const {
  const std::string_view canonical = canonical_domain(domain);
  for (const auto& op : custom_)
    if (op->domain == canonical && op->name == name && op->first <= opset && opset <= op->last()) return op.get();
  return built_in_.find_for(domain, name, opset);
}

}  // namespace sardonyx
