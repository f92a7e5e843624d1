// TfIdfVectorizer counts n-grams of a pool in each row.
#include <algorithm>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kIndexTypes | kStringType}, {"T1", mask_of(DType::kF32)}};
constexpr ParamDef kIn[] = {{"X", "T"}};
constexpr ParamDef kOut[] = {{"Y", "T1"}};
constexpr AttrDef kAttrs[] = {
    attr_required("max_gram_length", AttrType::kInt), attr_required("max_skip_count", AttrType::kInt),
    attr_required("min_gram_length", AttrType::kInt), attr_required("mode", AttrType::kString),
    attr_required("ngram_counts", AttrType::kInts),   attr_required("ngram_indexes", AttrType::kInts),
    attr_optional("pool_int64s", AttrType::kInts),    attr_optional("pool_strings", AttrType::kStrings),
    attr_optional("weights", AttrType::kFloats)};

Status check_pool(const InferCtx& c) {
  const Attr* ints = c.attr("pool_int64s");
  const Attr* strings = c.attr("pool_strings");
  if ((ints != nullptr) == (strings != nullptr))
    return fail(Code::kAttr, ints ? "both" : "neither",
                " pool_int64s and pool_strings are given, expected one of them");
  if ((strings != nullptr) != (c.dtype(0) == DType::kString))
    return fail(Code::kType, "X is ", dtype_name(c.dtype(0)), ", the pool holds ", strings ? "strings" : "integers");
  const auto pool = static_cast<int64_t>(ints != nullptr ? ints->ints.size() : strings->strings.size());
  int64_t last = 0;
  for (int64_t n : c.attr_ints("ngram_counts")) {
    if (n < last || n > pool)
      return fail(Code::kAttr, "ngram_counts has ", n, ", expected ascending starts within ", pool, " elements");
    last = n;
  }
  return {};
}

Status infer(InferCtx& c) {
  const std::string_view mode = c.attr_string("mode");
  if (mode != "TF" && mode != "IDF" && mode != "TFIDF")
    return fail(Code::kAttr, "mode is ", quoted(mode), R"(, expected "TF", "IDF" or "TFIDF")");
  const int64_t lo = c.attr_int("min_gram_length"), hi = c.attr_int("max_gram_length"),
                skip = c.attr_int("max_skip_count");
  if (lo < 1 || hi < lo || skip < 0)
    return fail(Code::kAttr, "min_gram_length ", lo, ", max_gram_length ", hi, " and max_skip_count ", skip,
                " do not fit together");
  SDX_RETURN_IF_ERROR(check_pool(c));
  const std::span<const int64_t> at = c.attr_ints("ngram_indexes");
  int64_t columns = 0;
  for (int64_t i : at) {
    if (i < 0) return fail(Code::kAttr, "ngram_indexes has ", i, ", expected 0 or more");
    columns = std::max(columns, i + 1);
  }
  if (c.has_attr("weights") && c.attr_floats("weights").size() != at.size())
    return fail(Code::kAttr, "weights has ", c.attr_floats("weights").size(), " entries for ", at.size(), " n-grams");
  SDX_TRY(Shape out, c.shape(0));
  if (out.empty() || out.size() > 2)
    return c.shape_error("X ", c.text(out), " has rank ", out.size(), ", expected 1 or 2");
  out.back() = columns;
  return c.set(0, DType::kF32, std::move(out));
}

}  // namespace

SDX_OP(TfIdfVectorizer) = {.name = "TfIdfVectorizer",
                           .since = 9,
                           .types = kTypes,
                           .inputs = kIn,
                           .outputs = kOut,
                           .attrs = kAttrs,
                           .infer = infer,
                           .first = 9};

}  // namespace sardonyx
