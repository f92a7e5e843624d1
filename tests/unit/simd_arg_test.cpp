#include <gtest/gtest.h>

#include "simd/reduce.h"
#include "simd_test_util.h"

namespace sardonyx::simd {
namespace {

const std::vector<DType> kTypes = {DType::kF32, DType::kF64, DType::kF16, DType::kBF16, DType::kI8,  DType::kU8,
                                   DType::kI16, DType::kU16, DType::kI32, DType::kU32,  DType::kI64, DType::kU64};

template <class T>
int64_t arg_reference(Arg op, const T* v, const std::vector<int64_t>& at) {
  const bool max = op == Arg::kMax || op == Arg::kMaxLast, last = op == Arg::kMaxLast || op == Arg::kMinLast;
  int64_t best = 0;
  for (size_t i = 1; i < at.size(); ++i) {
    const T a = v[at[i]], b = v[at[static_cast<size_t>(best)]];
    const bool a_nan = a != a, b_nan = b != b;
    const bool equal = a == b || (a_nan && b_nan);
    const bool better = a_nan ? !b_nan : !b_nan && (max ? a > b : a < b);
    if (better || (last && equal)) best = static_cast<int64_t>(i);
  }
  return best;
}

void check_arg(Target target, Arg op, DType t, int64_t rows, int64_t cols) {
  const std::vector<uint8_t> in = sample(t, rows * cols, static_cast<uint32_t>(cols), 3);
  std::vector<double> v;
  for (int64_t i = 0; i < rows * cols; ++i) v.push_back(value_at(t, in.data(), i));
  std::vector<uint64_t> u;
  if (!is_float(t)) {
    for (int64_t i = 0; i < rows * cols; ++i) u.push_back(int_at(t, in.data(), i));
  }
  const auto want = [&](const std::vector<int64_t>& at) {
    if (is_float(t)) return arg_reference(op, v.data(), at);
    if (is_signed_int(t)) return arg_reference(op, reinterpret_cast<const int64_t*>(u.data()), at);
    return arg_reference(op, u.data(), at);
  };
  const ArgFns f = arg_reduce_for(target, op, t);
  std::vector<int64_t> out(static_cast<size_t>(std::max(rows, cols)) + 1, -7);
  f.rows(in.data(), out.data(), rows, cols);
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<int64_t> at;
    for (int64_t c = 0; c < cols; ++c) at.push_back(r * cols + c);
    ASSERT_EQ(out[static_cast<size_t>(r)], want(at))
        << target_name(target) << dtype_name(t) << " op " << static_cast<int>(op) << ' ' << cols;
  }
  f.cols(in.data(), out.data(), rows, cols, cols);
  for (int64_t c = 0; c < cols; ++c) {
    std::vector<int64_t> at;
    for (int64_t r = 0; r < rows; ++r) at.push_back(r * cols + c);
    ASSERT_EQ(out[static_cast<size_t>(c)], want(at))
        << target_name(target) << dtype_name(t) << " op " << static_cast<int>(op);
  }
}

TEST(SimdArg, EveryTypeAndTarget) {
  for (Target target : targets_to_test()) {
    for (Arg op : {Arg::kMax, Arg::kMaxLast, Arg::kMin, Arg::kMinLast}) {
      for (DType t : kTypes) {
        for (int64_t cols : {1, 2, 3, 7, 8, 16, 17, 33, 64, 100, 257}) {
          check_arg(target, op, t, 5, cols);
          if (HasFatalFailure()) return;
        }
      }
    }
    // Equal elements: the first or the last.
    const std::vector<float> same(37, 2.5f);
    for (Arg op : {Arg::kMax, Arg::kMaxLast, Arg::kMin, Arg::kMinLast}) {
      int64_t at = -1;
      arg_reduce_for(target, op, DType::kF32).rows(same.data(), &at, 1, 37);
      EXPECT_EQ(at, op == Arg::kMaxLast || op == Arg::kMinLast ? 36 : 0);
    }
  }
}

}  // namespace
}  // namespace sardonyx::simd
