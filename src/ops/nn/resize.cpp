// Resize, and Upsample, which became Resize in opset 10.
#include <algorithm>
#include <cmath>

#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T1", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                              {"T2", mask_of(DType::kF16) | mask_of(DType::kF32) | mask_of(DType::kF64)},
                              {"tensor(float)", mask_of(DType::kF32)},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"X", "T1"},
                            {"roi", "T2", kOptional},
                            {"scales", "tensor(float)", kOptional},
                            {"sizes", "tensor(int64)", kOptional}};
constexpr ParamDef kOut[] = {{"Y", "T1"}};
constexpr AttrDef kAttrs[] = {attr_int("antialias", 0),
                              attr_optional("axes", AttrType::kInts),
                              attr_string("coordinate_transformation_mode", "half_pixel"),
                              attr_float("cubic_coeff_a", -0.75),
                              attr_int("exclude_outside", 0),
                              attr_float("extrapolation_value", 0.0),
                              attr_string("keep_aspect_ratio_policy", "stretch"),
                              attr_string("mode", "nearest"),
                              attr_string("nearest_mode", "round_prefer_floor")};
constexpr TypeVar kUpsampleTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                                      {"tensor(float)", mask_of(DType::kF32)}};
constexpr ParamDef kUpsampleIn[] = {{"X", "T"}, {"scales", "tensor(float)"}};
constexpr AttrDef kUpsampleAttrs[] = {attr_string("mode", "nearest")};

using AxisList = SmallVec<int, 8>;

Status check_word(InferCtx& c, std::string_view name, std::initializer_list<std::string_view> allowed) {
  const std::string_view word = c.attr_string(name);
  if (std::find(allowed.begin(), allowed.end(), word) != allowed.end()) return {};
  std::string list;
  for (std::string_view a : allowed) list += cat(list.empty() ? "" : ", ", a);
  return fail(Code::kAttr, name, " is ", quoted(word), "; it must be one of ", list);
}
Status check_attributes(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_word(c, "mode", {"nearest", "linear", "cubic"}));
  SDX_RETURN_IF_ERROR(check_word(c, "nearest_mode", {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}));
  SDX_RETURN_IF_ERROR(check_word(c, "keep_aspect_ratio_policy", {"stretch", "not_larger", "not_smaller"}));
  return check_word(c, "coordinate_transformation_mode",
                    {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric",
                     "tf_half_pixel_for_nn", "tf_crop_and_resize"});
}

// Some models give an empty tensor for the one they do not use.
bool given(const InferCtx& c, int i) {
  return c.has(i) && !(c.in(i).has_rank && c.in(i).shape.size() == 1 && c.in(i).shape[0].is(0));
}

// floor(extent * scale). A symbol is scaled only by fractions with a small power of two below.
Dim scaled(InferCtx& c, Dim extent, double scale) {
  if (extent.known()) {
    // Beyond any memory; the check of sizes refuses it.
    constexpr double kMost = 4e18;
    return static_cast<int64_t>(std::min(std::floor(static_cast<double>(extent.value()) * scale), kMost));
  }
  for (int64_t below = 1; below <= 64; below *= 2) {
    const double above = scale * static_cast<double>(below);
    if (above == std::floor(above) && above < 1 << 20)
      return c.sym().floor_div(c.sym().mul(extent, static_cast<int64_t>(above)), below);
  }
  return c.fresh();
}

Status apply_scales(InferCtx& c, const AxisList& axes, Shape& y) {
  const Tensor* scales = c.value(2);
  const Tensor* roi = nullptr;
  const bool crop = c.attr_string("coordinate_transformation_mode") == "tf_crop_and_resize";
  if (crop && given(c, 1)) roi = c.value(1);
  const bool open = scales == nullptr || (crop && given(c, 1) && (roi == nullptr || roi->dtype() != DType::kF32));
  if (!open && static_cast<size_t>(scales->count()) != axes.size())
    return c.shape_error("scales has ", scales->count(), " elements; ", axes.size(), " axes are resized");
  if (roi != nullptr && static_cast<size_t>(roi->count()) != 2 * axes.size())
    return c.shape_error("roi has ", roi->count(), " elements; ", axes.size(), " axes are resized");
  for (size_t k = 0; k < axes.size(); ++k) {
    Dim& d = y[static_cast<size_t>(axes[k])];
    if (open) {
      d = c.fresh();
      continue;
    }
    double scale = static_cast<double>(scales->as<float>()[k]);
    if (!(scale > 0)) return fail(Code::kRange, "scales[", k, "] is ", scale, "; it must be positive");
    if (roi != nullptr)
      scale *= static_cast<double>(roi->as<float>()[k + axes.size()]) - static_cast<double>(roi->as<float>()[k]);
    d = scaled(c, d, scale);
  }
  return {};
}

Status apply_sizes(InferCtx& c, const AxisList& axes, Shape& y) {
  SDX_TRY(std::optional<Dims> sizes, ints_if_known(c, 3));
  if (sizes && sizes->size() != axes.size())
    return c.shape_error("sizes has ", sizes->size(), " elements; ", axes.size(), " axes are resized");
  const std::string_view policy = c.attr_string("keep_aspect_ratio_policy");
  const bool stretch = policy == "stretch";
  bool known = sizes && all_known(*sizes);
  for (int a : axes) known = known && y[static_cast<size_t>(a)].known();
  double scale = 0;
  for (size_t k = 0; known && !stretch && k < axes.size(); ++k) {
    const double s =
        static_cast<double>((*sizes)[k].value()) / static_cast<double>(y[static_cast<size_t>(axes[k])].value());
    scale = k == 0 ? s : policy == "not_larger" ? std::min(scale, s) : std::max(scale, s);
  }
  for (size_t k = 0; k < axes.size(); ++k) {
    Dim& d = y[static_cast<size_t>(axes[k])];
    if (stretch && sizes)
      d = (*sizes)[k];
    else if (!stretch && known)
      d = static_cast<int64_t>(std::floor(scale * static_cast<double>(d.value()) + 0.5));
    else
      d = c.fresh();
  }
  return {};
}

Status infer(InferCtx& c) {
  SDX_RETURN_IF_ERROR(check_attributes(c));
  SDX_TRY(Shape y, c.shape(0));
  AxisList axes;
  if (c.attr_ints("axes").empty()) {
    for (size_t a = 0; a < y.size(); ++a) axes.push_back(static_cast<int>(a));
  } else {
    SDX_TRY(axes, c.axes(c.attr_ints("axes"), static_cast<int>(y.size()), /*sorted=*/false));
  }
  // Both are named: which one is empty is told by extents that may not be known yet.
  const auto open = [&c](int i) { return !c.in(i).has_rank || !all_known(c.in(i).shape); };
  if (given(c, 2) && given(c, 3) && (open(2) || open(3))) return deferred();
  if (given(c, 2) == given(c, 3))
    return fail(Code::kAttr, given(c, 2) ? "scales and sizes are both given" : "neither scales nor sizes is given",
                "; exactly one is needed");
  // The kernel needs the crop when it plans, whatever gives the extents.
  const bool crop = c.attr_string("coordinate_transformation_mode") == "tf_crop_and_resize";
  if (crop && given(c, 1) && c.value(1) == nullptr) return deferred();
  if (given(c, 2))
    SDX_RETURN_IF_ERROR(apply_scales(c, axes, y));
  else
    SDX_RETURN_IF_ERROR(apply_sizes(c, axes, y));
  return c.set(0, c.dtype(0), std::move(y));
}

Status infer_upsample(InferCtx&) { return fail(Code::kOpset, "Upsample was removed in opset 10; Resize replaces it"); }

// Opset 10 placed element i at i / scale. Nearest took the element below when enlarging and the one above when
// reducing: an axis of each kind needs a node of each kind.
Status place_as_opset_10(UpgradeCtx& u, const Upgrade&) {
  u.set_attr(Attr::of_string("coordinate_transformation_mode", "asymmetric"));
  if (Attr* mode = u.attr("mode"); mode != nullptr && mode->s == "bilinear") mode->s = "linear";
  if (!u.has(1)) return {};
  const ValueId scales = u.draft().inputs[1];
  u.set_input(1, kNone);
  u.set_input(2, scales);
  u.set_attr(Attr::of_string("nearest_mode", "floor"));
  const Tensor& factors = u.fact(2).constant;
  const Attr* mode = u.attr("mode");
  const bool nearest = mode == nullptr || mode->s == "nearest";
  if (!nearest || !factors.valid() || factors.dtype() != DType::kF32) return {};
  const std::span<const float> f(factors.as<float>(), static_cast<size_t>(factors.count()));
  if (std::none_of(f.begin(), f.end(), [](float v) { return v < 1; })) return {};
  if (std::any_of(f.begin(), f.end(), [](float v) { return v > 1; })) {
    std::vector<float> enlarging(f.size()), reducing(f.size());
    std::transform(f.begin(), f.end(), enlarging.begin(), [](float v) { return std::max(v, 1.0f); });
    std::transform(f.begin(), f.end(), reducing.begin(), [](float v) { return std::min(v, 1.0f); });
    const int64_t n = static_cast<int64_t>(f.size());
    SDX_TRY(Tensor up, Tensor::of<float>(DType::kF32, std::span(&n, 1), enlarging));
    SDX_TRY(Tensor down, Tensor::of<float>(DType::kF32, std::span(&n, 1), reducing));
    SDX_TRY(ValueId enlarged,
            u.emit("Resize", {u.draft().inputs[0], kNone, u.constant(std::move(up))}, u.draft().attrs));
    u.set_input(0, enlarged);
    u.set_input(2, u.constant(std::move(down)));
  }
  u.set_attr(Attr::of_string("nearest_mode", "ceil"));
  return {};
}
constexpr Upgrade kHistory[] = {{11, place_as_opset_10}};

// Opset 1: two factors for [N,C,H,W].
Status width_and_height(UpgradeCtx& u, const Upgrade&) {
  const Attr *h = u.attr("height_scale"), *w = u.attr("width_scale");
  if (h == nullptr || w == nullptr)
    return fail(Code::kAttr, "height_scale and width_scale are both needed in opset ", u.opset());
  u.set_attr(Attr::of_floats("scales", {1, 1, h->f, w->f}));
  u.drop_attr("height_scale");
  u.drop_attr("width_scale");
  return {};
}
Status become_resize(UpgradeCtx& u, const Upgrade&) {
  u.draft().op = "Resize";
  return {};
}
constexpr Upgrade kUpsampleHistory[] = {{7, width_and_height}, attr_to_input(9, "scales", 1), {10, become_resize}};

}  // namespace

SDX_OP(Resize) = {.name = "Resize",
                  .since = 19,
                  .types = kTypes,
                  .inputs = kIn,
                  .outputs = kOut,
                  .attrs = kAttrs,
                  .infer = infer,
                  .history = kHistory,
                  .first = 10};

SDX_OP(Upsample) = {.name = "Upsample",
                    .since = 10,
                    .types = kUpsampleTypes,
                    .inputs = kUpsampleIn,
                    .outputs = kOutY,
                    .attrs = kUpsampleAttrs,
                    .infer = infer_upsample,
                    .history = kUpsampleHistory};

}  // namespace sardonyx
