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
static_assert(std::ranges::is_sorted(kTable, {}, &Entry::symbol));

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
    const Entry* e = std::ranges::lower_bound(kTable, symbol, {}, &Entry::symbol);
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
