// Operators that a program brings along: description, inference, kernel, lifetime, messages.
#include "kernel/custom_op.h"

#include <gtest/gtest.h>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

// y = x * factor, where factor is an attribute and, if `knows_extents`, inference says what y looks like.
class ScaleOp final : public CustomOp {
 public:
  ScaleOp(bool knows_extents, int first, int last, float bonus)
      : CustomOp(
            {"test.ops", "Scale", first, last, {{"x", mask_of(DType::kF32), 0}}, {{"y", mask_of(DType::kF32), 0}}}),
        knows_extents_(knows_extents),
        bonus_(bonus) {}
  Status infer_outputs(InferCtx& c) const override {
    SDX_RETURN_IF_ERROR(infer_types(c));
    return knows_extents_ ? c.copy(0, 0) : deferred();
  }
  Result<KernelPtr> make(const KernelQuery& q) const override {
    if (!q.has_attr("factor")) return fail(Code::kAttr, "attribute \"factor\" is missing");
    return KernelPtr(new Scale(q.attr_float("factor") + bonus_));
  }

 private:
  class Scale final : public Kernel {
   public:
    explicit Scale(float factor) : factor_(factor) {}
    Status run(RunCtx& r) const override {
      float* y = r.out<float>(0);
      if (!r.out_known(0)) {
        SDX_TRY(Tensor t, r.make_out(0, r.in_dims(0)));
        y = t.as<float>();
      }
      const float* x = r.in<float>(0);
      for (int64_t i = 0; i < r.in_count(0); ++i) y[i] = factor_ * x[i];
      return {};
    }

   private:
    float factor_;
  };
  bool knows_extents_;
  float bonus_;
};

// A node without outputs: counts its runs.
class CountOp final : public CustomOp {
 public:
  explicit CountOp(int* count) : CustomOp({"test.ops", "Count", 1, INT_MAX, {{"x", 0, 0}}, {}}), count_(count) {}
  Result<KernelPtr> make(const KernelQuery&) const override { return KernelPtr(new Count(count_)); }

 private:
  class Count final : public Kernel {
   public:
    explicit Count(int* count) : count_(count) {}
    Status run(RunCtx&) const override {
      ++*count_;
      return {};
    }

   private:
    int* count_;
  };
  int* count_;
};

Result<std::unique_ptr<Session>> open(std::string_view text, CustomOpList custom) {
  const CustomOpLookup lookup(ops(), custom);
  Model model;
  SDX_TRY(model.graph, parse_graph(text, lookup));
  SessionOptions options;
  options.custom_ops = std::move(custom);
  return Session::open(std::move(model), options);
}

std::vector<float> run(const Session& s, std::vector<float> x) {
  const int64_t n = static_cast<int64_t>(x.size());
  const Value in(*Tensor::of<float>(DType::kF32, Extents{n}, x));
  Value out;
  const Status status = s.run({&in, 1}, {&out, 1});
  EXPECT_TRUE(status.ok()) << status.to_string();
  if (!status.ok()) return {};
  return {out.tensor().as<float>(), out.tensor().as<float>() + out.tensor().count()};
}

constexpr std::string_view kModel =
    "g (float[N] x) => (float[N] y) { a = Add(x, 1.0)  b = test.ops.Scale <factor = 3.0> (a)  y = Neg(b) }";

TEST(CustomOp, RunsWithAndWithoutInference) {
  for (bool knows : {true, false}) {
    auto s = open(kModel, {std::make_shared<ScaleOp>(knows, 1, INT_MAX, 0.f)});
    ASSERT_TRUE(s.ok()) << s.status().to_string();
    EXPECT_EQ(run(**s, {0, 1}), (std::vector<float>{-3, -6}));
    EXPECT_EQ(run(**s, {2}), (std::vector<float>{-9}));
    EXPECT_EQ(run(**s, {}), (std::vector<float>{}));
  }
}

TEST(CustomOp, InputMayBeTheOutput) {
  for (bool knows : {true, false}) {
    auto s = open("g (float[N] x) => (float[N] y) { y = test.ops.Scale <factor = 2.0> (x) }",
                  {std::make_shared<ScaleOp>(knows, 1, INT_MAX, 0.f)});
    ASSERT_TRUE(s.ok()) << s.status().to_string();
    EXPECT_EQ(run(**s, {1, 2, 3}), (std::vector<float>{2, 4, 6}));
  }
}

TEST(CustomOp, VersionOfTheModelChooses) {
  const CustomOpList list = {std::make_shared<ScaleOp>(true, 1, 1, 0.f), std::make_shared<ScaleOp>(true, 2, 5, 10.f)};
  const auto with = [&](int version) {
    return open(cat("<opset_import: [\"\" : 21, \"test.ops\" : ", version, "]>\n", kModel), list);
  };
  auto one = with(1), four = with(4), six = with(6);
  ASSERT_TRUE(one.ok()) << one.status().to_string();
  ASSERT_TRUE(four.ok()) << four.status().to_string();
  EXPECT_EQ(run(**one, {0}), (std::vector<float>{-3}));
  EXPECT_EQ(run(**four, {0}), (std::vector<float>{-13}));
  EXPECT_EQ(six.status().code(), Code::kOpUnknown);
}

TEST(CustomOp, ErrorsNameTheNode) {
  auto missing = open(kModel, {});
  EXPECT_EQ(missing.status().to_string(),
            "SDX_E_OP_UNKNOWN Scale \"b\": domain \"test.ops\" has no operator \"Scale\". hint: if it is a custom "
            "operator, register the library that defines it before loading the model");
  auto no_factor = open("g (float[N] x) => (float[N] y) { y = test.ops.Scale(x) }",
                        {std::make_shared<ScaleOp>(true, 1, INT_MAX, 0.f)});
  EXPECT_EQ(no_factor.status().to_string(), "SDX_E_ATTR Scale \"y\": attribute \"factor\" is missing");
  auto type = open("g (double[N] x) => (float[N] y) { y = test.ops.Scale <factor = 1.0> (x) }",
                   {std::make_shared<ScaleOp>(true, 1, INT_MAX, 0.f)});
  EXPECT_EQ(type.status().code(), Code::kType) << type.status().to_string();
}

TEST(CustomOp, NodesWithoutOutputsRun) {
  int count = 0;
  const CustomOpList list = {std::make_shared<CountOp>(&count)};
  const CustomOpLookup lookup(ops(), list);
  Model model;
  model.graph = std::make_unique<Graph>(std::make_shared<SymbolTable>());
  Graph& g = *model.graph;
  const ValueId x = g.add_input("x", Fact::of(DType::kF32, {Dim(1)}));
  ASSERT_TRUE(g.add_node(lookup.find_for("test.ops", "Count", 1), "c", {x}, {}, {}).ok());
  g.outputs.push_back(x);
  SessionOptions options;
  options.custom_ops = list;
  auto s = Session::open(std::move(model), options);
  ASSERT_TRUE(s.ok()) << s.status().to_string();
  EXPECT_EQ(run(**s, {5}), (std::vector<float>{5}));
  EXPECT_EQ(count, 1);
}

TEST(CustomOp, WorksInBodies) {
  auto s = open(
      "g (float[N] x) => (y) { c = ReduceSum(x)  k = Greater(c, 0.0)  s = Squeeze(k)\n"
      "y = If <then_branch = a () => (t) { t = test.ops.Scale <factor = 2.0> (x) },"
      " else_branch = b () => (e) { e = Neg(x) }> (s) }",
      {std::make_shared<ScaleOp>(false, 1, INT_MAX, 0.f)});
  ASSERT_TRUE(s.ok()) << s.status().to_string();
  EXPECT_EQ(run(**s, {1, 2}), (std::vector<float>{2, 4}));
  EXPECT_EQ(run(**s, {-1, -2}), (std::vector<float>{1, 2}));
}

}  // namespace
}  // namespace sardonyx
