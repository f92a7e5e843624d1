// Case files: tests/cases/<Operator>.case, as text. See README.md beside this file for the format.
// Here a file becomes Cases; values stay unevaluated (Literal) until types are known.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "ir/text_lexer.h"

namespace sardonyx::cases {

// A value as written.
struct Literal {
  enum class Kind : uint8_t {
    kNumber,
    kString,
    kList,
    kIota,
    kRandom,
    kFill,
    kNone,
    kSequence,
    kMap
  } kind = Kind::kNone;
  Number number;
  std::string text;                // kString; with a type: the type's text
  std::vector<Literal> items;      // lists, sequences; maps: key, value, key, value
  std::vector<std::string> types;  // kSequence: the type of each item, "" where none is written
  std::vector<Number> args;        // iota(start, step), random(seed, low, high), fill(v)
};

// name [: type] [= value]
struct Binding {
  std::string name, type, value_text;
  std::optional<Literal> value;
};

struct Case {
  enum class Kind : uint8_t { kRun, kFacts, kError } kind = Kind::kRun;
  std::string name;
  int line = 0;
  int opset = 0, ml_opset = 0;  // 0: the newest
  std::optional<double> rtol, atol;
  bool static_extents =
      false;  // the operator has only a body that needs integer extents: keep them under --dims=symbolic
  std::string graph;
  std::vector<Binding> bindings;
  std::string error;  // blanks collapsed; <*> stands for anything
};

// Errors say "line:column: what".
Result<std::vector<Case>> parse_cases(std::string_view text);
// A type's text and what follows are told apart by reading the type.
Result<Literal> parse_literal(Lexer& lex, int depth = 0);

}  // namespace sardonyx::cases
