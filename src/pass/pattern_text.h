// Patterns as read from their text. They refer to it. Internal to pattern.h.
#pragma once
#include <string_view>
#include <vector>

#include "ir/op_def.h"

namespace sardonyx {

struct PatternAttr {
  std::string_view name, bind;  // bind: from @bind, else `value` is expected
  Attr value;
};

struct PatternTerm {
  enum class Kind : uint8_t { kName, kNumber, kCall, kEither } kind = Kind::kName;
  std::string_view name;          // kName, or the operator's
  double number = 0;              // kNumber
  const OpDef* op = nullptr;      // kCall
  std::vector<PatternTerm> args;  // kCall: arguments; kEither: alternatives
  std::vector<PatternAttr> attrs;
};

struct PatternCondition {
  std::string_view name;
  std::vector<std::string_view> args;
};

struct Pattern {
  struct Statement {
    std::string_view name;
    PatternTerm term;
  };
  std::string_view name;
  std::vector<Statement> statements;
  std::vector<PatternCondition> conditions;
  std::string_view replacement;  // with braces

  const Statement& root() const { return statements.back(); }
  const PatternTerm* definition(std::string_view value) const {
    for (const Statement& s : statements)
      if (s.name == value) return &s.term;
    return nullptr;
  }
  bool may_start_at(const OpDef* op) const;
};

Result<std::vector<Pattern>> parse_patterns(std::string_view text, const OpLookup& ops);

}  // namespace sardonyx
