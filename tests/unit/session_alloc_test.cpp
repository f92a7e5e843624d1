// A run with a cached plan, into buffers of the caller's, does not allocate.
#include <gtest/gtest.h>

#include <algorithm>

#include "exec/session.h"
#include "unit/alloc_counter.h"

namespace sardonyx {
namespace {

TEST(SessionAllocation, RepeatedExtentsAllocateNothing) {
  const Result<std::unique_ptr<Session>> session = Session::open(SDX_SOURCE_DIR "/examples/digits/digits.onnx");
  ASSERT_TRUE(session.ok()) << session.status().to_string();
  for (int64_t batch : {1, 16}) {
    const Value input(*Tensor::make(DType::kF32, Extents{batch, 1, 8, 8}));
    std::fill_n(input.tensor().as<float>(), input.tensor().count(), 0.5f);
    Value output(*Tensor::make(DType::kF32, Extents{batch, 10}));
    const auto run = [&] { return (*session)->run({&input, 1}, {&output, 1}); };
    ASSERT_TRUE(run().ok());
    const int64_t before = testing::allocation_count();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(run().ok());
    EXPECT_EQ(testing::allocation_count(), before) << "batch " << batch;
  }
}

}  // namespace
}  // namespace sardonyx
