// scan: no operators
#include <algorithm>

#include "ops/control/bodies.h"

namespace sardonyx {

namespace {

const Attr* find(std::span<const Attr> attrs, std::string_view name) {
  for (const Attr& a : attrs)
    if (a.name == name) return &a;
  return nullptr;
}

// What the model declares, with symbols of the body's own. A declared number that contradicts the first iteration is not believed.
Fact as_declared(const Fact& declared, const Fact* first, SymbolTable& sym) {
  Fact f;
  f.type = declared.type.kind == Type::Kind::kUnknown && first != nullptr ? first->type : declared.type;
  if (!declared.has_rank || !f.type.is_tensor()) return f;
  const bool ranked = first != nullptr && first->has_rank;
  if (ranked && first->shape.size() != declared.shape.size()) return f;
  f.has_rank = true;
  for (size_t a = 0; a < declared.shape.size(); ++a) {
    const Dim d = declared.shape[a];
    const bool contradicted = ranked && first->shape[a].known() && !(first->shape[a] == d);
    f.shape.push_back(d.known() && !contradicted ? d : sym.fresh());
  }
  return f;
}

// A scalar, unless the model declares a vector (of one element).
Fact counter(DType t, const Fact& declared) {
  return Fact::of(t, declared.has_rank && declared.shape.size() == 1 ? Shape{1} : Shape{});
}

Result<std::vector<Fact>> of_loop(std::span<const Fact* const> in, std::span<const Fact> declared, SymbolTable& sym) {
  std::vector<Fact> out;
  for (size_t i = 0; i < declared.size(); ++i) {
    if (i == 0) {
      out.push_back(counter(DType::kI64, declared[i]));
    } else if (i == 1) {
      out.push_back(counter(DType::kBool, declared[i]));
    } else {
      out.push_back(as_declared(declared[i], i < in.size() ? in[i] : nullptr, sym));
    }
  }
  return out;
}

// One element of a value that is cut along `axis`, or one sample of a batch.
Fact without_axis(const Fact& f, const Fact& declared, int64_t axis, SymbolTable& sym) {
  if (!f.has_rank) {
    Fact out = as_declared(declared, nullptr, sym);
    if (f.type.kind != Type::Kind::kUnknown) out.type = f.type;
    return out;
  }
  const auto rank = static_cast<int64_t>(f.shape.size());
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) return Fact::unknown_rank(f.dtype());  // an error that the node's own inference reports
  Shape s = f.shape;
  s.erase(static_cast<size_t>(axis));
  return Fact::of(f.dtype(), std::move(s));
}

Result<std::vector<Fact>> of_scan(bool batched, std::span<const Attr> attrs, std::span<const Fact* const> in,
                                  std::span<const Fact> declared, SymbolTable& sym) {
  if (batched && !in.empty()) in = in.subspan(1);  // sequence_lens is not for the body
  const Attr* count = find(attrs, "num_scan_inputs");
  const Attr* axes = find(attrs, "scan_input_axes");
  const size_t scans = count != nullptr && count->i > 0 ? static_cast<size_t>(count->i) : 0;
  const size_t states = in.size() > scans ? in.size() - scans : 0;
  std::vector<Fact> out;
  for (size_t i = 0; i < declared.size(); ++i) {
    if (i >= in.size() || in[i] == nullptr) {
      out.push_back(as_declared(declared[i], nullptr, sym));
      continue;
    }
    const size_t k = i - std::min(i, states);
    const int64_t axis = batched || axes == nullptr || k >= axes->ints.size() ? 0 : axes->ints[k];
    Fact f = *in[i];
    f.constant = Tensor();
    f.ints.reset();
    if (batched) f = without_axis(f, declared[i], 0, sym);
    if (i >= states) f = without_axis(f, declared[i], axis, sym);
    if (!f.has_rank) f = as_declared(declared[i], &f, sym);
    out.push_back(std::move(f));
  }
  return out;
}

Result<std::vector<Fact>> of_sequence_map(std::span<const Fact* const> in, std::span<const Fact> declared, SymbolTable& sym) {
  std::vector<Fact> out;
  for (size_t i = 0; i < declared.size(); ++i) {
    const Fact* f = i < in.size() ? in[i] : nullptr;
    if (f != nullptr && f->type.kind == Type::Kind::kSequence) {
      Fact element = as_declared(declared[i], nullptr, sym);
      if (f->type.inner) element.type = *f->type.inner;
      out.push_back(std::move(element));
    } else if (f != nullptr && f->type.kind != Type::Kind::kUnknown) {
      out.push_back(*f);
      out.back().constant = Tensor();
    } else {
      out.push_back(as_declared(declared[i], f, sym));
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Fact>> body_input_facts(std::string_view op, int opset, std::span<const Attr> attrs,
                                           std::span<const Fact* const> in, std::span<const Fact> declared, SymbolTable& sym) {
  if (op == "Loop") return of_loop(in, declared, sym);
  if (op == "Scan") return of_scan(opset < 9, attrs, in, declared, sym);
  if (op == "SequenceMap") return of_sequence_map(in, declared, sym);
  std::vector<Fact> out;
  for (const Fact& d : declared) out.push_back(as_declared(d, nullptr, sym));
  return out;
}

}  // namespace sardonyx
