// RNN, GRU and LSTM: extents are alike, they differ in gates and states.
#include <algorithm>
#include <cctype>

#include "ops/eltwise.h"
#include "ops/infer.h"

namespace sardonyx {
namespace {

constexpr TypeVar kTypes[] = {{"T", kFloatTypes}, {"T1", mask_of(DType::kI32)}};
constexpr ParamDef kIn[] = {{"X", "T"},
                            {"W", "T"},
                            {"R", "T"},
                            {"B", "T", kOptional},
                            {"sequence_lens", "T1", kOptional},
                            {"initial_h", "T", kOptional}};
constexpr ParamDef kOut[] = {{"Y", "T", kOptional}, {"Y_h", "T", kOptional}};
constexpr ParamDef kLstmIn[] = {{"X", "T"},
                                {"W", "T"},
                                {"R", "T"},
                                {"B", "T", kOptional},
                                {"sequence_lens", "T1", kOptional},
                                {"initial_h", "T", kOptional},
                                {"initial_c", "T", kOptional},
                                {"P", "T", kOptional}};
constexpr ParamDef kLstmOut[] = {{"Y", "T", kOptional}, {"Y_h", "T", kOptional}, {"Y_c", "T", kOptional}};
constexpr AttrDef kRnnAttrs[] = {attr_optional("activation_alpha", AttrType::kFloats),
                                 attr_optional("activation_beta", AttrType::kFloats),
                                 attr_optional("activations", AttrType::kStrings),
                                 attr_optional("clip", AttrType::kFloat),
                                 attr_string("direction", "forward"),
                                 attr_optional("hidden_size", AttrType::kInt),
                                 attr_int("layout", 0)};
constexpr AttrDef kLstmAttrs[] = {attr_optional("activation_alpha", AttrType::kFloats),
                                  attr_optional("activation_beta", AttrType::kFloats),
                                  attr_optional("activations", AttrType::kStrings),
                                  attr_optional("clip", AttrType::kFloat),
                                  attr_string("direction", "forward"),
                                  attr_optional("hidden_size", AttrType::kInt),
                                  attr_int("input_forget", 0),
                                  attr_int("layout", 0)};
constexpr AttrDef kGruAttrs[] = {attr_optional("activation_alpha", AttrType::kFloats),
                                 attr_optional("activation_beta", AttrType::kFloats),
                                 attr_optional("activations", AttrType::kStrings),
                                 attr_optional("clip", AttrType::kFloat),
                                 attr_string("direction", "forward"),
                                 attr_optional("hidden_size", AttrType::kInt),
                                 attr_int("layout", 0),
                                 attr_int("linear_before_reset", 0)};

struct Cell {
  int64_t gates;
  size_t activations;  // per direction
};

bool is_activation(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char ch) { return static_cast<char>(std::tolower(ch)); });
  for (std::string_view known : {"relu", "tanh", "sigmoid", "affine", "leakyrelu", "thresholdedrelu", "scaledtanh",
                                 "hardsigmoid", "elu", "softsign", "softplus"})
    if (name == known) return true;
  return false;
}

Result<int64_t> directions(InferCtx& c, const Cell& cell) {
  const std::string_view direction = c.attr_string("direction");
  if (direction != "forward" && direction != "reverse" && direction != "bidirectional")
    return fail(Code::kAttr, "direction is ", quoted(direction), "; it must be forward, reverse or bidirectional");
  const int64_t count = direction == "bidirectional" ? 2 : 1;
  if (const Attr* a = c.attr("activations"); a != nullptr && !a->strings.empty()) {
    // A surplus is allowed: the default of RNN names two even for one direction.
    if (a->strings.size() < cell.activations * static_cast<size_t>(count))
      return fail(Code::kAttr, "activations has ", a->strings.size(), " entries; ", cell.activations,
                  " are needed per direction");
    for (const std::string& name : a->strings)
      if (!is_activation(name))
        return fail(Code::kAttr, "activations has ", quoted(name), ", which is no known activation");
  }
  return count;
}

Status check_input(InferCtx& c, int i, const Shape& want) {
  if (!c.has(i) || !c.in(i).has_rank) return {};
  const Shape& s = c.in(i).shape;
  bool fits = s.size() == want.size();
  for (size_t a = 0; fits && a < s.size(); ++a) fits = c.sym().equal(s[a], want[a]).value_or(true);
  if (fits) return {};
  return c.shape_error(c.node().op->inputs[static_cast<size_t>(i)].name, " is ", c.text(s), "; it must be ",
                       c.text(want));
}

Result<Dim> hidden_size(InferCtx& c) {
  Dim hidden = c.has_attr("hidden_size") ? Dim(c.attr_int("hidden_size")) : Dim(-1);
  if (!c.in(2).has_rank) return hidden.is(-1) ? c.fresh() : hidden;
  SDX_RETURN_IF_ERROR(require_rank(c, c.in(2).shape, 3, "R"));
  const Dim columns = c.in(2).shape[2];
  if (hidden.is(-1)) return columns;
  return c.must_equal(hidden, columns, "hidden_size and R's last extent");
}

Status infer_recurrent(InferCtx& c, const Cell& cell) {
  SDX_TRY(int64_t dirs, directions(c, cell));
  const int64_t layout = c.attr_int("layout");
  if (layout != 0 && layout != 1) return fail(Code::kAttr, "layout is ", layout, "; it must be 0 or 1");
  SDX_TRY(Dim hidden, hidden_size(c));
  SDX_TRY(Shape x, c.shape(0));
  SDX_RETURN_IF_ERROR(require_rank(c, x, 3, "X"));
  const Dim steps = x[layout == 0 ? 0 : 1], batch = x[layout == 0 ? 1 : 0], rows = c.sym().mul(hidden, cell.gates);
  SDX_RETURN_IF_ERROR(check_input(c, 1, {dirs, rows, x[2]}));
  SDX_RETURN_IF_ERROR(check_input(c, 2, {dirs, rows, hidden}));
  SDX_RETURN_IF_ERROR(check_input(c, 3, {dirs, c.sym().mul(rows, 2)}));
  SDX_RETURN_IF_ERROR(check_input(c, 4, {batch}));
  const Shape state = layout == 0 ? Shape{dirs, batch, hidden} : Shape{batch, dirs, hidden};
  SDX_RETURN_IF_ERROR(check_input(c, 5, state));
  SDX_RETURN_IF_ERROR(check_input(c, 6, state));
  SDX_RETURN_IF_ERROR(check_input(c, 7, {dirs, c.sym().mul(hidden, 3)}));
  const Shape y = layout == 0 ? Shape{steps, dirs, batch, hidden} : Shape{batch, steps, dirs, hidden};
  SDX_RETURN_IF_ERROR(c.set(0, c.dtype(0), y));
  SDX_RETURN_IF_ERROR(c.set(1, c.dtype(0), state));
  return c.set(2, c.dtype(0), state);
}
Status infer_rnn(InferCtx& c) { return infer_recurrent(c, {1, 1}); }
Status infer_gru(InferCtx& c) { return infer_recurrent(c, {3, 2}); }
Status infer_lstm(InferCtx& c) { return infer_recurrent(c, {4, 3}); }

// The schema of opset 1 misspelt its default.
Status spell_forward(UpgradeCtx& u, const Upgrade&) {
  if (Attr* direction = u.attr("direction"); direction != nullptr && direction->s == "foward") direction->s = "forward";
  return {};
}
// Before opset 7, output_sequence=0 only allowed Y to be left out.
constexpr Upgrade kHistory[] = {drop_attr(7, "output_sequence")};
constexpr Upgrade kGruHistory[] = {{3, spell_forward}, drop_attr(7, "output_sequence")};

}  // namespace

SDX_OP(RNN) = {.name = "RNN",
               .since = 22,
               .types = kTypes,
               .inputs = kIn,
               .outputs = kOut,
               .attrs = kRnnAttrs,
               .infer = infer_rnn,
               .history = kHistory};

SDX_OP(GRU) = {.name = "GRU",
               .since = 22,
               .types = kTypes,
               .inputs = kIn,
               .outputs = kOut,
               .attrs = kGruAttrs,
               .infer = infer_gru,
               .history = kGruHistory};

SDX_OP(LSTM) = {.name = "LSTM",
                .since = 22,
                .types = kTypes,
                .inputs = kLstmIn,
                .outputs = kLstmOut,
                .attrs = kLstmAttrs,
                .infer = infer_lstm,
                .history = kHistory};

}  // namespace sardonyx
