// Range: start, start + delta, … below (or above) limit.
#include <cmath>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "ops/shape/contents.h"
#include "tensor/codec.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kFloatTypes | kIndexTypes | mask_of(DType::kI16)}};
constexpr ParamDef kIn[] = {{"start", "T"}, {"limit", "T"}, {"delta", "T"}};
constexpr ParamDef kOut[] = {{"output", "T"}};
constexpr AttrDef kAttrs[] = {attr_int("stash_type", 1)};

// ceil((limit - start) / delta), at least 0; the difference is taken in the element type.
template <class T>
Result<Dim> count_floats(double start, double limit, double delta) {
  if (delta == 0) return fail(Code::kRange, "delta is 0; it must not be 0");
  const double difference = static_cast<T>(static_cast<T>(limit) - static_cast<T>(start));
  const double n = std::ceil(difference / delta);
  if (!(n < 9.0e18)) return fail(Code::kRange, "no count of elements from ", start, " to ", limit, " by ", delta);
  return Dim(n > 0 ? static_cast<int64_t>(n) : 0);
}

Result<Dim> count_ints(InferCtx& c, Dim start, Dim limit, Dim delta) {
  SymbolTable& sym = c.sym();
  if (!delta.known()) return c.fresh();
  if (delta.is(0)) return fail(Code::kRange, "delta is 0; it must not be 0");
  if (start.known() && limit.known()) {
    const bool up = delta.value() > 0;
    const auto from = static_cast<uint64_t>(up ? start.value() : limit.value());
    const auto to = static_cast<uint64_t>(up ? limit.value() : start.value());
    if (static_cast<int64_t>(to) <= static_cast<int64_t>(from)) return Dim(0);
    const uint64_t step = up ? static_cast<uint64_t>(delta.value()) : 0 - static_cast<uint64_t>(delta.value());
    const uint64_t n = (to - from - 1) / step + 1;
    if (n >> 62 != 0) return fail(Code::kRange, "too many elements from ", start.value(), " to ", limit.value());
    return Dim(static_cast<int64_t>(n));
  }
  const bool forward = delta.value() > 0;
  const Dim span = forward ? sym.sub(limit, start) : sym.sub(start, limit);
  return sym.ceil_div(sym.max(span, 0), forward ? delta : Dim(-delta.value()));
}

// The scalars as doubles; nullopt while one is unknown.
std::optional<SmallVec<double, 4>> floats(InferCtx& c) {
  SmallVec<double, 4> out;
  for (int i = 0; i < 3; ++i) {
    const Tensor* t = c.value(i);
    if (t == nullptr || t->count() != 1) return std::nullopt;
    switch (t->dtype()) {
      case DType::kF32: out.push_back(static_cast<double>(*t->as<float>())); break;
      case DType::kF64: out.push_back(*t->as<double>()); break;
      case DType::kF16: out.push_back(static_cast<double>(f32_from_f16(*t->as<uint16_t>()))); break;
      case DType::kBF16: out.push_back(static_cast<double>(f32_from_bf16(*t->as<uint16_t>()))); break;
      default: return std::nullopt;
    }
  }
  return out;
}

Status infer_floats(InferCtx& c) {
  const auto v = floats(c);
  Dim n = c.fresh();
  if (v && c.dtype(0) == DType::kF64) {
    SDX_TRY(n, count_floats<double>((*v)[0], (*v)[1], (*v)[2]));
  } else if (v) {
    SDX_TRY(n, count_floats<float>((*v)[0], (*v)[1], (*v)[2]));
  }
  return c.set(0, c.dtype(0), {n});
}

Status infer(InferCtx& c) {
  if (is_float(c.dtype(0))) return infer_floats(c);
  Dim scalar[3];
  for (int i = 0; i < 3; ++i) {
    const Result<Dims> d = c.ints(i);
    if (!d.ok()) return is_deferred(d.status()) ? c.set(0, c.dtype(0), {c.fresh()}) : d.status();
    if (d->size() != 1)
      return c.shape_error(c.node().op->inputs[static_cast<size_t>(i)].name, " has ", d->size(),
                           " elements, expected 1");
    scalar[i] = (*d)[0];
  }
  SDX_TRY(const Dim n, count_ints(c, scalar[0], scalar[1], scalar[2]));
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), {n}));
  if (!n.known() || n.value() > static_cast<int64_t>(Fact::kMaxInts)) return {};
  Dims all;
  for (int64_t i = 0; i < n.value(); ++i) all.push_back(c.sym().add(scalar[0], c.sym().mul(scalar[2], i)));
  return c.set_ints(0, std::move(all));
}

}  // namespace

SDX_OP(Range) = {.name = "Range",
                 .since = 27,
                 .types = kTypes,
                 .inputs = kIn,
                 .outputs = kOut,
                 .attrs = kAttrs,
                 .infer = infer,
                 .first = 11};

}  // namespace sardonyx
