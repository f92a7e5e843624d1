#include "common/compare.h"

#include <algorithm>
#include <cmath>

#include "simd/cast.h"

namespace sardonyx {

namespace {

std::string place(const Tensor& t, int64_t i) {
  std::string s = "]";
  for (int a = t.rank() - 1; a >= 0; --a) {
    const int64_t d = t.dims()[static_cast<size_t>(a)];
    s = cat(a ? "," : "", i % d, s);
    i /= d;
  }
  return cat("[", s);
}

Difference differ(std::string text) {
  Difference d;
  d.same = false;
  d.text = std::move(text);
  return d;
}

Difference compare_strings(const Tensor& got, const Tensor& want) {
  for (int64_t i = 0; i < want.count(); ++i)
    if (got.strings()[static_cast<size_t>(i)] != want.strings()[static_cast<size_t>(i)])
      return differ(cat("at ", place(want, i), " ", quoted(got.strings()[static_cast<size_t>(i)]), ", expected ",
                        quoted(want.strings()[static_cast<size_t>(i)])));
  return {};
}

Difference compare_tensors(const Tensor& got, const Tensor& want, const Tolerance& tol) {
  if (got.dtype() != want.dtype())
    return differ(cat("is ", dtype_name(got.dtype()), ", expected ", dtype_name(want.dtype())));
  if (!(got.dims() == want.dims()))
    return differ(cat("has extents ", to_string(got.dims()), ", expected ", to_string(want.dims())));
  if (got.dtype() == DType::kString) return compare_strings(got, want);
  Difference d;
  const bool exact = is_int(got.dtype()) || got.dtype() == DType::kBool;
  if (exact && identical(got, want)) return d;
  const std::vector<double> gots = to_doubles(got), wants = to_doubles(want);
  const int64_t n = static_cast<int64_t>(wants.size());
  for (double w : wants)
    if (std::isfinite(w)) d.max_want = std::max(d.max_want, std::fabs(w));
  const double atol = tol.scale_atol ? tol.atol * d.max_want : tol.atol;
  int64_t bad = 0;
  for (int64_t i = 0; i < n; ++i) {
    const double g = gots[static_cast<size_t>(i)], w = wants[static_cast<size_t>(i)];
    const bool both_nan = std::isnan(g) && std::isnan(w);
    const double diff = g == w || both_nan ? 0 : std::fabs(g - w);
    if (std::isfinite(diff) && diff > d.max_abs) d.max_abs = diff;
    const bool ok = exact ? g == w : both_nan || diff <= atol + tol.rtol * std::fabs(w);
    if (ok) continue;
    if (bad++ == 0) d.text = cat("at ", place(want, is_complex(want.dtype()) ? i / 2 : i), " ", g, ", expected ", w);
    if (!std::isfinite(diff)) d.max_abs = INFINITY;
  }
  d.same = bad == 0;
  if (bad) d.text += cat(" (", bad, " of ", n, " elements differ)");
  return d;
}

void merge(Difference& into, Difference d, const std::string& where) {
  if (into.same && !d.same) into.text = cat(where, d.text);
  into.same = into.same && d.same;
  into.max_abs = std::max(into.max_abs, d.max_abs);
  into.max_want = std::max(into.max_want, d.max_want);
}

}  // namespace

std::vector<double> to_doubles(const Tensor& t) {
  if (t.dtype() == DType::kC64) return {t.as<float>(), t.as<float>() + 2 * t.count()};
  if (t.dtype() == DType::kC128) return {t.as<double>(), t.as<double>() + 2 * t.count()};
  std::vector<double> out(static_cast<size_t>(t.count()));
  if (const simd::CastFn cast = simd::cast(t.dtype(), DType::kF64)) cast(t.data(), out.data(), t.count(), {});
  return out;
}

Difference compare(const Value& got, const Value& want, const Tolerance& tol) {
  if (got.kind() != want.kind()) return differ("is a value of another kind than expected");
  switch (want.kind()) {
    case Value::Kind::kNone: return {};
    case Value::Kind::kTensor: return compare_tensors(got.tensor(), want.tensor(), tol);
    case Value::Kind::kSequence: {
      const auto &g = got.sequence().items, &w = want.sequence().items;
      if (g.size() != w.size()) return differ(cat("has ", g.size(), " items, expected ", w.size()));
      Difference d;
      for (size_t i = 0; i < w.size(); ++i) merge(d, compare(g[i], w[i], tol), cat("item ", i, ": "));
      return d;
    }
    case Value::Kind::kMap: {
      Difference d = compare(got.map().keys, want.map().keys, tol);
      if (!d.same) return differ(cat("keys: ", d.text));
      return compare(got.map().values, want.map().values, tol);
    }
    case Value::Kind::kSparse: return differ("sparse values are not compared");
  }
  return {};
}

}  // namespace sardonyx
