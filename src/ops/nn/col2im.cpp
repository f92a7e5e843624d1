// Col2Im adds overlapping blocks up to an image.
#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kNumericTypes | kComplexTypes | kBoolType | kStringType},
                              {"tensor(int64)", kInt64Type}};
constexpr ParamDef kIn[] = {{"input", "T"}, {"image_shape", "tensor(int64)"}, {"block_shape", "tensor(int64)"}};
constexpr AttrDef kAttrs[] = {attr_optional("dilations", AttrType::kInts), attr_optional("pads", AttrType::kInts),
                              attr_optional("strides", AttrType::kInts)};

Result<int64_t> entry(InferCtx& c, std::string_view name, size_t i, size_t count, int64_t missing) {
  const std::span<const int64_t> list = c.attr_ints(name);
  if (list.empty()) return missing;
  if (list.size() != count) return fail(Code::kAttr, name, " has ", list.size(), " entries; the image needs ", count);
  const int64_t least = missing;
  if (list[i] < least) return fail(Code::kAttr, name, " has the entry ", list[i], "; it must be at least ", least);
  return list[i];
}

// The number of blocks that `image` is covered with.
Result<Dim> block_count(InferCtx& c, const Dims& image, const Dims& block) {
  SymbolTable& s = c.sym();
  Dim count = 1;
  const size_t n = image.size();
  for (size_t a = 0; a < n; ++a) {
    SDX_TRY(int64_t dilation, entry(c, "dilations", a, n, 1));
    SDX_TRY(int64_t stride, entry(c, "strides", a, n, 1));
    SDX_TRY(int64_t begin, entry(c, "pads", a, 2 * n, 0));
    SDX_TRY(int64_t end, entry(c, "pads", a + n, 2 * n, 0));
    const Dim reach = s.add(s.mul(s.sub(block[a], 1), dilation), 1);
    count = s.mul(count, s.add(s.floor_div(s.sub(s.add(image[a], begin + end), reach), stride), 1));
  }
  return count;
}

Status infer(InferCtx& c) {
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_rank(c, x, 3, "input"));
  SDX_TRY(std::optional<Dims> image, ints_if_known(c, 1));
  SDX_TRY(std::optional<Dims> block, ints_if_known(c, 2));
  if (image && block && image->size() != block->size())
    return c.shape_error("image_shape has ", image->size(), " elements and block_shape ", block->size(),
                         "; they must have as many");
  Shape y{x[0], c.fresh()};
  if (block) {
    const Dim area = c.sym().product(*block);
    if (area.known() && area.value() < 1)
      return fail(Code::kRange, "block_shape has ", area.value(), " elements; it must be positive");
    if (area.known() && x[1].known() && x[1].value() % area.value() != 0)
      return c.shape_error("input is ", c.text(x), "; its ", x[1].value(), " must be a multiple of the block's ",
                           area.value());
    y[1] = c.sym().floor_div(x[1], area);
  }
  if (image && block) {
    SDX_TRY(Dim count, block_count(c, *image, *block));
    SDX_RETURN_IF_ERROR(require_equal(c, x[2], count, "input is ", c.text(x), "; its ", c.text(x[2]), " must be the ",
                                      c.text(count), " blocks that cover the image"));
  }
  if (image) {
    for (Dim d : *image) y.push_back(d);
  } else {
    const Fact& length = c.in(1);
    if (!length.has_rank || length.shape.size() != 1 || !length.shape[0].known()) return deferred();
    for (int64_t a = 0; a < length.shape[0].value(); ++a) y.push_back(c.fresh());
  }
  return c.set(0, c.dtype(0), std::move(y));
}

}  // namespace

SDX_OP(Col2Im) = {.name = "Col2Im",
                  .since = 18,
                  .types = kTypes,
                  .inputs = kIn,
                  .outputs = kOutOutput,
                  .attrs = kAttrs,
                  .infer = infer,
                  .first = 18};

}  // namespace sardonyx
