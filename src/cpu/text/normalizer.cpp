// StringNormalizer: drops stop words, then changes case. Case is changed by Unicode's simple mapping, the same for
// every locale; bytes that are not UTF-8 stay as they are.
#include <utf8proc.h>

#include <unordered_set>

#include "cpu/common/give.h"

namespace sardonyx {
namespace {

enum class Case : uint8_t { kNone, kLower, kUpper };

std::string with_case(std::string_view s, Case to) {
  if (to == Case::kNone) return std::string(s);
  std::string out;
  out.reserve(s.size());
  const auto* p = reinterpret_cast<const utf8proc_uint8_t*>(s.data());
  for (size_t at = 0; at < s.size();) {
    utf8proc_int32_t code;
    const utf8proc_ssize_t n = utf8proc_iterate(p + at, static_cast<utf8proc_ssize_t>(s.size() - at), &code);
    if (n <= 0) {
      out += s[at++];
      continue;
    }
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t m =
        utf8proc_encode_char(to == Case::kLower ? utf8proc_tolower(code) : utf8proc_toupper(code), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(m));
    at += static_cast<size_t>(n);
  }
  return out;
}

class StringNormalizer final : public Kernel {
 public:
  explicit StringNormalizer(const KernelQuery& q) : sensitive_(q.attr_int("is_case_sensitive") != 0) {
    const std::string action = q.attr_string("case_change_action");
    to_ = action == "LOWER" ? Case::kLower : action == "UPPER" ? Case::kUpper : Case::kNone;
    if (const Attr* a = q.attr("stopwords"))
      for (const std::string& word : a->strings) stop_.insert(sensitive_ ? word : with_case(word, Case::kLower));
  }

  Status run(RunCtx& c) const override {
    const Extents& d = c.in_dims(0);
    if (d.size() != 1 && !(d.size() == 2 && d[0] == 1))
      return fail(Code::kShape, "X is ", to_string(d), ", expected [C] or [1,C]");
    const std::string* in = c.in<std::string>(0);
    std::vector<const std::string*> kept;
    for (int64_t i = 0; i < d.back(); ++i)
      if (stop_.empty() || !stop_.contains(sensitive_ ? in[i] : with_case(in[i], Case::kLower))) kept.push_back(in + i);
    Extents dims = d;
    dims.back() = std::max<int64_t>(1, static_cast<int64_t>(kept.size()));
    SDX_TRY(const Tensor out, open_out(c, 0, dims));
    std::string* to = out.as<std::string>();
    if (kept.empty()) to->clear();
    for (const std::string* s : kept) *to++ = with_case(*s, to_);
    return {};
  }

 private:
  bool sensitive_;
  Case to_;
  std::unordered_set<std::string> stop_;
};

}  // namespace

SDX_KERNEL(cpu, StringNormalizer, any) = {.make = make_kernel<StringNormalizer>};

}  // namespace sardonyx
