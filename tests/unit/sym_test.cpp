#include <gtest/gtest.h>

#include <random>

#include "sym/dim.h"

namespace sardonyx {
namespace {

struct Sym : testing::Test {
  SymbolTable t;
  Dim n = t.symbol("N"), m = t.symbol("M");
  std::string text(Dim d) { return t.to_string(d); }
};

TEST_F(Sym, NumbersStayNumbers) {
  EXPECT_TRUE(t.add(2, 3).is(5));
  EXPECT_TRUE(t.sub(2, 3).is(-1));
  EXPECT_TRUE(t.mul(-2, 3).is(-6));
  EXPECT_TRUE(t.floor_div(-7, 2).is(-4));
  EXPECT_TRUE(t.floor_div(7, -2).is(-4));
  EXPECT_TRUE(t.ceil_div(7, 2).is(4));
  EXPECT_TRUE(t.ceil_div(-7, 2).is(-3));
  EXPECT_TRUE(t.ceil_div(7, -2).is(-3));
  EXPECT_TRUE(t.mod(-7, 3).is(2));
  EXPECT_TRUE(t.mod(7, -3).is(-2));
  EXPECT_TRUE(t.min(3, 4).is(3));
  EXPECT_TRUE(t.max(3, 4).is(4));
}

TEST_F(Sym, SameNameSameSymbol) {
  EXPECT_EQ(t.symbol("N"), n);
  EXPECT_NE(t.fresh(), t.fresh());
  EXPECT_FALSE(n.known());
}

TEST_F(Sym, FreshAvoidsTakenNames) {
  const Dim taken = t.symbol("_1");
  EXPECT_NE(text(t.fresh()), text(taken));
}

TEST_F(Sym, SumsHaveOneForm) {
  EXPECT_EQ(t.add(t.add(n, 1), n), t.add(t.mul(2, n), 1));
  EXPECT_EQ(text(t.add(t.add(n, 1), n)), "2*N+1");
  EXPECT_EQ(t.sub(t.add(n, m), m), n);
  EXPECT_TRUE(t.sub(n, n).is(0));
  EXPECT_EQ(text(t.sub(1, n)), "1-N");
  EXPECT_EQ(text(t.sub(n, 3)), "N-3");
}

TEST_F(Sym, ProductsCommuteAndDistribute) {
  EXPECT_EQ(t.mul(n, m), t.mul(m, n));
  EXPECT_EQ(t.mul(t.add(n, 1), t.add(m, 2)), t.add(t.add(t.mul(n, m), t.mul(n, 2)), t.add(m, 2)));
  EXPECT_TRUE(t.mul(n, 0).is(0));
  EXPECT_EQ(t.mul(n, 1), n);
  const Dim dims[] = {n, 3, m, 2};
  EXPECT_EQ(t.product(dims), t.mul(6, t.mul(m, n)));
  EXPECT_TRUE(t.product({}).is(1));
}

TEST_F(Sym, FloorDivision) {
  EXPECT_EQ(t.floor_div(t.mul(2, n), 2), n);
  EXPECT_EQ(t.floor_div(t.add(t.mul(4, n), 8), 4), t.add(n, 2));
  EXPECT_EQ(text(t.floor_div(t.add(t.mul(2, n), 5), 4)), "N/2+1");
  EXPECT_EQ(t.floor_div(t.floor_div(n, 2), 3), t.floor_div(n, 6));
  EXPECT_EQ(t.floor_div(t.add(t.floor_div(t.sub(n, 1), 2), 1), 2), t.floor_div(t.add(n, 1), 4));
  EXPECT_EQ(t.floor_div(n, 1), n);
  EXPECT_EQ(t.floor_div(n, n), Dim(1));
  EXPECT_EQ(text(t.floor_div(t.add(n, 1), 2)), "(N+1)/2");
  EXPECT_EQ(t.ceil_div(n, 2), t.floor_div(t.add(n, 1), 2));
}

TEST_F(Sym, DivisionBySymbols) {
  EXPECT_TRUE(t.floor_div(t.mul(12, n), t.mul(4, n)).is(3));
  EXPECT_EQ(t.floor_div(t.mul(t.mul(n, m), 64), n), t.mul(64, m));
  const Dim total = t.add(n, m);
  EXPECT_EQ(t.floor_div(t.mul(t.mul(total, n), 8), total), t.mul(8, n));
  EXPECT_EQ(t.floor_div(t.mul(total, total), total), total);
  EXPECT_EQ(t.ceil_div(t.mul(total, 3), total), Dim(3));
  EXPECT_FALSE(t.floor_div(n, 0).known());
}

TEST_F(Sym, Remainders) {
  EXPECT_TRUE(t.mod(t.mul(4, n), 2).is(0));
  EXPECT_TRUE(t.mod(t.add(t.mul(4, n), 7), 4).is(3));
  EXPECT_EQ(t.mod(t.mod(n, 4), 8), t.mod(n, 4));
  EXPECT_EQ(text(t.mod(n, 4)), "N%4");
}

TEST_F(Sym, Extremes) {
  EXPECT_EQ(t.max(n, 0), n);
  EXPECT_TRUE(t.min(n, 0).is(0));
  EXPECT_EQ(t.max(n, t.add(n, 2)), t.add(n, 2));
  EXPECT_EQ(t.min(n, 5), t.min(5, n));
  EXPECT_EQ(t.min(t.min(n, 5), 3), t.min(n, 3));
  EXPECT_EQ(t.max(t.max(n, 5), 7), t.max(n, 7));
  EXPECT_EQ(text(t.min(n, 5)), "min(N,5)");
}

TEST_F(Sym, BroadcastsOfTheSameOperandsAreOne) {
  EXPECT_EQ(t.broadcast(n, 1), n);
  EXPECT_EQ(t.broadcast(7, n), Dim(7));
  const Dim nm = t.broadcast(n, m), k = t.symbol("K");
  EXPECT_EQ(t.broadcast(m, n), nm);
  EXPECT_EQ(t.broadcast(nm, n), nm);
  EXPECT_EQ(t.broadcast(t.broadcast(k, n), m), t.broadcast(nm, k));
  EXPECT_NE(t.broadcast(nm, k), nm);
}

TEST_F(Sym, BroadcastWithAPartIsTheWhole) {
  EXPECT_EQ(t.broadcast(n, t.min(n, 512)), n);
  EXPECT_EQ(t.broadcast(t.min(n, 512), n), n);
  EXPECT_NE(t.broadcast(n, t.min(n, m)), n);
  EXPECT_NE(t.broadcast(n, t.min(n, 0)), n);
}

TEST_F(Sym, DecidesOnlyWhatIsCertain) {
  EXPECT_EQ(t.equal(n, n), true);
  EXPECT_EQ(t.equal(n, m), std::nullopt);
  EXPECT_EQ(t.equal(n, t.add(n, 1)), false);
  EXPECT_EQ(t.equal(t.add(n, 3), 2), false);
  EXPECT_EQ(t.equal(t.mul(2, n), t.add(t.mul(2, m), 1)), false);
  EXPECT_EQ(t.equal(n, 4), std::nullopt);
  EXPECT_EQ(t.at_least(n, 0), true);
  EXPECT_EQ(t.at_least(n, 1), std::nullopt);
  EXPECT_EQ(t.at_least(t.min(n, 3), 4), false);
  EXPECT_EQ(t.at_least(t.add(t.mul(n, m), 2), 2), true);
  EXPECT_EQ(t.at_least(t.floor_div(t.add(n, 4), 2), 2), true);
  EXPECT_EQ(t.at_least(t.sub(n, 1), 0), std::nullopt);
}

TEST_F(Sym, OverflowBecomesUnknown) {
  const Dim big = int64_t{1} << 62;
  const Dim d = t.mul(big, 4);
  EXPECT_FALSE(d.known());
  EXPECT_EQ(t.at_least(d, 0), std::nullopt);
  EXPECT_FALSE(t.add(INT64_MAX, 1).known());
  EXPECT_FALSE(t.mul(t.mul(n, big), 8).known());
}

TEST_F(Sym, ExpressionsStayBounded) {
  Dim d = n;
  for (int i = 0; i < 200; ++i) d = t.min(t.add(t.floor_div(d, 3), t.mod(d, 5)), t.mul(d, m));
  EXPECT_LT(text(d).size(), 100000u);
  for (int i = 0; i < 8; ++i) d = t.mul(d, t.add(d, m));
  EXPECT_LT(text(d).size(), 400000u);
}

TEST_F(Sym, ShapesAsText) {
  const Dim s[] = {n, 3, t.mul(2, m)};
  EXPECT_EQ(t.to_string(std::span<const Dim>(s)), "[N,3,2*M]");
  EXPECT_EQ(t.to_string(std::span<const Dim>()), "[]");
}

// Random expressions: the simplified form has the value of the plain computation, and what is decided holds.
struct Random {
  SymbolTable t;
  std::mt19937 rng;
  std::vector<Dim> symbols;
  std::vector<std::vector<int64_t>> assignments;
  using Column = std::vector<std::optional<int64_t>>;  // one value per assignment; none: division by zero
  struct Entry {
    Dim dim;
    Column values;
  };
  std::vector<Entry> pool;

  explicit Random(unsigned seed) : rng(seed) {
    for (const char* s : {"A", "B", "C"}) symbols.push_back(t.symbol(s));
    for (int i = 0; i < 12; ++i) assignments.push_back({pick(0, 9), pick(0, 5), pick(0, 40)});
    for (size_t i = 0; i < symbols.size(); ++i) {
      Column c;
      for (auto& a : assignments) c.push_back(a[i]);
      pool.push_back({symbols[i], c});
    }
    for (int64_t k : {0, 1, 2, 3, 4, 6, -1, -2}) pool.push_back({k, Column(assignments.size(), k)});
  }
  int64_t pick(int64_t lo, int64_t hi) { return std::uniform_int_distribution<int64_t>(lo, hi)(rng); }

  static std::optional<int64_t> apply(int op, int64_t a, int64_t b) {
    if (op >= 3 && op <= 5 && b == 0) return std::nullopt;
    const auto floored = [](int64_t x, int64_t y) { return x / y - (x % y != 0 && (x < 0) != (y < 0)); };
    switch (op) {
      case 0: return a + b;
      case 1: return a - b;
      case 2: return a * b;
      case 3: return floored(a, b);
      case 4: return -floored(-a, b);
      case 5: return a - b * floored(a, b);
      case 6: return std::min(a, b);
      default: return std::max(a, b);
    }
  }
  Dim make(int op, Dim a, Dim b) {
    switch (op) {
      case 0: return t.add(a, b);
      case 1: return t.sub(a, b);
      case 2: return t.mul(a, b);
      case 3: return t.floor_div(a, b);
      case 4: return t.ceil_div(a, b);
      case 5: return t.mod(a, b);
      case 6: return t.min(a, b);
      default: return t.max(a, b);
    }
  }
  std::optional<int64_t> eval(Dim d, size_t assignment) {
    struct Ctx {
      Random* r;
      size_t at;
    } ctx{this, assignment};
    return t.eval(
        d,
        [](void* p, uint32_t id) -> const std::optional<int64_t> {
          Ctx& c = *static_cast<Ctx*>(p);
          for (size_t i = 0; i < c.r->symbols.size(); ++i)
            if (c.r->symbols[i].id() == id) return c.r->assignments[c.at][i];
          return std::nullopt;
        },
        &ctx);
  }
};

TEST(SymRandom, SimplifiedEqualsComputed) {
  for (unsigned seed = 0; seed < 60; ++seed) {
    Random r(seed);
    for (int step = 0; step < 60; ++step) {
      const auto& a = r.pool[static_cast<size_t>(r.pick(0, static_cast<int64_t>(r.pool.size()) - 1))];
      const auto& b = r.pool[static_cast<size_t>(r.pick(0, static_cast<int64_t>(r.pool.size()) - 1))];
      const int op = static_cast<int>(r.pick(0, 7));
      Random::Entry e{r.make(op, a.dim, b.dim), {}};
      bool usable = true;
      for (size_t i = 0; i < r.assignments.size(); ++i) {
        e.values.push_back(a.values[i] && b.values[i] ? Random::apply(op, *a.values[i], *b.values[i]) : std::nullopt);
        if (!e.values[i] || std::abs(*e.values[i]) > 1'000'000'000) {
          usable = usable && !e.values[i];
          continue;
        }
        const auto got = r.eval(e.dim, i);
        ASSERT_EQ(got, e.values[i]) << "seed " << seed << ": " << r.t.to_string(e.dim);
        if (r.t.at_least(e.dim, 0) == std::optional(true)) {
          ASSERT_GE(*e.values[i], 0) << "seed " << seed << ": " << r.t.to_string(e.dim);
        }
        for (const auto& other : r.pool) {
          if (!other.values[i]) continue;
          const auto same = r.t.equal(e.dim, other.dim);
          if (same) {
            ASSERT_EQ(*same, *e.values[i] == *other.values[i])
                << "seed " << seed << ": " << r.t.to_string(e.dim) << " vs " << r.t.to_string(other.dim);
          }
        }
      }
      if (usable) r.pool.push_back(std::move(e));
    }
  }
}

}  // namespace
}  // namespace sardonyx
