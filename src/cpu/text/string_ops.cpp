// StringConcat and StringSplit.
#include <algorithm>

#include "cpu/common/give.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

struct ConcatWork {
  int rank;
  const int64_t *extents, *a, *b;  // output extents; strides of the inputs, 0 where broadcast
};

class StringConcat final : public Kernel {
 public:
  Status prepare(PrepareCtx& c) const override {
    const Extents& out = c.out_dims(0);
    int64_t* arrays = c.array<int64_t>(3 * out.size());
    std::copy(out.begin(), out.end(), arrays);
    for (int i = 0; i < 2; ++i) {
      const Extents& d = c.in_dims(i);
      const Extents strides = dense_strides(d);
      int64_t* s = arrays + static_cast<size_t>(i + 1) * out.size();
      std::fill_n(s, out.size(), 0);
      for (size_t k = 0; k < d.size(); ++k)
        if (d[k] != 1) s[out.size() - d.size() + k] = strides[k];
    }
    c.work<ConcatWork>() = {static_cast<int>(out.size()), arrays, arrays + out.size(), arrays + 2 * out.size()};
    c.tasks(c.out_count(0), 50);
    return {};
  }

  Status run(RunCtx& c) const override {
    const ConcatWork& w = c.work<ConcatWork>();
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t) {
        int64_t a = 0, b = 0, rest = t;
        for (int k = w.rank; k-- > 0;) {
          const int64_t i = rest % w.extents[k];
          rest /= w.extents[k];
          a += i * w.a[k];
          b += i * w.b[k];
        }
        std::string& out = c.out<std::string>(0)[t];
        out.assign(c.in<std::string>(0)[a]);
        out.append(c.in<std::string>(1)[b]);
      }
    });
    return {};
  }
};

using Pieces = std::vector<std::string_view>;

// Runs of white space separate; at most `most` splits, the rest of the text is the last piece.
void split_at_spaces(std::string_view s, int64_t most, Pieces& out) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r\x1c\x1d\x1e\x1f";
  for (size_t at = s.find_first_not_of(kSpaces); at != std::string_view::npos; at = s.find_first_not_of(kSpaces, at)) {
    const size_t end = s.find_first_of(kSpaces, at);
    if (most-- == 0 || end == std::string_view::npos) {
      out.push_back(s.substr(at, most < 0 ? std::string_view::npos : end - at));
      return;
    }
    out.push_back(s.substr(at, end - at));
    at = end;
  }
}

void split_at(std::string_view s, std::string_view delimiter, int64_t most, Pieces& out) {
  size_t at = 0;
  for (size_t end; most-- > 0 && (end = s.find(delimiter, at)) != std::string_view::npos; at = end + delimiter.size())
    out.push_back(s.substr(at, end - at));
  out.push_back(s.substr(at));
}

class StringSplit final : public Kernel {
 public:
  explicit StringSplit(const KernelQuery& q)
      : delimiter_(q.attr_string("delimiter")), most_(q.has_attr("maxsplit") ? q.attr_int("maxsplit") : INT64_MAX) {
    if (most_ < 0) most_ = INT64_MAX;
  }

  Status run(RunCtx& c) const override {
    const int64_t n = c.in_count(0);
    Pieces pieces;
    std::vector<size_t> first(static_cast<size_t>(n) + 1, 0);
    size_t widest = 0;
    for (int64_t i = 0; i < n; ++i) {
      const std::string_view s = c.in<std::string>(0)[i];
      if (delimiter_.empty())
        split_at_spaces(s, most_, pieces);
      else
        split_at(s, delimiter_, most_, pieces);
      const size_t k = static_cast<size_t>(i);
      first[k + 1] = pieces.size();
      widest = std::max(widest, first[k + 1] - first[k]);
    }
    Extents dims = c.in_dims(0);
    dims.push_back(static_cast<int64_t>(widest));
    Tensor counts;
    if (c.wants(1)) {
      SDX_TRY(counts, open_out(c, 1, c.in_dims(0)));
      for (int64_t i = 0; i < n; ++i)
        counts.as<int64_t>()[i] =
            static_cast<int64_t>(first[static_cast<size_t>(i) + 1] - first[static_cast<size_t>(i)]);
    }
    if (!c.wants(0)) return {};
    SDX_TRY(const Tensor out, open_out(c, 0, dims));
    std::string* to = out.as<std::string>();
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      const size_t count = first[i + 1] - first[i];
      for (size_t k = 0; k < widest; ++k) *to++ = k < count ? pieces[first[i] + k] : std::string_view();
    }
    return {};
  }

 private:
  std::string delimiter_;
  int64_t most_;
};

}  // namespace

SDX_KERNEL(cpu, StringConcat, any) = {.make = make_kernel<StringConcat>};
SDX_KERNEL(cpu, StringSplit, any) = {.make = make_kernel<StringSplit>};

}  // namespace sardonyx
