#include "pass/pattern_text.h"

#include "ir/text_lexer.h"

namespace sardonyx {

namespace {

class PatternReader {
 public:
  PatternReader(std::string_view text, const OpLookup& ops) : lex_(text), ops_(ops) {}

  Result<std::vector<Pattern>> read() {
    std::vector<Pattern> all;
    while (!lex_.at_end()) {
      SDX_TRY(Pattern p, pattern());
      all.push_back(std::move(p));
    }
    return all;
  }

 private:
  Result<Pattern> pattern() {
    Pattern p;
    SDX_RETURN_IF_ERROR(keyword("pattern"));
    SDX_TRY(p.name, lex_.identifier("the name of the pattern"));
    SDX_RETURN_IF_ERROR(keyword("match"));
    SDX_RETURN_IF_ERROR(lex_.expect('{'));
    while (!lex_.take('}')) {
      Pattern::Statement s;
      SDX_TRY(s.name, lex_.identifier("the name of a value"));
      SDX_RETURN_IF_ERROR(lex_.expect('='));
      SDX_TRY(s.term, term());
      p.statements.push_back(std::move(s));
    }
    if (p.statements.empty()) return lex_.expected("a statement");
    if (lex_.take_keyword("where")) {
      do {
        SDX_TRY(PatternCondition c, condition());
        p.conditions.push_back(std::move(c));
      } while (lex_.take(','));
    }
    SDX_RETURN_IF_ERROR(keyword("replace"));
    lex_.peek();
    const size_t begin = lex_.position();
    SDX_RETURN_IF_ERROR(lex_.expect('{'));
    while (!lex_.take('}')) {
      if (lex_.at_end()) return lex_.expected("'}'");
      lex_.peek();
      lex_.seek(lex_.position() + 1);
    }
    p.replacement = lex_.since(begin);
    return p;
  }

  Status keyword(std::string_view word) { return lex_.take_keyword(word) ? Status() : lex_.expected(word); }

  Result<PatternCondition> condition() {
    PatternCondition c;
    SDX_TRY(c.name, lex_.identifier("a condition"));
    SDX_RETURN_IF_ERROR(lex_.expect('('));
    do {
      SDX_TRY(const std::string_view arg, lex_.identifier("a name"));
      c.args.push_back(arg);
    } while (lex_.take(','));
    SDX_RETURN_IF_ERROR(lex_.expect(')'));
    return c;
  }

  Result<PatternTerm> term() {
    SDX_TRY(PatternTerm first, simple());
    if (lex_.peek() != '|') return first;
    PatternTerm either;
    either.kind = PatternTerm::Kind::kEither;
    either.args.push_back(std::move(first));
    while (lex_.take('|')) {
      SDX_TRY(PatternTerm next, simple());
      either.args.push_back(std::move(next));
    }
    return either;
  }

  Result<PatternTerm> simple() {
    PatternTerm t;
    if (lex_.at_number()) {
      SDX_TRY(const Number n, lex_.number());
      t.kind = PatternTerm::Kind::kNumber;
      t.number = n.real;
      return t;
    }
    SDX_TRY(t.name, lex_.identifier("a name, a number or an operator"));
    const bool attrs = lex_.take('<');
    if (attrs) SDX_RETURN_IF_ERROR(attributes(t));
    if (!attrs && lex_.peek() != '(') return t;
    t.kind = PatternTerm::Kind::kCall;
    t.op = ops_.find("", t.name);
    SDX_RETURN_IF_ERROR(lex_.expect('('));
    do {
      SDX_TRY(PatternTerm arg, term());
      t.args.push_back(std::move(arg));
    } while (lex_.take(','));
    SDX_RETURN_IF_ERROR(lex_.expect(')'));
    return t;
  }

  Status attributes(PatternTerm& t) {
    do {
      PatternAttr a;
      SDX_TRY(a.name, lex_.identifier("the name of an attribute"));
      SDX_RETURN_IF_ERROR(lex_.expect('='));
      if (lex_.take('@')) {
        SDX_TRY(a.bind, lex_.identifier("a name"));
      } else if (lex_.peek() == '"') {
        SDX_TRY(a.value.s, lex_.string("text"));
        a.value.type = AttrType::kString;
      } else {
        SDX_TRY(const Number n, lex_.number());
        a.value.type = n.is_int ? AttrType::kInt : AttrType::kFloat;
        a.value.i = static_cast<int64_t>(n.real);
        a.value.f = static_cast<float>(n.real);
      }
      t.attrs.push_back(std::move(a));
    } while (lex_.take(','));
    return lex_.expect('>');
  }

  Lexer lex_;
  const OpLookup& ops_;
};

bool starts_at(const Pattern& p, const PatternTerm& t, const OpDef* op) {
  switch (t.kind) {
    case PatternTerm::Kind::kCall: return t.op == op && op != nullptr;
    case PatternTerm::Kind::kEither:
      for (const PatternTerm& a : t.args)
        if (starts_at(p, a, op)) return true;
      return false;
    case PatternTerm::Kind::kName:
      if (const PatternTerm* d = p.definition(t.name)) return starts_at(p, *d, op);
      return false;
    default: return false;
  }
}

}  // namespace

bool Pattern::may_start_at(const OpDef* op) const { return starts_at(*this, root().term, op); }

Result<std::vector<Pattern>> parse_patterns(std::string_view text, const OpLookup& ops) {
  return PatternReader(text, ops).read();
}

}  // namespace sardonyx
