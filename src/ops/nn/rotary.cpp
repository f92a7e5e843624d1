// RotaryEmbedding: pairs of elements of each head are rotated by an angle that depends on the position.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kTypes[] = {{"T", mask_of(DType::kBF16) | mask_of(DType::kF16) | mask_of(DType::kF32)},
                              {"M", kInt64Type}};
constexpr ParamDef kIn[] = {{"X", "T"}, {"cos_cache", "T"}, {"sin_cache", "T"}, {"position_ids", "M", kOptional}};
constexpr AttrDef kAttrs[] = {attr_int("interleaved", 0), attr_optional("num_heads", AttrType::kInt),
                              attr_int("rotary_embedding_dim", 0)};

Status check_caches(InferCtx& c, Dim rotated) {
  for (int i : {1, 2}) {
    if (!c.in(i).has_rank) continue;
    const Shape& s = c.in(i).shape;
    const std::string_view name = i == 1 ? "cos_cache" : "sin_cache";
    const size_t rank = c.has(3) ? 2 : 3;
    if (s.size() != rank)
      return c.shape_error(name, " is ", c.text(s), "; ", c.has(3) ? "with" : "without",
                           " position_ids it must have rank ", rank);
    const Dim half = c.sym().floor_div(rotated, 2);
    SDX_RETURN_IF_ERROR(require_equal(c, s.back(), half, name, " is ", c.text(s), "; its last extent must be ",
                                      c.text(half), ", half of what is rotated"));
  }
  return {};
}

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  if (x.size() != 3 && x.size() != 4) return c.shape_error("X is ", c.text(x), "; it must have rank 3 or 4");
  Dim head = x.back();
  if (x.size() == 3) {
    const int64_t heads = c.attr_int("num_heads");
    if (heads < 1) return fail(Code::kAttr, "num_heads is ", heads, "; with X of rank 3 it must be positive");
    if (head.known() && head.value() % heads != 0)
      return c.shape_error("X is ", c.text(x), "; its ", head.value(), " must be a multiple of num_heads=", heads);
    head = c.sym().floor_div(head, heads);
  }
  const int64_t part = c.attr_int("rotary_embedding_dim");
  if (part < 0 || part % 2 != 0 || (head.known() && part > head.value()))
    return fail(Code::kAttr, "rotary_embedding_dim is ", part, "; it must be even and at most the head size ",
                c.text(head));
  if (part == 0 && head.known() && head.value() % 2 != 0)
    return c.shape_error("X is ", c.text(x), "; the head size ", head.value(), " must be even");
  SDX_RETURN_IF_ERROR(check_caches(c, part > 0 ? Dim(part) : head));
  return c.set(0, c.dtype(0), std::move(x));
}

// Cosines or sines as [batch, length, 1, half], in float.
Ref angles(BodyCtx& b, int i) {
  const Ref cache = b.cast(b.in(i), DType::kF32);
  const Ref rows = b.has(3) ? b.op("Gather", {cache, b.in(3)}) : cache;
  return b.op("Unsqueeze", {rows, b.ints({2})});
}

// Works on [batch, length, heads, size].
Status expand(BodyCtx& b) {
  const Fact& fact = b.fact(b.in(0));
  if (!fact.has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const bool packed = fact.shape.size() == 3, interleaved = b.attr_int("interleaved") != 0;
  const int64_t part = b.attr_int("rotary_embedding_dim");
  const std::vector<Attr> swap = {Attr::of_ints("perm", {0, 2, 1, 3})}, last = {Attr::of_int("axis", -1)};
  const Ref x = packed ? b.op("Reshape", {b.in(0), b.ints({0, 0, b.attr_int("num_heads"), -1})})
                       : b.op("Transpose", {b.in(0)}, swap);
  const auto slice = [&](Ref v, Ref from, Ref to, int64_t step) {
    return b.op("Slice", {v, from, to, b.ints({3}), b.ints({step})});
  };
  const Ref zero = b.ints({0}), size = b.op("Shape", {x}, {Attr::of_int("start", 3)});
  const Ref end = part > 0 ? b.ints({part}) : size, half = b.op("Div", {end, b.ints({2})});
  const Ref rotated = b.cast(part > 0 ? slice(x, zero, end, 1) : x, DType::kF32);
  const Ref first = interleaved ? slice(rotated, zero, end, 2) : slice(rotated, zero, half, 1);
  const Ref second = interleaved ? slice(rotated, b.ints({1}), end, 2) : slice(rotated, half, end, 1);
  const Ref cosine = angles(b, 1), sine = angles(b, 2);
  Ref real = b.op("Sub", {b.op("Mul", {cosine, first}), b.op("Mul", {sine, second})});
  Ref imaginary = b.op("Add", {b.op("Mul", {sine, first}), b.op("Mul", {cosine, second})});
  Ref y;
  if (interleaved) {
    const Ref inner = b.ints({-1});
    const Ref pairs = b.op("Concat", {b.op("Unsqueeze", {real, inner}), b.op("Unsqueeze", {imaginary, inner})}, last);
    y = b.op("Reshape", {pairs, b.op("Shape", {rotated})});
  } else {
    y = b.op("Concat", {real, imaginary}, last);
  }
  y = b.cast(y, b.dtype(0));
  if (part > 0) y = b.op("Concat", {y, slice(x, end, size, 1)}, last);
  return b.outputs({packed ? b.op("Reshape", {y, b.op("Shape", {b.in(0)})}) : b.op("Transpose", {y}, swap)});
}

}  // namespace

SDX_OP(RotaryEmbedding) = {.name = "RotaryEmbedding",
                           .since = 23,
                           .types = kTypes,
                           .inputs = kIn,
                           .outputs = kOutY,
                           .attrs = kAttrs,
                           .infer = infer,
                           .expand = expand,
                           .first = 23};

}  // namespace sardonyx
