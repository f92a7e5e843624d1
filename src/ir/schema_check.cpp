// A node against its schema: how many inputs and outputs, which types, which attributes.
#include <algorithm>

#include "ir/infer_ctx.h"

namespace sardonyx {

namespace {

bool allows(const TypeVar& v, const Type& t) {
  switch (t.kind) {
    case Type::Kind::kUnknown: return true;
    case Type::Kind::kTensor:
    case Type::Kind::kSparse: return contains(v.tensors, t.elem) || v.other;
    case Type::Kind::kSequence:
      return (t.inner && t.inner->is_tensor() && contains(v.sequences, t.inner->elem)) || v.other;
    case Type::Kind::kOptional:
      if (!t.inner) return v.optionals != 0 || v.optional_sequences != 0;
      if (t.inner->is_tensor()) return contains(v.optionals, t.inner->elem) || v.other;
      return (t.inner->inner && contains(v.optional_sequences, t.inner->inner->elem)) || v.other;
    default: return v.other;
  }
}

std::string allowed(const TypeVar& v) {
  std::string s;
  for (int i = 1; i < kDTypeCount; ++i)
    if (contains(v.tensors, static_cast<DType>(i))) s += cat(s.empty() ? "" : ", ", dtype_name(static_cast<DType>(i)));
  if (v.sequences) s += cat(s.empty() ? "" : ", ", "sequences");
  if (v.optionals || v.optional_sequences) s += cat(s.empty() ? "" : ", ", "optionals");
  if (v.other) s += cat(s.empty() ? "" : ", ", "maps");
  return s;
}

const ParamDef* param_at(std::span<const ParamDef> params, size_t i) {
  if (i < params.size()) return &params[i];
  if (!params.empty() && (params.back().flags & kVariadic)) return &params.back();
  return nullptr;
}

Status check_counts(const Node& n, std::span<const Fact* const> in, std::span<Fact> out) {
  const OpDef& op = *n.op;
  for (size_t i = 0; i < in.size(); ++i) {
    const ParamDef* p = param_at(op.inputs, i);
    if (p == nullptr)
      return fail(Code::kType, in.size(), " inputs given, ", op.name, " takes at most ", op.inputs.size());
    if (in[i] == nullptr && !(p->flags & kOptional) && !((p->flags & kVariadic) && op.has(kCustom)))
      return fail(Code::kType, "input ", i, " ", quoted(p->name), " is missing");
  }
  size_t least = op.min_inputs >= 0 ? static_cast<size_t>(op.min_inputs) : 0;
  if (op.min_inputs < 0)
    for (const ParamDef& p : op.inputs)
      if (!(p.flags & kOptional)) ++least;
  if (in.size() < least) return fail(Code::kType, in.size(), " inputs given, ", op.name, " needs at least ", least);
  if (out.empty() && !op.outputs.empty() && !(op.outputs[0].flags & (kOptional | kVariadic)))
    return fail(Code::kType, "the node has no outputs");
  for (size_t o = 0; o < out.size(); ++o)
    if (param_at(op.outputs, o) == nullptr)
      return fail(Code::kType, out.size(), " outputs named, ", op.name, " has at most ", op.outputs.size());
  return {};
}

Status check_attrs(const Node& n) {
  const OpDef& op = *n.op;
  for (const Attr& a : n.attrs) {
    const AttrDef* d = op.find_attr(a.name);
    if (d == nullptr && op.has(kCustom)) continue;
    if (d == nullptr) {
      Status s = fail(Code::kAttr, "unknown attribute ", quoted(a.name),
                      n.opset ? cat(" (opset ", n.opset, ")") : std::string());
      return s;
    }
    if (d->type != a.type)
      return fail(Code::kAttr, "attribute ", quoted(a.name), " is ", attr_type_name(a.type), ", expected ",
                  attr_type_name(d->type));
  }
  for (const AttrDef& d : op.attrs) {
    if (!d.required) continue;
    const bool is_body = d.type == AttrType::kGraph;
    const bool there = is_body ? std::find(n.body_names.begin(), n.body_names.end(), d.name) != n.body_names.end()
                               : n.find_attr(d.name) != nullptr;
    if (!there) return fail(Code::kAttr, "attribute ", quoted(d.name), " is missing");
  }
  return {};
}

}  // namespace

Status check_schema(const Node& n, std::span<const Fact* const> in, std::span<Fact> out) {
  const OpDef& op = *n.op;
  SDX_RETURN_IF_ERROR(check_counts(n, in, out));
  SDX_RETURN_IF_ERROR(check_attrs(n));
  struct Binding {
    const TypeVar* var;
    const Type* type;
    size_t input;
  };
  SmallVec<Binding, 8> bound;
  const auto find = [&](const TypeVar* v) -> Binding* {
    for (Binding& b : bound)
      if (b.var == v) return &b;
    return nullptr;
  };
  for (size_t i = 0; i < in.size(); ++i) {
    if (in[i] == nullptr || in[i]->type.kind == Type::Kind::kUnknown) continue;
    const ParamDef& p = *param_at(op.inputs, i);
    const TypeVar* v = op.find_type(p.type);
    if (v == nullptr) continue;
    if (!allows(*v, in[i]->type))
      return fail(Code::kType, "input ", i, " ", quoted(p.name), " is ", to_string(in[i]->type),
                  "; expected one of: ", allowed(*v));
    if (p.flags & kHeterogeneous) continue;
    if (const Binding* b = find(v)) {
      if (!(*b->type == in[i]->type) && b->type->is_tensor() && in[i]->type.is_tensor())
        return fail(Code::kType, "input ", i, " ", quoted(p.name), " is ", to_string(in[i]->type), " but input ",
                    b->input, " is ", to_string(*b->type), "; they must have the same type");
    } else {
      bound.push_back({v, &in[i]->type, i});
    }
  }
  for (size_t o = 0; o < out.size(); ++o) {
    const ParamDef& p = *param_at(op.outputs, o);
    const TypeVar* v = op.find_type(p.type);
    if (v == nullptr || (p.flags & kHeterogeneous)) continue;
    if (const Binding* b = find(v)) {
      out[o].type = *b->type;
    } else if (v->tensors && (v->tensors & (v->tensors - 1)) == 0 && !v->sequences && !v->optionals) {
      out[o].type = Type::tensor(static_cast<DType>(__builtin_ctz(v->tensors)));
    }
  }
  return {};
}

}  // namespace sardonyx
