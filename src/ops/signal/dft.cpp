// Fourier transforms: DFT along an axis, STFT over frames. The last axis holds real and imaginary parts.
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kDftTypes[] = {{"T1", kFloatTypes}, {"T2", kIndexTypes}, {"tensor(int64)", kInt64Type}};
constexpr ParamDef kDftIn[] = {{"input", "T1"}, {"dft_length", "T2", kOptional}, {"axis", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"output", "T1"}};
constexpr AttrDef kDftAttrs[] = {attr_int("inverse", 0), attr_int("onesided", 0)};
constexpr TypeVar kStftTypes[] = {{"T1", kFloatTypes}, {"T2", kIndexTypes}};
constexpr ParamDef kStftIn[] = {
    {"signal", "T1"}, {"frame_step", "T2"}, {"window", "T1", kOptional}, {"frame_length", "T2", kOptional}};
constexpr AttrDef kStftAttrs[] = {attr_int("onesided", 1)};

// A scalar given as input i: its value, a fresh symbol while that is unknown, or `missing` without the input.
Result<Dim> scalar(InferCtx& c, int i, Dim missing) {
  if (!c.has(i)) return missing;
  SDX_TRY(std::optional<Dims> v, ints_if_known(c, i));
  if (!v) return c.fresh();
  if (v->size() != 1)
    return c.shape_error(c.node().op->inputs[static_cast<size_t>(i)].name, " has ", v->size(),
                         " elements; it must be a scalar");
  return (*v)[0];
}

Status check_parts(InferCtx& c, Dim last, std::string_view name, std::string_view why, int64_t a, int64_t b) {
  if (!last.known() || last.is(a) || last.is(b)) return {};
  return c.shape_error("the last extent of ", name, " is ", last.value(), "; ", why);
}

Status infer_dft(InferCtx& c) {
  const bool inverse = c.attr_int("inverse") != 0, onesided = c.attr_int("onesided") != 0;
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 2, "input"));
  SDX_RETURN_IF_ERROR(check_parts(c, x.back(), "input", "it must be 1 (real) or 2 (complex)", 1, 2));
  if (onesided && !inverse)
    SDX_RETURN_IF_ERROR(check_parts(c, x.back(), "input", "onesided needs real input, 1", 1, 1));
  if (onesided && inverse)
    SDX_RETURN_IF_ERROR(check_parts(c, x.back(), "input", "the onesided inverse needs complex input, 2", 2, 2));
  const int rank = static_cast<int>(x.size());
  Dim given = -2;
  SDX_TRY(given, scalar(c, 2, -2));
  x.back() = onesided && inverse ? 1 : 2;
  if (!given.known()) {
    for (size_t a = 0; a + 1 < x.size(); ++a) x[a] = c.fresh();
    return c.set(0, c.dtype(0), std::move(x));
  }
  SDX_TRY(int axis, c.axis(given.value(), rank));
  if (axis == rank - 1)
    return fail(Code::kRange, "axis is ", given.value(), "; the last axis holds the parts of complex numbers");
  Dim& extent = x[static_cast<size_t>(axis)];
  SymbolTable& s = c.sym();
  SDX_TRY(Dim length, scalar(c, 1, onesided && inverse ? s.mul(s.sub(extent, 1), 2) : extent));
  if (length.known() && length.value() < 1)
    return fail(Code::kRange, "dft_length is ", length.value(), "; it must be positive");
  extent = onesided && !inverse ? s.add(s.floor_div(length, 2), 1) : length;
  return c.set(0, c.dtype(0), std::move(x));
}

Status infer_stft(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  if (x.size() == 2) x.push_back(1);
  SDX_RETURN_IF_ERROR(require_rank(c, x, 3, "signal"));
  SDX_RETURN_IF_ERROR(check_parts(c, x[2], "signal", "it must be 1 (real) or 2 (complex)", 1, 2));
  SDX_TRY(Dim step, scalar(c, 1, 1));
  if (step.known() && step.value() < 1)
    return fail(Code::kRange, "frame_step is ", step.value(), "; it must be positive");
  Dim length = x[1];
  if (c.has(2)) {
    SDX_TRY(Shape window, c.shape(2));
    SDX_RETURN_IF_ERROR(require_rank(c, window, 1, "window"));
    length = window[0];
  }
  if (c.has(3)) {
    SDX_TRY(Dim frame, scalar(c, 3, length));
    if (c.has(2)) {
      SDX_TRY(length, c.must_equal(frame, length, "frame_length and the extent of window"));
    } else {
      length = frame;
    }
  }
  if (length.known() && length.value() < 1)
    return fail(Code::kRange, "frame_length is ", length.value(), "; it must be positive");
  SymbolTable& s = c.sym();
  if (length.known() && x[1].known() && length.value() > x[1].value())
    return c.shape_error("frames of ", length.value(), " do not fit a signal of ", x[1].value());
  const bool onesided = c.attr_int("onesided") != 0;
  if (onesided) SDX_RETURN_IF_ERROR(check_parts(c, x[2], "signal", "onesided needs a real signal, 1", 1, 1));
  const Dim frames = s.add(s.floor_div(s.sub(x[1], length), step), 1);
  const Dim bins = onesided ? s.add(s.floor_div(length, 2), 1) : length;
  return c.set(0, c.dtype(0), {x[0], frames, bins, 2});
}

// Before opset 20 the axis was an attribute with default 1; the input's default is the last signal axis.
Status axis_to_input(UpgradeCtx& u, const Upgrade&) {
  const Attr* axis = u.attr("axis");
  SDX_TRY(Tensor t, Tensor::scalar_i64(axis != nullptr ? axis->i : 1));
  u.set_input(2, u.constant(std::move(t)));
  u.drop_attr("axis");
  return {};
}
constexpr Upgrade kDftHistory[] = {{20, axis_to_input}};

}  // namespace

SDX_OP(DFT) = {.name = "DFT",
               .since = 20,
               .types = kDftTypes,
               .inputs = kDftIn,
               .outputs = kOut,
               .attrs = kDftAttrs,
               .infer = infer_dft,
               .history = kDftHistory,
               .first = 17};

SDX_OP(STFT) = {.name = "STFT",
                .since = 17,
                .types = kStftTypes,
                .inputs = kStftIn,
                .outputs = kOut,
                .attrs = kStftAttrs,
                .infer = infer_stft,
                .first = 17};

}  // namespace sardonyx
