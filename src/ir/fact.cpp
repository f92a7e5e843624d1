#include "ir/fact.h"

#include <algorithm>

#include "ir/attr.h"

namespace sardonyx {

std::string to_string(const Type& t) {
  const std::string inner = t.inner ? to_string(*t.inner) : "?";
  switch (t.kind) {
    case Type::Kind::kUnknown: return "?";
    case Type::Kind::kTensor: return std::string(dtype_name(t.elem));
    case Type::Kind::kSequence: return cat("seq(", inner, ")");
    case Type::Kind::kMap: return cat("map(", dtype_name(t.elem), ",", inner, ")");
    case Type::Kind::kOptional: return cat("optional(", inner, ")");
    case Type::Kind::kSparse: return cat("sparse(", dtype_name(t.elem), ")");
    case Type::Kind::kOpaque: return "opaque";
  }
  return "?";
}

Fact Fact::of(const Tensor& t) {
  Fact f = of(t.dtype(), to_shape(t.dims()));
  f.constant = t;
  if (t.rank() <= 1 && (is_int(t.dtype()) || t.dtype() == DType::kBool) && dtype_bits(t.dtype()) >= 8 &&
      static_cast<size_t>(t.count()) <= kMaxInts) {
    auto v = read_ints(t);
    if (v.ok() && std::all_of(v->begin(), v->end(), [](int64_t x) { return x >= Dim::kLeast; }))
      f.ints = Dims(v->begin(), v->end());
  }
  return f;
}

std::string_view attr_type_name(AttrType t) {
  constexpr std::string_view names[] = {"float", "int",     "string",  "tensor", "graph", "floats",
                                        "ints",  "strings", "tensors", "graphs", "type",  "sparse_tensor"};
  return names[static_cast<int>(t)];
}

namespace {
Attr named(std::string name, AttrType t) {
  Attr a;
  a.name = std::move(name);
  a.type = t;
  return a;
}
}  // namespace

Attr Attr::of_int(std::string name, int64_t v) {
  Attr a = named(std::move(name), AttrType::kInt);
  a.i = v;
  return a;
}
Attr Attr::of_float(std::string name, float v) {
  Attr a = named(std::move(name), AttrType::kFloat);
  a.f = v;
  return a;
}
Attr Attr::of_string(std::string name, std::string v) {
  Attr a = named(std::move(name), AttrType::kString);
  a.s = std::move(v);
  return a;
}
Attr Attr::of_ints(std::string name, std::vector<int64_t> v) {
  Attr a = named(std::move(name), AttrType::kInts);
  a.ints = std::move(v);
  return a;
}
Attr Attr::of_floats(std::string name, std::vector<float> v) {
  Attr a = named(std::move(name), AttrType::kFloats);
  a.floats = std::move(v);
  return a;
}
Attr Attr::of_strings(std::string name, std::vector<std::string> v) {
  Attr a = named(std::move(name), AttrType::kStrings);
  a.strings = std::move(v);
  return a;
}
Attr Attr::of_tensor(std::string name, Tensor v) {
  Attr a = named(std::move(name), AttrType::kTensor);
  a.tensor = std::move(v);
  return a;
}

bool operator==(const Attr& a, const Attr& b) {
  const auto same = [](const Tensor& x, const Tensor& y) {
    return x.valid() == y.valid() && (!x.valid() || identical(x, y));
  };
  if (a.name != b.name || a.type != b.type || a.i != b.i || a.f != b.f || a.s != b.s || a.ints != b.ints ||
      a.floats != b.floats || a.strings != b.strings || !same(a.tensor, b.tensor) || !(a.value_type == b.value_type) ||
      a.tensors.size() != b.tensors.size())
    return false;
  for (size_t i = 0; i < a.tensors.size(); ++i)
    if (!same(a.tensors[i], b.tensors[i])) return false;
  return true;
}

}  // namespace sardonyx
