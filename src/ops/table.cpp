#include "ops/table.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ir/opset.h"

namespace sardonyx {

#define SDX_OP_ENTRY(symbol) extern const OpDef op_##symbol;
#include "op_table.inc"
#undef SDX_OP_ENTRY

namespace {

#define SDX_OP_ENTRY(symbol) &op_##symbol,
constexpr const OpDef* kTable[] = {
#include "op_table.inc"
    nullptr};
#undef SDX_OP_ENTRY

bool before(const OpDef* a, const OpDef* b) {
  return a->domain != b->domain ? a->domain < b->domain : a->name < b->name;
}

const std::vector<const OpDef*>& sorted() {
  static const std::vector<const OpDef*> table = [] {
    std::vector<const OpDef*> t(std::begin(kTable), std::end(kTable) - 1);
    std::sort(t.begin(), t.end(), before);
    return t;
  }();
  return table;
}

struct Table final : OpLookup {
  const OpDef* find(std::string_view domain, std::string_view name) const override {
    OpDef key{};
    key.domain = canonical_domain(domain);
    key.name = name;
    const auto& t = sorted();
    const auto it = std::lower_bound(t.begin(), t.end(), &key, before);
    return it != t.end() && (*it)->domain == key.domain && (*it)->name == name ? *it : nullptr;
  }
  std::span<const OpDef* const> all() const override { return sorted(); }
};

}  // namespace

std::span<const OpDef* const> all_ops() { return sorted(); }

const OpLookup& ops() {
  static const Table table;
  return table;
}

std::string op_symbol(const OpDef& op) {
  struct Prefix {
    std::string_view domain, prefix;
  };
  constexpr Prefix prefixes[] = {{"", ""},
                                 {"ai.onnx.ml", "ml_"},
                                 {"com.microsoft", "ms_"},
                                 {"ai.sardonyx", "sdx_"},
                                 {"ai.onnx.preview", "preview_"},
                                 {"ai.onnx.preview.training", "training_"}};
  for (const Prefix& p : prefixes)
    if (p.domain == op.domain) return cat(p.prefix, op.name);
  return cat(op.domain, "_", op.name);
}

}  // namespace sardonyx
