// Conditions of patterns: what a match must satisfy beyond its structure. Internal to pattern.h.
#pragma once
#include "pass/pattern_text.h"
#include "pass/rewriter.h"

namespace sardonyx {

// What the names of a pattern stand for at one place of the graph.
struct Match {
  std::vector<std::pair<std::string_view, ValueId>> values;
  std::vector<Attr> attrs;    // for @name in the replacement
  std::vector<NodeId> nodes;  // matched calls, the root's among them

  ValueId find(std::string_view name) const {
    for (const auto& [n, v] : values)
      if (n == name) return v;
    return kNone;
  }
  const Attr* find_attr(std::string_view name) const {
    for (const Attr& a : attrs)
      if (a.name == name) return &a;
    return nullptr;
  }
};

// "" if the condition holds, else why not. May add attributes to the match.
std::string check_condition(const Rewriter& r, const PatternCondition& c, Match& m);

}  // namespace sardonyx
