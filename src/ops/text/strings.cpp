// Text: strings compared, joined, split, matched and normalised.
#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kStringT[] = {{"T", kStringType}};
constexpr ParamDef kStringConcatIn[] = {{"X", "T"}, {"Y", "T"}};
constexpr ParamDef kStringConcatOut[] = {{"Z", "T"}};
constexpr TypeVar kStringSplitTypes[] = {{"T1", kStringType}, {"T2", kStringType}, {"T3", kInt64Type}};
constexpr ParamDef kStringSplitIn[] = {{"X", "T1"}};
constexpr ParamDef kStringSplitOut[] = {{"Y", "T2"}, {"Z", "T3"}};
constexpr AttrDef kStringSplitAttrs[] = {attr_optional("delimiter", AttrType::kString),
                                         attr_optional("maxsplit", AttrType::kInt)};
constexpr TypeVar kRegexFullMatchTypes[] = {{"T1", kStringType}, {"T2", kBoolType}};
constexpr ParamDef kRegexFullMatchOut[] = {{"Y", "T2"}};
constexpr AttrDef kRegexFullMatchAttrs[] = {attr_optional("pattern", AttrType::kString)};
constexpr TypeVar kStringNormalizerTypes[] = {{"tensor(string)", kStringType}};
constexpr ParamDef kStringNormalizerIn[] = {{"X", "tensor(string)"}};
constexpr ParamDef kStringNormalizerOut[] = {{"Y", "tensor(string)"}};
constexpr AttrDef kStringNormalizerAttrs[] = {
    attr_string("case_change_action", "NONE"), attr_int("is_case_sensitive", 0),
    attr_optional("locale", AttrType::kString), attr_optional("stopwords", AttrType::kStrings)};

Status infer_string_concat(InferCtx& c) {
  SDX_TRY(const Shape x, c.shape(0));
  SDX_TRY(const Shape y, c.shape(1));
  SDX_TRY(Shape out, c.broadcast(x, y));
  return c.set(0, DType::kString, std::move(out));
}

Status infer_string_split(InferCtx& c) {
  if (const int64_t n = c.attr_int("maxsplit"); n < 0)
    return fail(Code::kAttr, "maxsplit is ", n, ", expected 0 or more");
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(c.set(1, DType::kI64, x));
  x.push_back(c.fresh());
  return c.set(0, DType::kString, std::move(x));
}

Status infer_regex_full_match(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  return c.set(0, DType::kBool, std::move(x));
}

// Stop words leave the last axis; if nothing remains, one empty string does.
Status infer_string_normalizer(InferCtx& c) {
  const std::string_view action = c.attr_string("case_change_action");
  if (action != "NONE" && action != "LOWER" && action != "UPPER")
    return fail(Code::kAttr, "case_change_action is ", quoted(action), R"(, expected "NONE", "LOWER" or "UPPER")");
  SDX_TRY(Shape x, c.shape(0));
  if (x.empty() || x.size() > 2 || (x.size() == 2 && c.sym().equal(x[0], 1) == false))
    return c.shape_error("X ", c.text(x), " must be [C] or [1,C]");
  const Attr* stop = c.attr("stopwords");
  if (stop != nullptr && !stop->strings.empty()) x.back() = c.fresh();
  return c.set(0, DType::kString, std::move(x));
}

}  // namespace

SDX_OP(StringConcat) = {.name = "StringConcat",
                        .since = 20,
                        .types = kStringT,
                        .inputs = kStringConcatIn,
                        .outputs = kStringConcatOut,
                        .infer = infer_string_concat,
                        .first = 20};

SDX_OP(StringSplit) = {.name = "StringSplit",
                       .since = 20,
                       .types = kStringSplitTypes,
                       .inputs = kStringSplitIn,
                       .outputs = kStringSplitOut,
                       .attrs = kStringSplitAttrs,
                       .infer = infer_string_split,
                       .traits = kDataDependent,
                       .first = 20};

SDX_OP(RegexFullMatch) = {.name = "RegexFullMatch",
                          .since = 20,
                          .types = kRegexFullMatchTypes,
                          .inputs = kStringSplitIn,
                          .outputs = kRegexFullMatchOut,
                          .attrs = kRegexFullMatchAttrs,
                          .infer = infer_regex_full_match,
                          .first = 20};

SDX_OP(StringNormalizer) = {.name = "StringNormalizer",
                            .since = 10,
                            .types = kStringNormalizerTypes,
                            .inputs = kStringNormalizerIn,
                            .outputs = kStringNormalizerOut,
                            .attrs = kStringNormalizerAttrs,
                            .infer = infer_string_normalizer,
                            .traits = kDataDependent,
                            .first = 10};

}  // namespace sardonyx
