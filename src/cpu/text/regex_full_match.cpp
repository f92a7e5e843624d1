#include <re2/re2.h>

#include <memory>

#include "cpu/common/give.h"

namespace sardonyx {
namespace {

class RegexFullMatch final : public Kernel {
 public:
  explicit RegexFullMatch(std::unique_ptr<re2::RE2> pattern) : pattern_(std::move(pattern)) {}

  Status prepare(PrepareCtx& c) const override {
    c.tasks(c.out_count(0), 200);
    return {};
  }
  Status run(RunCtx& c) const override {
    c.parallel([&](Range r, int) {
      for (int64_t i = r.begin; i < r.end; ++i)
        c.out<bool>(0)[i] = re2::RE2::FullMatch(c.in<std::string>(0)[i], *pattern_);
    });
    return {};
  }

 private:
  std::unique_ptr<re2::RE2> pattern_;
};

Result<KernelPtr> make_regex(const KernelQuery& q) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  const std::string text = q.attr_string("pattern");
  auto pattern = std::make_unique<re2::RE2>(text, options);
  if (!pattern->ok())
    return fail(Code::kAttr, "pattern ", quoted(text), " is not a regular expression: ", pattern->error());
  return KernelPtr(new RegexFullMatch(std::move(pattern)));
}

}  // namespace

SDX_KERNEL(cpu, RegexFullMatch, any) = {.make = make_regex};

}  // namespace sardonyx
