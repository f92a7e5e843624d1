#include "passes/graph_text.h"

#include <algorithm>
#include <map>

#include "simd/cast.h"

namespace sardonyx::passes {

namespace {

std::string number(double v) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", v);
  return text;
}

std::string constant_text(const Tensor& t) {
  std::string s = cat("{", dtype_name(t.dtype()), to_string(t.dims()));
  const simd::CastFn cast = simd::cast(t.dtype(), DType::kF64);
  std::vector<double> x(static_cast<size_t>(t.count()));
  if (cast != nullptr) cast(t.data(), x.data(), t.count(), {});
  for (double v : x) s += " " + number(v);
  return s + "}";
}

std::string attr_text(const Attr& a) {
  switch (a.type) {
    case AttrType::kInt: return cat(a.i);
    case AttrType::kFloat: return number(static_cast<double>(a.f));
    case AttrType::kString: return quoted(a.s);
    case AttrType::kTensor: return constant_text(a.tensor);
    default: break;
  }
  std::string s = "[";
  for (int64_t i : a.ints) s += cat(" ", i);
  for (float f : a.floats) s += " " + number(static_cast<double>(f));
  for (const std::string& t : a.strings) s += " " + quoted(t);
  return s + " ]";
}

bool is_default(const Node& n, const Attr& a) {
  const AttrDef* d = n.op->find_attr(a.name);
  if (d == nullptr || !d->has_default) return false;
  if (a.type == AttrType::kInt) return a.i == d->i;
  if (a.type == AttrType::kFloat) return a.f == static_cast<float>(d->f);
  if (a.type == AttrType::kString) return a.s == d->s;
  return a.type == AttrType::kInts && std::equal(a.ints.begin(), a.ints.end(), d->ints.begin(), d->ints.end());
}

class Writer {
 public:
  explicit Writer(const Graph& g) : g_(g) {}

  std::string whole() {
    std::string end = "=>";
    for (ValueId v : g_.outputs) end += " " + value(v);
    for (NodeId n = 0; n < static_cast<NodeId>(g_.node_count()); ++n)
      if (!g_.node(n).dead && !names_.contains(n)) end += " unused " + node(n, 0);
    return lines_ + end + "\n";
  }

 private:
  std::string value(ValueId v) {
    if (v == kNone) return "_";
    if (g_.is_constant(v)) return constant_text(g_.fact(v).constant);
    const ValueInfo& info = g_.value(v);
    if (info.producer == kNone) return info.name;
    if (const auto it = names_.find(info.producer); it != names_.end()) return cat(it->second, ".", info.index);
    return node(info.producer, info.index);
  }

  std::string node(NodeId id, int index) {
    const Node& n = g_.node(id);
    std::string args, attrs;
    for (ValueId v : n.inputs) args += " " + value(v);
    std::vector<std::string> list;
    for (const Attr& a : n.attrs)
      if (!is_default(n, a)) list.push_back(cat(a.name, "=", attr_text(a)));
    std::sort(list.begin(), list.end());
    for (const std::string& a : list) attrs += " " + a;
    for (const auto& body : n.bodies) attrs += cat(" body(", Writer(*body).whole(), ")");
    const std::string name = cat("n", names_.size());
    names_.emplace(id, name);
    lines_ += cat(name, " = ", n.op->domain, n.op->domain.empty() ? "" : ".", n.op->name, attrs.empty() ? "" : " <",
                  attrs, attrs.empty() ? "" : " >", args, "\n");
    return cat(name, ".", index);
  }

  const Graph& g_;
  std::map<NodeId, std::string> names_;
  std::string lines_;
};

}  // namespace

std::string graph_text(const Graph& g) { return Writer(g).whole(); }

}  // namespace sardonyx::passes
