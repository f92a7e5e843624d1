#include "ops/table.h"

#include <algorithm>

#include "ir/opset.h"

namespace sardonyx {

#define SDX_OP_ENTRY(symbol) extern const OpDef op_##symbol;
#include "op_table.inc"
#undef SDX_OP_ENTRY

namespace {

struct Entry {
  std::string_view symbol;
  const OpDef* op;
};

#define SDX_OP_ENTRY(symbol) {#symbol, &op_##symbol},
constexpr Entry kTable[] = {
#include "op_table.inc"
};
#undef SDX_OP_ENTRY
// The algorithms of std::ranges would do, but not every standard library in use has them.
static_assert(std::is_sorted(std::begin(kTable), std::end(kTable),
                             [](const Entry& a, const Entry& b) { return a.symbol < b.symbol; }));

#define SDX_OP_ENTRY(symbol) &op_##symbol,
constexpr const OpDef* kOps[] = {
#include "op_table.inc"
};
#undef SDX_OP_ENTRY

std::string symbol_of(std::string_view domain, std::string_view name) {
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
    if (p.domain == domain) return cat(p.prefix, name);
  return cat(domain, "_", name);
}

struct Table final : OpLookup {
  const OpDef* find(std::string_view domain, std::string_view name) const override {
    const std::string_view canonical = canonical_domain(domain);
    const std::string symbol = symbol_of(canonical, name);
    const Entry* e = std::lower_bound(std::begin(kTable), std::end(kTable), symbol,
                                      [](const Entry& a, std::string_view b) { return a.symbol < b; });
    return e != std::end(kTable) && e->symbol == symbol && e->op->domain == canonical ? e->op : nullptr;
  }
  std::span<const OpDef* const> all() const override { return kOps; }
};

}  // namespace

std::span<const OpDef* const> all_ops() { return kOps; }

const OpLookup& ops() {
  static const Table table;
  return table;
}

std::string op_symbol(const OpDef& op) { return symbol_of(op.domain, op.name); }

}  // namespace sardonyx
