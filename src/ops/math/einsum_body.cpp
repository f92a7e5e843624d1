// Einsum as matrix products: operands are contracted from left to right, each pair by one MatMul where its summed axes
// certainly agree, else by a broadcast product and a sum. scan: no operators
#include <algorithm>

#include "ir/body_ctx.h"
#include "ops/math/einsum.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

struct Operand {
  Ref ref;
  std::string labels;
};

bool contains(const std::string& s, char label) { return s.find(label) != std::string::npos; }
int64_t axis_of(const Operand& x, char label) { return static_cast<int64_t>(x.labels.find(label)); }

// Extents [from, to) of x as an int64 vector.
Ref extents(BodyCtx& b, Ref x, size_t from, size_t to) {
  if (from == to) return b.ints({});
  return b.op("Shape", {x},
              {Attr::of_int("start", static_cast<int64_t>(from)), Attr::of_int("end", static_cast<int64_t>(to))});
}

void sum_over(BodyCtx& b, Operand& x, const std::string& gone) {
  if (gone.empty()) return;
  std::vector<int64_t> axes;
  std::string left;
  for (size_t a = 0; a < x.labels.size(); ++a) {
    if (contains(gone, x.labels[a]))
      axes.push_back(static_cast<int64_t>(a));
    else
      left += x.labels[a];
  }
  x = {b.op("ReduceSum", {x.ref, b.ints(axes)}, {Attr::of_int("keepdims", 0)}), left};
}

void permute(BodyCtx& b, Operand& x, const std::string& to) {
  if (x.labels == to) return;
  std::vector<int64_t> perm;
  for (char label : to) perm.push_back(axis_of(x, label));
  x = {b.op("Transpose", {x.ref}, {Attr::of_ints("perm", std::move(perm))}), to};
}

// A label twice in one operand keeps the diagonal: what lies off it becomes zero, then one of the two axes is summed.
void take_diagonals(BodyCtx& b, Operand& x) {
  for (size_t j = 1; j < x.labels.size(); ++j) {
    const size_t i = x.labels.find(x.labels[j]);
    if (i >= j) continue;
    const size_t rank = x.labels.size();
    const Ref n = b.op("Squeeze", {extents(b, x.ref, i, i + 1)});
    const Ref steps = b.op("Range", {b.int_scalar(0), n, b.int_scalar(1)});
    const auto along = [&](size_t axis) {
      std::vector<int64_t> ones;
      for (size_t a = 1; a < rank - axis; ++a) ones.push_back(static_cast<int64_t>(a));
      return ones.empty() ? steps : b.op("Unsqueeze", {steps, b.ints(ones)});
    };
    const Ref on = b.op("Where", {b.op("Equal", {along(i), along(j)}), x.ref, b.scalar(0, x.ref)});
    const Ref diagonal = b.op("ReduceSum", {on, b.ints({static_cast<int64_t>(j)})}, {Attr::of_int("keepdims", 0)});
    x.ref = diagonal;
    x.labels.erase(j--, 1);
  }
}

// x, permuted to batch + first + second labels, as [batch..., prod(first), prod(second)].
Ref as_matrices(BodyCtx& b, Operand x, const std::string& batch, const std::string& first, const std::string& second) {
  permute(b, x, batch + first + second);
  if (first.size() == 1 && second.size() == 1) return x.ref;
  const auto merged = [&](size_t from, size_t n) {
    return n == 0 ? b.ints({1}) : b.op("ReduceProd", {extents(b, x.ref, from, from + n), b.ints({0})});
  };
  const size_t nb = batch.size();
  const Ref shape =
      b.op("Concat", {extents(b, x.ref, 0, nb), merged(nb, first.size()), merged(nb + first.size(), second.size())},
           {Attr::of_int("axis", 0)});
  return b.op("Reshape", {x.ref, shape}, {Attr::of_int("allowzero", 1)});
}

bool certainly_equal(BodyCtx& b, const Operand& x, const Operand& y, const std::string& labels) {
  const Fact &fx = b.fact(x.ref), &fy = b.fact(y.ref);
  return std::all_of(labels.begin(), labels.end(), [&](char label) {
    return fx.shape[static_cast<size_t>(axis_of(x, label))] == fy.shape[static_cast<size_t>(axis_of(y, label))];
  });
}

// Axes in the order of `all`, extent 1 where x has none.
Ref aligned(BodyCtx& b, Operand x, const std::string& all) {
  std::string present;
  std::vector<int64_t> missing;
  for (size_t a = 0; a < all.size(); ++a) {
    if (contains(x.labels, all[a]))
      present += all[a];
    else
      missing.push_back(static_cast<int64_t>(a));
  }
  permute(b, x, present);
  return missing.empty() ? x.ref : b.op("Unsqueeze", {x.ref, b.ints(missing)});
}

// The product of two operands, summed over the labels that `keep` lacks.
Operand contract(BodyCtx& b, Operand x, Operand y, const std::string& keep) {
  const auto pick = [](const std::string& from, auto&& wanted) {
    std::string s;
    std::copy_if(from.begin(), from.end(), std::back_inserter(s), wanted);
    return s;
  };
  sum_over(b, x, pick(x.labels, [&](char l) { return !contains(keep, l) && !contains(y.labels, l); }));
  sum_over(b, y, pick(y.labels, [&](char l) { return !contains(keep, l) && !contains(x.labels, l); }));
  const std::string batch = pick(x.labels, [&](char l) { return contains(y.labels, l) && contains(keep, l); });
  const std::string summed = pick(x.labels, [&](char l) { return contains(y.labels, l) && !contains(keep, l); });
  const std::string rows = pick(x.labels, [&](char l) { return !contains(y.labels, l); });
  const std::string cols = pick(y.labels, [&](char l) { return !contains(x.labels, l); });
  const std::string all = batch + rows + cols;
  if (b.status().ok() && !summed.empty() && certainly_equal(b, x, y, summed)) {
    permute(b, x, batch + rows + summed);
    permute(b, y, batch + summed + cols);
    const Ref product =
        b.op("MatMul", {as_matrices(b, x, batch, rows, summed), as_matrices(b, y, batch, summed, cols)});
    if (rows.size() == 1 && cols.size() == 1) return {product, all};
    const size_t nb = batch.size(), nr = rows.size(), ns = summed.size();
    const Ref shape = b.op(
        "Concat",
        {extents(b, product, 0, nb), extents(b, x.ref, nb, nb + nr), extents(b, y.ref, nb + ns, nb + ns + cols.size())},
        {Attr::of_int("axis", 0)});
    return {b.op("Reshape", {product, shape}, {Attr::of_int("allowzero", 1)}), all};
  }
  Operand product{b.op("Mul", {aligned(b, x, all + summed), aligned(b, y, all + summed)}), all + summed};
  sum_over(b, product, summed);
  return product;
}

}  // namespace

Status expand_einsum(BodyCtx& b) {
  SDX_TRY(EinsumEquation eq, parse_einsum(b.attr_string("equation"), b.inputs()));
  std::vector<int> ranks;
  for (int i = 0; i < b.inputs(); ++i) {
    if (!b.fact(b.in(i)).has_rank) return fail(Code::kNoKernel, "the rank of input ", i, " is not known");
    ranks.push_back(static_cast<int>(b.fact(b.in(i)).shape.size()));
  }
  SDX_RETURN_IF_ERROR(expand_ellipses(eq, ranks));
  // Small integers are summed in int32: the same result modulo their width.
  const DType type = b.dtype(0);
  const DType inner = is_int(type) && dtype_bits(type) < 32 ? DType::kI32 : type;
  Operand result{};
  for (size_t i = 0; i < eq.terms.size(); ++i) {
    Operand next{b.cast(b.in(static_cast<int>(i)), inner), eq.terms[i]};
    take_diagonals(b, next);
    std::string keep = eq.output;
    for (size_t k = i + 1; k < eq.terms.size(); ++k) keep += eq.terms[k];
    result = i == 0 ? next : contract(b, result, next, keep);
  }
  std::string rest;
  for (char label : result.labels)
    if (!contains(eq.output, label)) rest += label;
  sum_over(b, result, rest);
  permute(b, result, eq.output);
  Ref y = b.cast(result.ref, type);
  if (y == b.in(0)) y = b.op("Identity", {y});
  return b.outputs({y});
}

}  // namespace sardonyx
