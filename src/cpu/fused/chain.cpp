// ai.sardonyx.Chain in every float type: each block of the output is taken through all steps while it is in the cache.
#include "ops/fused/chain.h"

#include <algorithm>
#include <atomic>

#include "cpu/math/broadcast.h"
#include "kernel/kernel.h"
#include "simd/cast.h"
#include "simd/eltwise_binary.h"
#include "simd/eltwise_unary.h"

namespace sardonyx {
namespace {

using simd::Binary;
using simd::Unary;

constexpr int64_t kBlock = 4096;  // elements taken through the steps at a time

struct BinaryName {
  std::string_view name;
  Binary op;
};
constexpr BinaryName kBinary[] = {{"Add", Binary::kAdd}, {"Sub", Binary::kSub}, {"Mul", Binary::kMul},
                                  {"Div", Binary::kDiv}, {"Pow", Binary::kPow}, {"PRelu", Binary::kPRelu}};
struct UnaryName {
  std::string_view name;
  Unary op;
  double cost;
};
constexpr UnaryName kUnary[] = {{"Relu", Unary::kRelu, 1},
                                {"LeakyRelu", Unary::kLeakyRelu, 1},
                                {"Elu", Unary::kElu, 6},
                                {"Swish", Unary::kSwish, 6},
                                {"HardSigmoid", Unary::kHardSigmoid, 1},
                                {"HardSwish", Unary::kHardSwish, 1},
                                {"Sigmoid", Unary::kSigmoid, 6},
                                {"Tanh", Unary::kTanh, 6},
                                {"Gelu", Unary::kGeluErf, 8},
                                {"GeluTanh", Unary::kGeluTanh, 8},
                                {"Mish", Unary::kMish, 8},
                                {"Softplus", Unary::kSoftplus, 6},
                                {"Erf", Unary::kErf, 6},
                                {"Exp", Unary::kExp, 6},
                                {"Log", Unary::kLog, 6},
                                {"Sqrt", Unary::kSqrt, 2},
                                {"Reciprocal", Unary::kReciprocal, 2},
                                {"Abs", Unary::kAbs, 1},
                                {"Neg", Unary::kNeg, 1},
                                {"Floor", Unary::kFloor, 1},
                                {"Ceil", Unary::kCeil, 1},
                                {"Round", Unary::kRound, 1},
                                {"Sin", Unary::kSin, 6},
                                {"Cos", Unary::kCos, 6}};

// One step: a unary function, or a binary one by which operand is a single element.
struct Step {
  simd::UnaryFn unary = nullptr;
  simd::BinaryFn binary[simd::kFormCount] = {};
  simd::UnaryParams params;
  int a = 0, b = 0;                     // operands of a binary step; 3: the number below
  alignas(8) std::byte number[8] = {};  // of Clip, in the element type
};

class Chain final : public Kernel {
 public:
  Chain(std::span<const ChainStep> steps, DType type) : size_(dtype_bits(type) / 8), type_(type) {
    for (const ChainStep& s : steps) {
      if (s.op == "Clip") {
        add_limit(Binary::kMax, s.p0);
        add_limit(Binary::kMin, s.p1);
        continue;
      }
      Step step;
      for (const UnaryName& u : kUnary)
        if (u.name == s.op) step.unary = simd::unary(u.op, type), cost_ += u.cost;
      for (const BinaryName& u : kBinary)
        if (u.name == s.op) set_forms(step, u.op), cost_ += 1;
      step.params = {static_cast<double>(s.p0), static_cast<double>(s.p1)};
      step.a = s.a, step.b = s.b;
      steps_.push_back(step);
    }
  }

  Status prepare(PrepareCtx& c) const override {
    BroadcastPlan& plan = c.work<BroadcastPlan>();
    SmallVec<std::span<const int64_t>, 3> dims;
    for (int i = 0; i < c.inputs(); ++i)
      dims.push_back(c.has(i) ? std::span<const int64_t>(c.in_dims(i)) : std::span<const int64_t>());
    SDX_RETURN_IF_ERROR(plan_broadcast(plan, dims, c.out_dims(0)));
    c.tasks(plan.tasks(), static_cast<double>(plan.piece) * cost_);
    // A and B are read after v has begun to overwrite X, so they must not be other views of its bytes.
    bool separate = true;
    for (int i = 1; i < c.inputs(); ++i) separate = separate && (!c.has(i) || c.in_count(i) != c.out_count(0));
    if (separate) c.may_reuse(0, 0);
    return {};
  }

  Status run(RunCtx& c) const override {
    const BroadcastPlan& plan = c.work<BroadcastPlan>();
    const std::byte* in[3] = {c.in<std::byte>(0), c.in<std::byte>(1), c.in<std::byte>(2)};
    std::byte* out = c.out<std::byte>(0);
    std::atomic<bool> stopped = false;  // a chain may take most of a run, so it looks at the flag itself
    c.parallel([&](Range r, int) {
      plan.for_each(r, [&](const int64_t* at, int64_t o, int64_t n) {
        for (int64_t i = 0; i < n; i += kBlock) {
          if (c.cancelled()) stopped.store(true, std::memory_order_relaxed);
          if (stopped.load(std::memory_order_relaxed)) return;
          const std::byte* from[3] = {};
          for (int k = 0; k < plan.inputs; ++k)
            if (in[k] != nullptr) from[k] = in[k] + (at[k] + (plan.scalar[k] ? 0 : i)) * size_;
          block(from, plan.scalar, out + (o + i) * size_, std::min(kBlock, n - i));
        }
      });
    });
    if (stopped.load()) return fail(Code::kCancelled, "the run was stopped by its caller");
    return {};
  }

 private:
  void set_forms(Step& step, Binary op) const {
    for (int f = 0; f < simd::kFormCount; ++f) step.binary[f] = simd::binary(op, type_, static_cast<simd::Form>(f));
  }
  void add_limit(Binary op, float limit) {
    Step step;
    set_forms(step, op);
    step.a = 0, step.b = 3;
    simd::cast(DType::kF32, type_)(&limit, step.number, 1, {});
    cost_ += 1;
    steps_.push_back(step);
  }

  // v is X's block first, and then lives in the output's.
  void block(const std::byte* const* in, const bool* scalar, std::byte* out, int64_t n) const {
    const std::byte* v = in[0];
    for (const Step& s : steps_) {
      if (s.unary != nullptr) {
        s.unary(v, out, n, s.params);
      } else {
        const auto pointer = [&](int i) { return i == 0 ? v : i == 3 ? s.number : in[i]; };
        const auto single = [&](int i) { return i == 3 || (i != 0 && scalar[i]); };
        const bool left = single(s.a), right = single(s.b) && !left;
        const simd::Form form = left ? simd::Form::kSV : right ? simd::Form::kVS : simd::Form::kVV;
        s.binary[static_cast<int>(form)](pointer(s.a), pointer(s.b), out, n);
      }
      v = out;
    }
  }

  int64_t size_;
  DType type_;
  double cost_ = 0;
  std::vector<Step> steps_;
};

Reason refuse(const KernelQuery& q) {
  const Attr* a = q.attr("steps");
  auto steps = parse_chain(a->strings);
  if (!steps.ok()) return "a step cannot be read";
  for (const ChainStep& s : *steps)
    if (s.op == "Pow" && q.dtype(0) != DType::kF32 && q.dtype(0) != DType::kF64) return "a power of half precision";
  return simd::unary(Unary::kRelu, q.dtype(0)) ? kAccept : Reason("this element type has no vector code");
}

Result<KernelPtr> make(const KernelQuery& q) {
  SDX_TRY(const std::vector<ChainStep> steps, parse_chain(q.attr("steps")->strings));
  return KernelPtr(new Chain(steps, q.dtype(0)));
}

}  // namespace

SDX_KERNEL(cpu, sdx_Chain, any) = {.priority = 10, .refuse = refuse, .make = make};

}  // namespace sardonyx
