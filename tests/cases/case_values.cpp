#include "cases/case_values.h"

#include <cmath>
#include <cstring>
#include <random>

#include "ir/text_types.h"

namespace sardonyx::cases {
namespace {

using Kind = Literal::Kind;

std::optional<Extents> known_extents(const Fact& f) {
  if (!f.has_rank || !all_known(f.shape)) return std::nullopt;
  Extents dims;
  for (Dim d : f.shape) dims.push_back(d.value());
  return dims;
}

// The extents that nested lists have; false if they are ragged.
bool list_extents(const Literal& l, size_t level, Extents& dims) {
  if (l.kind != Kind::kList) return dims.size() == level;
  const int64_t n = static_cast<int64_t>(l.items.size());
  if (dims.size() == level) dims.push_back(n);
  if (dims[level] != n) return false;
  for (size_t i = 0; i < l.items.size(); ++i) {
    if (i > 0 && l.items[i].kind != l.items[0].kind &&
        (l.items[i].kind == Kind::kList || l.items[0].kind == Kind::kList))
      return false;
    if (!list_extents(l.items[i], level + 1, dims)) return false;
  }
  return true;
}

void flatten(const Literal& l, std::vector<const Literal*>& out) {
  if (l.kind != Kind::kList) return out.push_back(&l);
  for (const Literal& i : l.items) flatten(i, out);
}

Status store(const Tensor& t, int64_t i, const Literal& l) {
  if (t.dtype() == DType::kString) {
    if (l.kind != Kind::kString) return fail(Code::kProto, "element ", i, " must be text in quotes");
    t.strings()[static_cast<size_t>(i)] = l.text;
    return {};
  }
  if (l.kind != Kind::kNumber || !store_number(t, i, l.number))
    return fail(Code::kProto, "element ", i, " is not a value of type ", dtype_name(t.dtype()));
  return {};
}

Status store_list(const Tensor& t, const Literal& l) {
  std::vector<const Literal*> flat;
  flatten(l, flat);
  const size_t parts = is_complex(t.dtype()) ? 2 : 1;
  if (flat.size() != static_cast<size_t>(t.count()) * parts)
    return fail(Code::kProto, flat.size(), " elements are written, the extents are ", to_string(t.dims()));
  for (size_t i = 0; i < flat.size(); ++i) {
    if (parts == 1) {
      SDX_RETURN_IF_ERROR(store(t, static_cast<int64_t>(i), *flat[i]));
    } else if (t.dtype() == DType::kC64) {
      t.as<float>()[i] = static_cast<float>(flat[i]->number.real);
    } else {
      t.as<double>()[i] = flat[i]->number.real;
    }
  }
  return {};
}

// start, start + step, … as integers if both are; random(seed, low, high): integers in [low, high), reals likewise.
Status store_generated(const Tensor& t, const Literal& l) {
  const double first = l.args.empty() ? 0 : l.args[0].real;
  std::mt19937 rng(static_cast<uint32_t>(first));
  const bool real = is_float(t.dtype()) || is_float8(t.dtype()) || is_complex(t.dtype()) || t.dtype() == DType::kF4E2M1;
  const double low = l.args.size() > 1 ? l.args[1].real : real ? -1 : 0;
  const double high = l.args.size() > 2 ? l.args[2].real : t.dtype() == DType::kBool ? 2 : real ? 1 : 10;
  const double step = l.args.size() > 1 ? l.args[1].real : 1;
  for (int64_t i = 0; i < t.count(); ++i) {
    double v = l.kind == Kind::kIota ? first + step * static_cast<double>(i) : l.kind == Kind::kFill ? first : 0;
    if (l.kind == Kind::kRandom) {
      v = low + (high - low) * (static_cast<double>(rng()) / 4294967296.0);
      if (!real) v = std::floor(v);
    }
    const Number n = l.kind == Kind::kFill ? l.args[0] : Number::of_real(v);
    if (!store_number(t, i, n))
      return fail(Code::kProto, v, " (element ", i, ") is not a value of type ", dtype_name(t.dtype()));
  }
  return {};
}

Result<Tensor> make_tensor(const Literal& l, const Fact& type) {
  std::optional<Extents> dims = known_extents(type);
  Extents written;
  const bool regular = list_extents(l, 0, written);
  if (is_complex(type.dtype()) && regular && !written.empty()) written.pop_back();
  const bool explicit_extents = l.kind == Kind::kList || l.kind == Kind::kNumber || l.kind == Kind::kString;
  if (!dims && explicit_extents && regular) dims = written;
  if (!dims) return fail(Code::kProto, "the extents are not known; write them, as in x : float[2,3] = …");
  if (l.kind == Kind::kList && written.size() > 1 && regular && !(written == *dims))
    return fail(Code::kProto, "the lists have extents ", to_string(written), ", the type says ", to_string(*dims));
  if ((l.kind == Kind::kNumber || l.kind == Kind::kString) && !dims->empty())
    return fail(Code::kProto, "one value is written, the extents are ", to_string(*dims), "; use a list or fill(v)");
  SDX_TRY(Tensor t, Tensor::make(type.dtype(), *dims));
  if (t.dtype() != DType::kString) std::memset(t.data(), 0, t.bytes());
  if (l.kind == Kind::kIota || l.kind == Kind::kRandom || l.kind == Kind::kFill) {
    SDX_RETURN_IF_ERROR(store_generated(t, l));
  } else {
    SDX_RETURN_IF_ERROR(store_list(t, l));
  }
  return t;
}

Fact fact_of(const Type& t) {
  Fact f;
  f.type = t;
  return f;
}

Result<Value> make_sequence(const Literal& l, const Type& type) {
  auto data = std::make_shared<SequenceData>();
  const Type element = type.inner ? *type.inner : Type{};
  data->element = element.is_tensor() ? element.elem : DType::kUndefined;
  for (size_t i = 0; i < l.items.size(); ++i) {
    Fact item = fact_of(element);
    if (!l.types[i].empty()) {
      Lexer lex(l.types[i]);
      SymbolTable scratch;
      SDX_TRY(item, parse_type(lex, scratch));
    }
    SDX_TRY(Value v, make_value(l.items[i], item));
    data->items.push_back(std::move(v));
  }
  return Value(std::shared_ptr<const SequenceData>(std::move(data)));
}

Result<Value> make_map(const Literal& l, const Type& type) {
  Literal keys, values;
  keys.kind = values.kind = Kind::kList;
  for (size_t i = 0; i + 1 < l.items.size(); i += 2) {
    keys.items.push_back(l.items[i]);
    values.items.push_back(l.items[i + 1]);
  }
  auto data = std::make_shared<MapData>();
  SDX_TRY(data->keys, make_tensor(keys, Fact::unknown_rank(type.elem)));
  SDX_TRY(data->values, make_tensor(values, Fact::unknown_rank(type.inner ? type.inner->elem : DType::kF32)));
  return Value(std::shared_ptr<const MapData>(std::move(data)));
}

struct Bounds {
  double rtol, atol;
};
Bounds defaults_of(DType t) {
  switch (t) {
    case DType::kF32:
    case DType::kC64: return {1e-5, 1e-6};
    case DType::kF64:
    case DType::kC128: return {1e-9, 1e-11};
    case DType::kF16: return {2e-3, 1e-4};
    case DType::kBF16: return {1.6e-2, 1e-3};
    default: return {0, 0};
  }
}

bool near(double want, double got, const Bounds& b) {
  if (want == got || (std::isnan(want) && std::isnan(got))) return true;
  return std::isfinite(want) && std::isfinite(got) && std::fabs(want - got) <= b.atol + b.rtol * std::fabs(want);
}

std::string compare_tensors(const Tensor& want, const Tensor& got, const Tolerance& tol) {
  if (want.dtype() != got.dtype()) return cat("is ", dtype_name(got.dtype()), ", expected ", dtype_name(want.dtype()));
  if (!(want.dims() == got.dims()))
    return cat("has extents ", to_string(got.dims()), ", expected ", to_string(want.dims()));
  Bounds b = defaults_of(want.dtype());
  b.rtol = tol.rtol.value_or(b.rtol);
  b.atol = tol.atol.value_or(b.atol);
  int64_t wrong = 0, first = -1;
  for (int64_t i = 0; i < want.count(); ++i) {
    bool same;
    if (want.dtype() == DType::kString) {
      same = want.strings()[static_cast<size_t>(i)] == got.strings()[static_cast<size_t>(i)];
    } else {
      const Number w = load_number(want, i), g = load_number(got, i);
      const bool exact = w.is_int && g.is_int && !tol.atol && !tol.rtol;
      same = exact ? (w.magnitude == g.magnitude && (w.negative == g.negative || w.magnitude == 0))
                   : near(w.real, g.real, b);
      same &= near(imaginary_part(want, i), imaginary_part(got, i), b);
    }
    if (same) continue;
    if (wrong++ == 0) first = i;
  }
  if (wrong == 0) return {};
  return cat(wrong, " of ", want.count(), " elements differ; element ", first, " is ", print_element(got, first),
             ", expected ", print_element(want, first));
}

std::string_view kind_name(Value::Kind k) {
  constexpr std::string_view names[] = {"none", "tensor", "sequence", "map", "sparse tensor"};
  return names[static_cast<int>(k)];
}

}  // namespace

Result<Value> make_value(const Literal& l, const Fact& type) {
  if (l.kind == Kind::kNone) return Value();
  if (type.type.kind == Type::Kind::kOptional) return make_value(l, fact_of(*type.type.inner));
  if (l.kind == Kind::kSequence) {
    if (type.type.kind != Type::Kind::kSequence)
      return fail(Code::kProto, "a sequence is written for a value of type ", to_string(type.type));
    return make_sequence(l, type.type);
  }
  if (l.kind == Kind::kMap) {
    if (type.type.kind != Type::Kind::kMap)
      return fail(Code::kProto, "a map is written for a value of type ", to_string(type.type));
    return make_map(l, type.type);
  }
  if (!type.type.is_tensor())
    return fail(Code::kProto, "a tensor is written for a value of type ", to_string(type.type));
  SDX_TRY(Tensor t, make_tensor(l, type));
  return Value(std::move(t));
}

std::string compare(const Value& want, const Value& got, const Tolerance& tol) {
  if (want.kind() != got.kind()) return cat("is a ", kind_name(got.kind()), ", expected a ", kind_name(want.kind()));
  switch (want.kind()) {
    case Value::Kind::kTensor: return compare_tensors(want.tensor(), got.tensor(), tol);
    case Value::Kind::kSequence: {
      const auto &w = want.sequence().items, &g = got.sequence().items;
      if (w.size() != g.size()) return cat("has ", g.size(), " items, expected ", w.size());
      for (size_t i = 0; i < w.size(); ++i)
        if (std::string d = compare(w[i], g[i], tol); !d.empty()) return cat("item ", i, " ", d);
      return {};
    }
    case Value::Kind::kMap: {
      std::string d = compare_tensors(want.map().keys, got.map().keys, tol);
      if (!d.empty()) return cat("keys: ", d);
      d = compare_tensors(want.map().values, got.map().values, tol);
      return d.empty() ? d : cat("values: ", d);
    }
    default: return {};
  }
}

std::string compare_type(const Fact& want, const Value& got) {
  if (!want.type.is_tensor()) return {};
  if (!got.is_tensor()) return cat("is a ", kind_name(got.kind()), ", expected a tensor");
  const Tensor& t = got.tensor();
  if (t.dtype() != want.dtype()) return cat("is ", dtype_name(t.dtype()), ", expected ", dtype_name(want.dtype()));
  bool same = !want.has_rank || want.shape.size() == t.dims().size();
  for (size_t i = 0; same && want.has_rank && i < want.shape.size(); ++i)
    same = !want.shape[i].known() || want.shape[i].is(t.dims()[i]);
  return same ? std::string() : cat("has extents ", to_string(t.dims()));
}

bool matches(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find("<*>");
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  const std::string_view rest = pattern.substr(star + 3);
  for (size_t at = star; at <= text.size(); ++at)
    if (matches(rest, text.substr(at))) return true;
  return false;
}

}  // namespace sardonyx::cases
