#include "cpu/common/activation.h"

namespace sardonyx {

namespace {

struct Named {
  std::string_view name;
  simd::Act act;
};
constexpr Named kActs[] = {{"", simd::Act::kNone},
                           {"Relu", simd::Act::kRelu},
                           {"Clip", simd::Act::kClip},
                           {"LeakyRelu", simd::Act::kLeakyRelu},
                           {"Sigmoid", simd::Act::kSigmoid},
                           {"Tanh", simd::Act::kTanh},
                           {"Silu", simd::Act::kSilu},
                           {"Gelu", simd::Act::kGeluErf},
                           {"GeluTanh", simd::Act::kGeluTanh},
                           {"HardSwish", simd::Act::kHardSwish},
                           {"HardSigmoid", simd::Act::kHardSigmoid}};

}  // namespace

std::optional<simd::Act> act_of(const KernelQuery& q) {
  const std::string name = q.attr_string("activation");
  for (const Named& n : kActs)
    if (n.name == name) return n.act;
  return std::nullopt;
}

}  // namespace sardonyx
