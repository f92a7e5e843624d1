// Channels-last convolutions, one thread: GFLOP/s per layer and target.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>

#include "aligned.h"
#include "simd/conv.h"
#include "simd/winograd.h"

namespace sardonyx::simd {
namespace {

struct Layer {
  const char* name;
  int64_t in_channels, out_channels, groups, hw, kernel, stride;
  bool transposed = false;
};

constexpr Layer kLayers[] = {
    {"resnet_stem_7x7s2_3_64", 3, 64, 1, 224, 7, 2},    {"resnet_3x3_56_64", 64, 64, 1, 56, 3, 1},
    {"resnet_3x3_28_128", 128, 128, 1, 28, 3, 1},       {"resnet_3x3_14_256", 256, 256, 1, 14, 3, 1},
    {"resnet_3x3_7_512", 512, 512, 1, 7, 3, 1},         {"resnet_3x3s2_56_128", 128, 128, 1, 56, 3, 2},
    {"resnet_1x1_56_64_256", 64, 256, 1, 56, 1, 1},     {"resnet_1x1_56_256_64", 256, 64, 1, 56, 1, 1},
    {"resnet_1x1_14_1024_256", 1024, 256, 1, 14, 1, 1}, {"resnet_1x1_7_512_2048", 512, 2048, 1, 7, 1, 1},
    {"resnet_1x1s2_56_256_512", 256, 512, 1, 56, 1, 2}, {"mobilenet_stem_3x3s2_3_32", 3, 32, 1, 224, 3, 2},
    {"dw_3x3_112_32", 32, 32, 32, 112, 3, 1},           {"dw_3x3s2_112_64", 64, 64, 64, 112, 3, 2},
    {"dw_3x3_14_384", 384, 384, 384, 14, 3, 1},         {"dw_5x5_14_480", 480, 480, 480, 14, 5, 1},
    {"dw_3x3_7_960", 960, 960, 960, 7, 3, 1},           {"grouped_3x3_56_128_32", 128, 128, 32, 56, 3, 1},
    {"grouped_3x3_14_512_32", 512, 512, 32, 14, 3, 1},  {"yolo_3x3_20_128", 128, 128, 1, 20, 3, 1},
    {"unet_3x3_128_32", 32, 32, 1, 128, 3, 1},          {"up_2x2s2_28_128_64", 128, 64, 1, 28, 2, 2, true},
    {"up_4x4s2_28_128_64", 128, 64, 1, 28, 4, 2, true},
};

void run_layer(benchmark::State& state, const ConvTable& f, Layer l) {
  ConvArgs c;
  c.groups = l.groups, c.in_channels = l.in_channels, c.out_channels = l.out_channels;
  c.transposed = l.transposed;
  for (int i = 1; i < 3; ++i) {
    c.in[i] = l.hw, c.kernel[i] = l.kernel, c.stride[i] = l.stride, c.pad_begin[i] = (l.kernel - 1) / 2;
    c.out[i] = l.transposed ? l.hw * l.stride : (l.hw + l.stride - 1) / l.stride;
  }
  c.x_ld = c.in_channels, c.y_ld = c.out_channels;
  const int64_t out = c.out[1] * c.out[2], taps = l.kernel * l.kernel;
  const int64_t weights = c.in_channels * c.out_channels / c.groups * taps;
  AlignedFloats x(l.hw * l.hw * c.in_channels, 0.5f), w(weights, 0.25f), y(out * c.out_channels, 0);
  AlignedFloats bias(c.out_channels, 1),
      packed(static_cast<int64_t>(conv_packed_weight_bytes(f, c) / sizeof(float)), 0);
  conv_pack_weights(f, c, w.data(), 0, conv_pack_tasks(f, c), packed.data());
  c.x = x.data(), c.y = y.data(), c.packed_w = packed.data(), c.ep.col_bias = bias.data(), c.ep.act = Act::kRelu;
  AlignedFloats scratch(static_cast<int64_t>(conv_scratch_bytes(f, c) / sizeof(float)), 0);
  const int64_t tasks = conv_tasks(f, c);
  for (auto _ : state) {
    conv_run(f, c, 0, tasks, scratch.data());
    benchmark::ClobberMemory();
  }
  const double macs = static_cast<double>(weights) * static_cast<double>(l.transposed ? l.hw * l.hw : out);
  state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * macs, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tasks"] = static_cast<double>(tasks);
}

constexpr Layer kWinogradLayers[] = {
    {"56_64", 64, 64, 1, 56, 3, 1},      {"28_128", 128, 128, 1, 28, 3, 1},   {"14_256", 256, 256, 1, 14, 3, 1},
    {"7_512", 512, 512, 1, 7, 3, 1},     {"224_64", 64, 64, 1, 224, 3, 1},    {"112_128", 128, 128, 1, 112, 3, 1},
    {"28_512", 512, 512, 1, 28, 3, 1},   {"55_16_64", 16, 64, 1, 55, 3, 1},   {"27_32_128", 32, 128, 1, 27, 3, 1},
    {"13_64_256", 64, 256, 1, 13, 3, 1}, {"56_128_32", 128, 32, 1, 56, 3, 1}, {"14_128_32", 128, 32, 1, 14, 3, 1},
    {"14_96_208", 96, 208, 1, 14, 3, 1}, {"128_32", 32, 32, 1, 128, 3, 1},
};

// tile 0: the same convolution directly. GFLOP/s count the products of the direct form.
void run_winograd(benchmark::State& state, Layer l, int tile) {
  const ConvTable& f = conv();
  ConvArgs c;
  c.in_channels = c.x_ld = l.in_channels, c.out_channels = c.y_ld = l.out_channels;
  for (int i = 1; i < 3; ++i) c.in[i] = c.out[i] = l.hw, c.kernel[i] = 3, c.pad_begin[i] = 1;
  const int64_t pixels = l.hw * l.hw, weights = 9 * l.in_channels * l.out_channels;
  AlignedFloats x(pixels * c.x_ld, 0.5f), w(weights, 0.25f), y(pixels * c.y_ld, 0), bias(c.out_channels, 1);
  const size_t bytes = tile ? winograd_packed_weight_bytes(f, c, tile) : conv_packed_weight_bytes(f, c);
  AlignedFloats packed(static_cast<int64_t>(bytes / sizeof(float)), 0);
  if (tile) {
    winograd_pack_weights(f, c, tile, w.data(), 0, winograd_pack_tasks(f, c), packed.data());
  } else {
    conv_pack_weights(f, c, w.data(), 0, conv_pack_tasks(f, c), packed.data());
  }
  c.x = x.data(), c.y = y.data(), c.packed_w = packed.data(), c.ep.col_bias = bias.data(), c.ep.act = Act::kRelu;
  const WinogradPlan p = plan_winograd(f, c, tile ? tile : 2);
  AlignedFloats shared(static_cast<int64_t>(p.shared_bytes / sizeof(float)), 0);
  const size_t own = std::max(p.thread_bytes, conv_scratch_bytes(f, c));
  AlignedFloats scratch(static_cast<int64_t>(own / sizeof(float)), 0);
  for (auto _ : state) {
    if (tile) {
      winograd_transform(f, c, p, 0, p.transform_tasks, shared.data());
      winograd_run(f, c, p, 0, p.tasks, shared.data(), scratch.data());
    } else {
      conv_run(f, c, 0, conv_tasks(f, c), scratch.data());
    }
    benchmark::ClobberMemory();
  }
  const double flops = 2e-9 * static_cast<double>(weights) * static_cast<double>(pixels);
  state.counters["GFLOP/s"] = benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["tasks"] = static_cast<double>(p.tasks);
  state.counters["chosen"] = choose_winograd(f, c).tile == tile;
}

const int kRegistered = [] {
  for (const Layer& l : kWinogradLayers) {
    for (int tile : {0, 2, 4}) {
      const std::string name = "winograd/" + std::string(l.name) + "/F" + std::to_string(tile);
      benchmark::RegisterBenchmark(name.c_str(), [l, tile](benchmark::State& st) { run_winograd(st, l, tile); });
    }
  }
  for (Target t : compiled_targets()) {
    const ConvTable* f = conv_for(t);
    if (!f || !cpu_runs(t) || t == Target::kScalar) continue;
    for (const Layer& l : kLayers) {
      const std::string name = "conv/" + std::string(target_name(t)) + "/" + l.name;
      benchmark::RegisterBenchmark(name.c_str(), [f, l](benchmark::State& st) { run_layer(st, *f, l); });
    }
  }
  return 0;
}();

}  // namespace
}  // namespace sardonyx::simd
