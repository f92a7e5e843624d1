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
