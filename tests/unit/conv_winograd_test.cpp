// The kernel cpu/winograd in a session: which convolutions it takes, and that they agree with the unoptimised ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "exec/session.h"
#include "ir/text_reader.h"
#include "ops/table.h"
#include "simd/choose.h"

namespace sardonyx {
namespace {

std::unique_ptr<Session> open(std::string_view text, OptLevel level, int threads) {
  std::vector<std::string> output_names;
  ParseOptions parse;
  parse.output_names = &output_names;
  auto graph = parse_graph(text, ops(), parse);
  EXPECT_TRUE(graph.ok()) << graph.status().to_string();
  if (!graph.ok()) return nullptr;
  Model model;
  for (ValueId v : (*graph)->inputs) model.inputs.emplace_back().name = (*graph)->value(v).name;
  for (std::string& name : output_names) model.outputs.emplace_back().name = std::move(name);
  model.graph = std::move(*graph);
  SessionOptions options;
  options.level = level;
  options.threads = threads;
  auto session = Session::open(std::move(model), options);
  EXPECT_TRUE(session.ok()) << session.status().to_string();
  return session.ok() ? std::move(*session) : nullptr;
}

// The variant of the kernel of each convolution.
std::string variants(const Session& s) {
  std::string out;
  for (const Step& step : s.executor().program().steps) {
    if (step.kernel && s.executor().graph().node(step.node).op->name == "Conv")
      out += (out.empty() ? "" : " ") + std::string(step.variant);
  }
  return out;
}

std::vector<float> run(const Session& s, int64_t batch) {
  std::vector<float> x(static_cast<size_t>(batch * 32 * 20 * 22));
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i) * 0.37f);
  const int64_t dims[] = {batch, 32, 20, 22};
  auto in = Tensor::of<float>(DType::kF32, dims, x);
  EXPECT_TRUE(in.ok());
  auto out = s.run({{"x", Value(*in)}});
  EXPECT_TRUE(out.ok()) << out.status().to_string();
  if (!out.ok()) return {};
  const Tensor& y = (*out)[0].tensor();
  return {y.as<float>(), y.as<float>() + y.count()};
}

// Two convolutions, the second with a sum and an activation behind it; the third is not Winograd's.
constexpr std::string_view kNet = R"(g (float[n,32,20,22] x) => (y) {
  r = Range(0.0, 9216.0, 1.0)
  s = Sin(r)
  w = Reshape(s, [32,32,3,3])
  a = Conv<pads = [1,1,1,1]>(x, w)
  b = Relu(a)
  c = Conv<pads = [1,1,1,1]>(b, w)
  d = Add(c, b)
  e = Relu(d)
  y = Conv<pads = [1,1,1,1], strides = [2,2]>(e, w)
})";

TEST(ConvWinograd, AgreesWithPlainConvolutionsOnEveryThreadCount) {
  const auto plain = open(kNet, OptLevel::kDisableAll, 1);
  ASSERT_NE(plain, nullptr);
  EXPECT_EQ(variants(*plain), "f32 f32 f32");
  for (int64_t batch : {1, 3}) {
    const std::vector<float> want = run(*plain, batch);
    double largest = 0;
    for (float v : want) largest = std::max(largest, std::fabs(static_cast<double>(v)));
    std::vector<float> first;
    for (int threads : {1, 2, 3}) {
      const auto s = open(kNet, OptLevel::kAll, threads);
      ASSERT_NE(s, nullptr);
      if (simd::best_target() != simd::Target::kScalar) {
        EXPECT_EQ(variants(*s).find("winograd winograd "), 0u) << variants(*s);
        EXPECT_EQ(variants(*s).rfind("winograd"), 9u) << variants(*s);
      }
      const std::vector<float> y = run(*s, batch);
      ASSERT_EQ(y.size(), want.size());
      for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], want[i], 2e-5 * largest) << i;
      if (first.empty()) first = y;
      EXPECT_EQ(y, first) << "with " << threads << " threads";
    }
  }
}

TEST(ConvWinograd, OpenPicturesAndComputedWeightsStayDirect) {
  const auto open_picture = open(R"(g (float[n,16,h,w] x) => (y) {
    f = ConstantOfShape([16,16,3,3])
    y = Conv(x, f)
  })",
                                 OptLevel::kAll, 1);
  ASSERT_NE(open_picture, nullptr);
  EXPECT_EQ(variants(*open_picture).find("winograd"), std::string::npos);
  const auto computed =
      open("g (float[1,16,30,30] x, float[16,16,3,3] f) => (y) { y = Conv(x, f) }", OptLevel::kAll, 1);
  ASSERT_NE(computed, nullptr);
  EXPECT_EQ(variants(*computed).find("winograd"), std::string::npos);
}

}  // namespace
}  // namespace sardonyx
