#include "exec/check_input.h"

#include <algorithm>

namespace sardonyx {

namespace {

// What kernels rely on, all the way down.
bool has_type(const Value& v, const Type& t) {
  switch (t.kind) {
    case Type::Kind::kTensor: return v.is_tensor() && v.tensor().dtype() == t.elem;
    case Type::Kind::kOptional: return v.none() || has_type(v, *t.inner);
    case Type::Kind::kSparse: return v.kind() == Value::Kind::kSparse && v.sparse().values.dtype() == t.elem;
    case Type::Kind::kMap:
      return v.kind() == Value::Kind::kMap && v.map().keys.dtype() == t.elem &&
             has_type(Value(v.map().values), *t.inner);
    case Type::Kind::kSequence: {
      if (v.kind() != Value::Kind::kSequence) return false;
      const SequenceData& s = v.sequence();
      if (t.inner->is_tensor() && s.element != t.inner->elem && s.element != DType::kUndefined) return false;
      return std::all_of(s.items.begin(), s.items.end(), [&](const Value& item) { return has_type(item, *t.inner); });
    }
    default: return true;
  }
}

std::string_view kind_name(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNone: return "nothing";
    case Value::Kind::kTensor: return "a tensor";
    case Value::Kind::kSequence: return "a sequence";
    case Value::Kind::kMap: return "a map";
    case Value::Kind::kSparse: return "a sparse tensor";
  }
  return "nothing";
}

}  // namespace

Status check_input(const Port& p, const Value& v) {
  if (!p.type.is_tensor()) {
    if (has_type(v, p.type)) return {};
    return fail(Code::kType, "input ", quoted(p.name), " must be ", to_string(p.type), "; ", kind_name(v),
                v.none() || v.is_tensor() ? " was given" : " of another type was given");
  }
  if (!v.is_tensor())
    return fail(Code::kType, "input ", quoted(p.name), " must be a tensor of ", to_string(p.type), "; ", kind_name(v),
                " was given");
  const Tensor& t = v.tensor();
  if (t.dtype() != p.type.elem)
    return fail(Code::kType, "input ", quoted(p.name), " is ", dtype_name(t.dtype()), ", the model wants ",
                dtype_name(p.type.elem));
  if (!p.has_rank) return {};
  bool fits = t.dims().size() == p.dims.size();
  for (size_t k = 0; fits && k < p.dims.size(); ++k) fits = p.dims[k] < 0 || p.dims[k] == t.dims()[k];
  if (fits) return {};
  std::string want = "[";
  for (size_t k = 0; k < p.dims.size(); ++k) want += cat(k ? "," : "", p.dims[k] < 0 ? p.dim_names[k] : cat(p.dims[k]));
  return fail(Code::kShape, "input ", quoted(p.name), " has extents ", to_string(t.dims()), ", the model wants ", want,
              "]");
}

}  // namespace sardonyx
