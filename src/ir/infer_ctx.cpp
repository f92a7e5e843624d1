#include "ir/infer_ctx.h"

#include <algorithm>

namespace sardonyx {

Result<Shape> InferCtx::shape(int i) const {
  if (!has(i) || !in(i).has_rank) return deferred();
  return in(i).shape;
}

Result<int> InferCtx::rank(int i) const {
  if (!has(i) || !in(i).has_rank) return deferred();
  return static_cast<int>(in(i).shape.size());
}

Result<Dims> InferCtx::ints(int i) {
  if (!has(i)) return deferred();
  if (in(i).ints) return *in(i).ints;
  const Tensor* t = value(i);
  if (t == nullptr) return deferred();
  SDX_TRY(auto v, read_ints(*t));
  for (int64_t& x : v) x = std::max(x, Dim::kLeast);
  return Dims(v.begin(), v.end());
}

const Tensor* InferCtx::value(int i) {
  if (!has(i)) return nullptr;
  if (in(i).constant.valid()) return &in(i).constant;
  return reader_ ? reader_->read(i) : nullptr;
}

bool InferCtx::has_attr(std::string_view name) const { return node_.find_attr(name) != nullptr; }

int64_t InferCtx::attr_int(std::string_view name) const {
  if (const Attr* a = node_.find_attr(name)) return a->i;
  const AttrDef* d = node_.op->find_attr(name);
  return d ? d->i : 0;
}
float InferCtx::attr_float(std::string_view name) const {
  if (const Attr* a = node_.find_attr(name)) return a->f;
  const AttrDef* d = node_.op->find_attr(name);
  return d ? static_cast<float>(d->f) : 0;
}
std::string_view InferCtx::attr_string(std::string_view name) const {
  if (const Attr* a = node_.find_attr(name)) return a->s;
  const AttrDef* d = node_.op->find_attr(name);
  return d ? d->s : std::string_view();
}
std::span<const int64_t> InferCtx::attr_ints(std::string_view name) const {
  if (const Attr* a = node_.find_attr(name)) return a->ints;
  const AttrDef* d = node_.op->find_attr(name);
  return d ? d->ints : std::span<const int64_t>();
}
std::span<const float> InferCtx::attr_floats(std::string_view name) const {
  if (const Attr* a = node_.find_attr(name)) return a->floats;
  const AttrDef* d = node_.op->find_attr(name);
  return d ? d->floats : std::span<const float>();
}

Result<int> InferCtx::axis(int64_t axis, int rank, std::string_view what) const {
  if (axis < -rank || axis >= rank)
    return fail(Code::kRange, what, " ", axis, " is outside [", -rank, ",", rank - 1, "], the input has rank ", rank);
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

Result<SmallVec<int, 8>> InferCtx::axes(std::span<const int64_t> list, int rank, bool sorted) const {
  SmallVec<int, 8> out;
  for (int64_t a : list) {
    SDX_TRY(const int v, axis(a, rank));
    if (std::find(out.begin(), out.end(), v) != out.end()) return fail(Code::kRange, "axis ", a, " is given twice");
    out.push_back(v);
  }
  if (sorted) std::sort(out.begin(), out.end());
  return out;
}

Result<SmallVec<int, 8>> InferCtx::axes_of(int i, int rank, bool sorted) {
  SDX_TRY(const Dims d, ints(i));
  SmallVec<int64_t, 8> v;
  for (Dim x : d) {
    if (!x.known()) return deferred();
    v.push_back(x.value());
  }
  return axes(v, rank, sorted);
}

Result<Dim> InferCtx::broadcast_dim(Dim a, Dim b) const {
  if (a.known() && b.known() && !(a == b) && !a.is(1) && !b.is(1))
    return fail(Code::kShape, "extents ", a.value(), " and ", b.value(), " cannot be broadcast");
  return sym_.broadcast(a, b);
}

Result<Shape> InferCtx::broadcast(const Shape& a, const Shape& b) const {
  const size_t n = std::max(a.size(), b.size());
  Shape out(n);
  for (size_t i = 0; i < n; ++i) {
    const Dim x = i + a.size() >= n ? a[i + a.size() - n] : Dim(1);
    const Dim y = i + b.size() >= n ? b[i + b.size() - n] : Dim(1);
    auto r = broadcast_dim(x, y);
    if (!r.ok())
      return fail(Code::kShape, "inputs of extents ", text(a), " and ", text(b), " cannot be broadcast: axis ",
                  cat("-", n - i), " has ", text(x), " and ", text(y), "; they must be equal or one of them 1");
    out[i] = *r;
  }
  return out;
}

Result<Dim> InferCtx::must_equal(Dim a, Dim b, std::string_view what) const {
  if (a == b) return a;
  if (sym_.equal(a, b) == std::optional(false))
    return fail(Code::kShape, what, ": ", text(a), " and ", text(b), " must be equal");
  return a.known() ? a : b.known() ? b : a;
}

Status InferCtx::set(int o, DType t, Shape s) {
  if (!wants(o)) return {};
  for (Dim d : s)
    if (d.known() && d.value() < 0) return fail(Code::kShape, "output ", o, " would have extents ", text(s));
  out(o).type = Type::tensor(t);
  out(o).has_rank = true;
  out(o).shape = std::move(s);
  return {};
}
Status InferCtx::set_unknown_rank(int o, DType t) {
  if (wants(o)) out(o) = Fact::unknown_rank(t);
  return {};
}
Status InferCtx::set_type(int o, Type t) {
  if (wants(o)) out(o).type = std::move(t);
  return {};
}
Status InferCtx::copy(int o, int i) {
  if (!wants(o)) return {};
  out(o).type = in(i).type;
  out(o).has_rank = in(i).has_rank;
  out(o).shape = in(i).shape;
  return {};
}
Status InferCtx::set_ints(int o, Dims values) {
  if (!wants(o) || values.size() > Fact::kMaxInts) return {};
  const Fact& f = out(o);
  if (!f.has_rank || f.shape.size() > 1) return {};
  const size_t n = f.shape.empty() ? 1 : f.shape[0].known() ? static_cast<size_t>(f.shape[0].value()) : SIZE_MAX;
  if (n == values.size()) out(o).ints = std::move(values);
  return {};
}

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

namespace {

// Whoever multiplies extents later relies on it.
Status check_sizes(std::span<const Fact> out, const SymbolTable& sym) {
  for (size_t o = 0; o < out.size(); ++o) {
    if (!out[o].type.is_tensor() || !out[o].has_rank) continue;
    for (size_t i = 0; i < out[o].shape.size(); ++i)
      if (sym.overflowed(out[o].shape[i]))
        return fail(Code::kShape, "output ", o, ": the extent of axis ", i, " does not fit into 64 bits");
    if (!all_known(out[o].shape)) continue;
    Extents dims;
    for (Dim d : out[o].shape) dims.push_back(d.value());
    if (auto bytes = checked_storage_bytes(out[o].type.elem, dims); !bytes.ok())
      return fail(Code::kShape, "output ", o, ": ", bytes.status().message());
  }
  return {};
}

}  // namespace

Status infer_node(const Node& n, std::span<const Fact* const> in, std::span<Fact> out, SymbolTable& sym,
                  InferCtx::Reader* reader, bool* was_deferred) {
  if (was_deferred) *was_deferred = false;
  SDX_RETURN_IF_ERROR(check_schema(n, in, out));
  if (n.op->infer == nullptr) {
    if (was_deferred) *was_deferred = true;
    return {};
  }
  InferCtx c(n, in, out, sym, reader);
  Status s = n.op->infer(c);
  if (s.code() == Code::kDeferred) {
    if (was_deferred) *was_deferred = true;
  } else if (!s.ok()) {
    return s;
  }
  return check_sizes(out, sym);
}

}  // namespace sardonyx
