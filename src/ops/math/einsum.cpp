// Einsum: sums of products over labelled axes.
#include "ops/math/einsum.h"

#include <algorithm>
#include <cctype>

#include "ops/eltwise.h"

namespace sardonyx {
namespace {

Status malformed(std::string_view equation, std::string_view why) {
  return fail(Code::kAttr, "equation is ", quoted(equation), "; ", why);
}

// One term without blanks; "..." becomes '.'.
Result<std::string> parse_term(std::string_view equation, std::string_view text) {
  std::string labels;
  for (size_t i = 0; i < text.size(); ++i) {
    if (std::isalpha(static_cast<unsigned char>(text[i]))) {
      labels += text[i];
    } else if (text.substr(i, 3) == "..." && labels.find('.') == std::string::npos) {
      labels += '.';
      i += 2;
    } else {
      return malformed(equation, "a term is made of letters and at most one \"...\"");
    }
  }
  return labels;
}

std::string implicit_output(const std::vector<std::string>& terms) {
  std::string all, out;
  for (const std::string& t : terms) all += t;
  const bool ellipsis = all.find('.') != std::string::npos;
  std::sort(all.begin(), all.end());
  for (char l : all)
    if (l != '.' && std::count(all.begin(), all.end(), l) == 1) out += l;
  return ellipsis ? "." + out : out;
}

constexpr TypeVar kTypes[] = {
    {"T", kSignedTypes | kUnsignedTypes | mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)}};
constexpr ParamDef kIn[] = {{"Inputs", "T", kVariadic}};
constexpr ParamDef kOut[] = {{"Output", "T"}};
constexpr AttrDef kAttrs[] = {attr_required("equation", AttrType::kString)};

Status infer(InferCtx& c) {
  SDX_TRY(EinsumEquation eq, parse_einsum(c.attr_string("equation"), c.inputs()));
  std::vector<Shape> shapes;
  std::vector<int> ranks;
  for (int i = 0; i < c.inputs(); ++i) {
    SDX_TRY(Shape s, c.shape(i));
    ranks.push_back(static_cast<int>(s.size()));
    shapes.push_back(std::move(s));
  }
  SDX_RETURN_IF_ERROR(expand_ellipses(eq, ranks));
  const auto extent = [&](char label) -> Result<Dim> {
    Dim d = 1;
    for (size_t i = 0; i < shapes.size(); ++i)
      for (size_t a = 0; a < eq.terms[i].size(); ++a)
        if (eq.terms[i][a] == label) {
          SDX_TRY(d, c.broadcast_dim(d, shapes[i][a]));
        }
    return d;
  };
  Shape out;
  for (char label : eq.output) {
    SDX_TRY(Dim d, extent(label));
    out.push_back(d);
  }
  for (const std::string& term : eq.terms)
    for (char label : term)
      if (Result<Dim> d = extent(label); !d.ok()) return d.take_status();
  return c.set(0, c.dtype(0), std::move(out));
}

}  // namespace

Result<EinsumEquation> parse_einsum(std::string_view equation, int inputs) {
  std::string text;
  for (char ch : equation)
    if (!std::isspace(static_cast<unsigned char>(ch))) text += ch;
  EinsumEquation eq;
  const size_t arrow = text.find("->");
  const std::string left = text.substr(0, arrow);
  for (size_t from = 0;;) {
    const size_t comma = left.find(',', from);
    SDX_TRY(std::string term, parse_term(equation, std::string_view(left).substr(
                                                       from, comma == std::string::npos ? comma : comma - from)));
    eq.terms.push_back(std::move(term));
    if (comma == std::string::npos) break;
    from = comma + 1;
  }
  if (static_cast<int>(eq.terms.size()) != inputs)
    return fail(Code::kAttr, "equation ", quoted(equation), " has ", eq.terms.size(), " terms and there are ", inputs,
                " inputs");
  if (arrow == std::string::npos) {
    eq.output = implicit_output(eq.terms);
    return eq;
  }
  SDX_TRY(eq.output, parse_term(equation, std::string_view(text).substr(arrow + 2)));
  for (char label : eq.output) {
    if (std::count(eq.output.begin(), eq.output.end(), label) > 1)
      return malformed(equation, "a label occurs twice in the output");
    const bool known = std::any_of(eq.terms.begin(), eq.terms.end(),
                                   [&](const std::string& t) { return t.find(label) != std::string::npos; });
    if (!known && label != '.')
      return malformed(equation, cat("output label ", std::string(1, label), " is in no input"));
  }
  return eq;
}

Status expand_ellipses(EinsumEquation& eq, std::span<const int> ranks) {
  size_t widest = 0;
  for (size_t i = 0; i < eq.terms.size(); ++i) {
    const std::string& term = eq.terms[i];
    const bool ellipsis = term.find('.') != std::string::npos;
    const size_t letters = term.size() - (ellipsis ? 1 : 0), rank = static_cast<size_t>(ranks[i]);
    if (ellipsis ? rank < letters : rank != letters)
      return fail(Code::kShape, "input ", i, " has rank ", rank, "; its term of the equation needs ",
                  ellipsis ? "at least " : "", letters);
    if (ellipsis) widest = std::max(widest, rank - letters);
  }
  const auto labels = [&](size_t n) {
    std::string s;
    for (size_t k = widest - n; k < widest; ++k) s += static_cast<char>(k + 1);
    return s;
  };
  for (size_t i = 0; i < eq.terms.size(); ++i)
    if (const size_t at = eq.terms[i].find('.'); at != std::string::npos)
      eq.terms[i].replace(at, 1, labels(static_cast<size_t>(ranks[i]) - (eq.terms[i].size() - 1)));
  if (const size_t at = eq.output.find('.'); at != std::string::npos) eq.output.replace(at, 1, labels(widest));
  return {};
}

SDX_OP(Einsum) = {.name = "Einsum",
                  .since = 12,
                  .types = kTypes,
                  .inputs = kIn,
                  .outputs = kOut,
                  .attrs = kAttrs,
                  .infer = infer,
                  .expand = expand_einsum,
                  .first = 12};

}  // namespace sardonyx
