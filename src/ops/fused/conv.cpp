// ai.sardonyx.Conv: act(conv(X, W) + B + residual), channels-first or channels-last; weights as in ONNX either way. Of
// channels-last nodes, input_first leaves X channels-first, output_first the residual and Y.
//
// ai.sardonyx.MaxPool and AveragePool: channels-last pools without indices.
#include <algorithm>

#include "ops/eltwise.h"
#include "ops/fused/activation.h"
#include "ops/fused/channels_last.h"
#include "ops/infer.h"
#include "ops/nn/window.h"

namespace sardonyx {
namespace {

using Ref = BodyCtx::Ref;

constexpr TypeVar kMaxPoolTypes[] = {{"T", kFloatTypes | mask_of(DType::kU8) | mask_of(DType::kI8)}};
constexpr ParamDef kConvIn[] = {{"X", "T"}, {"W", "T"}, {"B", "T", kOptional}, {"residual", "T", kOptional}};
constexpr AttrDef kConvAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                  attr_optional("dilations", AttrType::kInts),
                                  attr_int("group", 1),
                                  attr_optional("kernel_shape", AttrType::kInts),
                                  attr_optional("pads", AttrType::kInts),
                                  attr_optional("strides", AttrType::kInts),
                                  attr_int("channels_last", 0),
                                  attr_int("input_first", 0),
                                  attr_int("output_first", 0),
                                  kActivationAttr,
                                  kActivationP0,
                                  kActivationP1};
constexpr AttrDef kPoolAttrs[] = {attr_string("auto_pad", "NOTSET"),
                                  attr_int("ceil_mode", 0),
                                  attr_int("count_include_pad", 0),
                                  attr_optional("dilations", AttrType::kInts),
                                  attr_required("kernel_shape", AttrType::kInts),
                                  attr_optional("pads", AttrType::kInts),
                                  attr_optional("strides", AttrType::kInts)};

Status infer_conv(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_TRY(Shape w, c.shape(1));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  const bool last = c.attr_int("channels_last") != 0;
  const bool x_last = last && c.attr_int("input_first") == 0, y_last = last && c.attr_int("output_first") == 0;
  SDX_TRY(Window window, read_window(c.node(), x.size() - 2));
  SDX_TRY(Shape y, conv_shape(c, x_last ? to_channels_first(x) : x, w, window));
  return c.set(0, c.dtype(0), y_last ? to_channels_last(y) : std::move(y));
}

std::vector<Attr> kept(const Node& n, std::initializer_list<std::string_view> drop) {
  std::vector<Attr> out;
  for (const Attr& a : n.attrs)
    if (std::find(drop.begin(), drop.end(), a.name) == drop.end()) out.push_back(a);
  return out;
}

Status expand_conv(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  const bool last = b.attr_int("channels_last") != 0;
  const Ref x = last && b.attr_int("input_first") == 0 ? transpose_to_first(b, b.in(0)) : b.in(0);
  Ref y = b.op("Conv", {x, b.in(1), b.in(2)},
               kept(b.node(), {"channels_last", "input_first", "output_first", "activation", "p0", "p1"}));
  if (last && b.attr_int("output_first") == 0) y = transpose_to_last(b, y);
  if (b.has(3)) y = b.op("Add", {y, b.in(3)});
  return b.outputs({apply_activation(b, y)});
}

Status infer_pool(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_min_rank(c, x, 3, "X"));
  SDX_TRY(Window window, read_window(c.node(), x.size() - 2));
  Shape y{x[0]};
  for (size_t a = 0; a < window.spatial(); ++a)
    y.push_back(window_extent(c.sym(), window, a, x[a + 1], window.kernel[a]));
  y.push_back(x[x.size() - 1]);
  return c.set(0, c.dtype(0), std::move(y));
}

Status expand_max_pool(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  return b.outputs(
      {transpose_to_last(b, b.op("MaxPool", {transpose_to_first(b, b.in(0))}, kept(b.node(), {"count_include_pad"})))});
}
Status expand_average_pool(BodyCtx& b) {
  if (!b.fact(b.in(0)).has_rank) return fail(Code::kNoKernel, "the rank of X is not known");
  return b.outputs({transpose_to_last(b, b.op("AveragePool", {transpose_to_first(b, b.in(0))}, b.node().attrs))});
}

}  // namespace

SDX_OP(sdx_Conv) = {.name = "Conv",
                    .domain = "ai.sardonyx",
                    .since = 1,
                    .types = kFloatT,
                    .inputs = kConvIn,
                    .outputs = kOutY,
                    .attrs = kConvAttrs,
                    .infer = infer_conv,
                    .expand = expand_conv};
SDX_OP(sdx_MaxPool) = {.name = "MaxPool",
                       .domain = "ai.sardonyx",
                       .since = 1,
                       .types = kMaxPoolTypes,
                       .inputs = kInX,
                       .outputs = kOutY,
                       .attrs = kPoolAttrs,
                       .infer = infer_pool,
                       .expand = expand_max_pool};
SDX_OP(sdx_AveragePool) = {.name = "AveragePool",
                           .domain = "ai.sardonyx",
                           .since = 1,
                           .types = kFloatT,
                           .inputs = kInX,
                           .outputs = kOutY,
                           .attrs = kPoolAttrs,
                           .infer = infer_pool,
                           .expand = expand_average_pool};

}  // namespace sardonyx
