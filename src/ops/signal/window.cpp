// Window functions of a given size, and the matrix from DFT bins to mel bands.
#include "ir/body_ctx.h"
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kWindowTypes[] = {{"T1", kIndexTypes}, {"T2", kNumericTypes}};
constexpr ParamDef kWindowIn[] = {{"size", "T1"}};
constexpr ParamDef kWindowOut[] = {{"output", "T2"}};
constexpr AttrDef kWindowAttrs[] = {attr_int("output_datatype", 1), attr_int("periodic", 1)};
constexpr TypeVar kMelTypes[] = {{"T1", kIndexTypes}, {"T2", kFloatTypes}, {"T3", kNumericTypes}};
constexpr ParamDef kMelIn[] = {{"num_mel_bins", "T1"},
                               {"dft_length", "T1"},
                               {"sample_rate", "T1"},
                               {"lower_edge_hertz", "T2"},
                               {"upper_edge_hertz", "T2"}};
constexpr ParamDef kMelOut[] = {{"output", "T3"}};
constexpr AttrDef kMelAttrs[] = {attr_int("output_datatype", 1)};

Result<DType> output_type(InferCtx& c) {
  const int64_t v = c.attr_int("output_datatype");
  if (v < 1 || v >= kDTypeCount || !contains(kNumericTypes, static_cast<DType>(v)))
    return fail(Code::kAttr, "output_datatype is ", v, "; it must name a numeric type");
  return static_cast<DType>(v);
}
Result<Dim> extent(InferCtx& c, int i) {
  SDX_TRY(std::optional<Dims> v, ints_if_known(c, i));
  if (!v) return c.fresh();
  const std::string_view name = c.node().op->inputs[static_cast<size_t>(i)].name;
  if (v->size() != 1) return c.shape_error(name, " has ", v->size(), " elements; it must be a scalar");
  if ((*v)[0].known() && (*v)[0].value() < 0)
    return fail(Code::kRange, name, " is ", (*v)[0].value(), "; it must not be negative");
  return (*v)[0];
}

Status infer_window(InferCtx& c) {
  SDX_TRY(DType type, output_type(c));
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Dim size, extent(c, 0));
  return c.set(0, type, {size});
}
Status infer_mel(InferCtx& c) {
  SDX_TRY(DType type, output_type(c));
  SDX_RETURN_IF_ERROR(c.set_type(0, Type::tensor(type)));
  SDX_TRY(Dim bands, extent(c, 0));
  SDX_TRY(Dim length, extent(c, 1));
  return c.set(0, type, {c.sym().add(c.sym().floor_div(length, 2), 1), bands});
}

// constant - first * cos(2 pi n / N) + second * cos(4 pi n / N), in double; N is size, or size - 1 for a symmetric
// window.
Status cosine_window(BodyCtx& b, double constant, double first, double second) {
  constexpr double kTwoPi = 6.283185307179586;
  const DType type = static_cast<DType>(b.attr_int("output_datatype"));
  const Ref size = b.op("Reshape", {b.cast(b.in(0), DType::kI64), b.ints({})});
  const Ref period =
      b.attr_int("periodic") != 0 ? size : b.op("Max", {b.op("Sub", {size, b.int_scalar(1)}), b.int_scalar(1)});
  const Ref n = b.cast(b.op("Range", {b.int_scalar(0), size, b.int_scalar(1)}), DType::kF64);
  const Ref angle = b.op("Mul", {b.op("Div", {n, b.cast(period, DType::kF64)}), b.scalar(kTwoPi, n)});
  Ref y = b.op("Sub", {b.scalar(constant, n), b.op("Mul", {b.op("Cos", {angle}), b.scalar(first, n)})});
  if (second != 0) {
    const Ref twice = b.op("Cos", {b.op("Mul", {angle, b.scalar(2, n)})});
    y = b.op("Add", {y, b.op("Mul", {twice, b.scalar(second, n)})});
  }
  return b.outputs({b.cast(y, type)});
}
Status expand_hann(BodyCtx& b) { return cosine_window(b, 0.5, 0.5, 0); }
Status expand_hamming(BodyCtx& b) { return cosine_window(b, 25.0 / 46, 21.0 / 46, 0); }
Status expand_blackman(BodyCtx& b) { return cosine_window(b, 0.42, 0.5, 0.08); }

constexpr OpDef window(std::string_view name, Status (*expand)(BodyCtx&)) {
  return {.name = name,
          .since = 17,
          .types = kWindowTypes,
          .inputs = kWindowIn,
          .outputs = kWindowOut,
          .attrs = kWindowAttrs,
          .infer = infer_window,
          .expand = expand,
          .first = 17};
}

}  // namespace

#define SDX_OP_WINDOW(Name, ...) SDX_OP(Name) = window(#Name, __VA_ARGS__)

SDX_OP_WINDOW(HannWindow, expand_hann);
SDX_OP_WINDOW(HammingWindow, expand_hamming);
SDX_OP_WINDOW(BlackmanWindow, expand_blackman);

SDX_OP(MelWeightMatrix) = {.name = "MelWeightMatrix",
                           .since = 17,
                           .types = kMelTypes,
                           .inputs = kMelIn,
                           .outputs = kMelOut,
                           .attrs = kMelAttrs,
                           .infer = infer_mel,
                           .first = 17};

}  // namespace sardonyx
