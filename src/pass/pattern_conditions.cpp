#include "pass/pattern_conditions.h"

#include <algorithm>

#include "simd/cast.h"

namespace sardonyx {

namespace {

using Args = std::vector<ValueId>;

struct Where {
  const Rewriter& r;
  const PatternCondition& c;
  const Args& v;
  Match& m;
  const Fact& fact(size_t i) const { return r.fact(v[i]); }
  std::string name(size_t i) const { return std::string(c.args[i]); }
};

// The number of last axes that constant `axes` names, -1 if it is something else.
int64_t last_axes_of(const Rewriter& r, ValueId axes, ValueId x) {
  const Tensor* t = r.constant(axes);
  const int rank = r.rank(x);
  if (t == nullptr || rank < 1) return -1;
  auto list = read_ints(*t);
  if (!list.ok() || list->empty()) return -1;
  std::vector<int64_t> a(list->begin(), list->end());
  for (int64_t& i : a) i += i < 0 ? rank : 0;
  std::sort(a.begin(), a.end());
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] != rank - static_cast<int64_t>(a.size()) + static_cast<int64_t>(i)) return -1;
  return static_cast<int64_t>(a.size());
}

// last_axes(axes, x): the axes are the last ones of x; @axes is the first of them, counted from the end.
std::string last_axes(Where& w) {
  const int64_t n = last_axes_of(w.r, w.v[0], w.v[1]);
  if (n < 0) return w.name(0) + " are not the last axes";
  w.m.attrs.push_back(Attr::of_int(w.name(0), -n));
  return {};
}

// same_axes(a, b, x)
std::string same_axes(Where& w) {
  const int64_t n = last_axes_of(w.r, w.v[0], w.v[2]);
  return n >= 0 && n == last_axes_of(w.r, w.v[1], w.v[2]) ? "" : "the axes of the two reductions differ";
}

// one_axis(axes, x): @axes is the only axis.
std::string one_axis(Where& w) {
  const Tensor* t = w.r.constant(w.v[0]);
  if (t == nullptr) return w.name(0) + " is not a constant";
  auto list = read_ints(*t);
  if (!list.ok() || list->size() != 1) return w.name(0) + " is not one axis";
  w.m.attrs.push_back(Attr::of_int(w.name(0), (*list)[0]));
  return {};
}
// equal_ints(a, b)
std::string equal_ints(Where& w) {
  const Tensor *a = w.r.constant(w.v[0]), *b = w.r.constant(w.v[1]);
  if (a == nullptr || b == nullptr) return "the axes are not constants";
  auto x = read_ints(*a), y = read_ints(*b);
  return x.ok() && y.ok() && *x == *y ? "" : "the axes of the two reductions differ";
}

// extents_from(w, x, axes): w has the extents of x from the first of the axes on.
std::string extents_from(Where& w) {
  const int64_t n = last_axes_of(w.r, w.v[2], w.v[1]);
  const Fact &f = w.fact(0), &x = w.fact(1);
  if (n < 0 || !f.has_rank || static_cast<int64_t>(f.shape.size()) != n)
    return w.name(0) + " does not have the normalised extents";
  for (size_t i = 0; i < f.shape.size(); ++i)
    if (!(f.shape[i] == x.shape[x.shape.size() - f.shape.size() + i]))
      return w.name(0) + " does not have the normalised extents";
  return {};
}

// per_channel(w, x): a constant with one number per channel of x ([C,1,1] or [1,C,1,1]).
std::string per_channel(Where& w) {
  const Tensor* t = w.r.constant(w.v[0]);
  const Fact& x = w.fact(1);
  const std::string no = w.name(0) + " is not one number per channel";
  if (t == nullptr || !x.has_rank || x.shape.size() < 3) return no;
  const size_t rank = x.shape.size(), own = static_cast<size_t>(t->rank());
  if (own + 1 < rank || own > rank) return no;
  return t->count() == t->dims()[own + 1 - rank] && x.shape[1].is(t->count()) ? "" : no;
}

// all_of(w, one|zero) as two conditions.
std::string all_equal(Where& w, double want) {
  const Tensor* t = w.r.constant(w.v[0]);
  if (t == nullptr || simd::cast(t->dtype(), DType::kF64) == nullptr) return w.name(0) + " is not a constant";
  std::vector<double> x(static_cast<size_t>(t->count()));
  simd::cast(t->dtype(), DType::kF64)(t->data(), x.data(), t->count(), {});
  const bool all = std::all_of(x.begin(), x.end(), [&](double e) { return e == want; });
  return all ? "" : cat(w.name(0), " is not ", want, " throughout");
}
std::string all_ones(Where& w) { return all_equal(w, 1); }
std::string all_zeros(Where& w) { return all_equal(w, 0); }

// groups_of(g, x): g is x as [batch, groups, rest]; @g is the number of groups.
std::string groups_of(Where& w) {
  const Fact &g = w.fact(0), &x = w.fact(1);
  if (!g.has_rank || !x.has_rank || g.shape.size() != 3 || !(g.shape[0] == x.shape[0]) || !g.shape[1].known())
    return w.name(0) + " does not split the channels into a known number of groups";
  w.m.attrs.push_back(Attr::of_int(w.name(0), g.shape[1].value()));
  return {};
}

// same_extents(a, b)
std::string same_extents(Where& w) {
  const Fact &a = w.fact(0), &b = w.fact(1);
  return a.has_rank && b.has_rank && a.shape == b.shape ? "" : w.name(0) + " has other extents than " + w.name(1);
}

struct Row {
  std::string_view name;
  size_t args;
  std::string (*check)(Where&);
};
constexpr Row kRows[] = {{"last_axes", 2, last_axes},       {"same_axes", 3, same_axes},
                         {"one_axis", 2, one_axis},         {"equal_ints", 2, equal_ints},
                         {"extents_from", 3, extents_from}, {"per_channel", 2, per_channel},
                         {"all_ones", 1, all_ones},         {"all_zeros", 1, all_zeros},
                         {"groups_of", 2, groups_of},       {"same_extents", 2, same_extents}};

}  // namespace

std::string check_condition(const Rewriter& r, const PatternCondition& c, Match& m) {
  Args args;
  for (std::string_view name : c.args) args.push_back(m.find(name));
  for (const Row& row : kRows) {
    if (row.name != c.name) continue;
    if (args.size() != row.args || std::find(args.begin(), args.end(), kNone) != args.end())
      return cat(c.name, " is given names that the match lacks");
    Where w{r, c, args, m};
    return row.check(w);
  }
  return cat("there is no condition ", c.name);
}

}  // namespace sardonyx
