// A run with a cached plan into buffers of the caller's allocates nothing: neither operator new nor malloc and the
// like.
#include <gtest/gtest.h>
#include <sardonyx/sardonyx.h>

#include "exec/session.h"
#include "robust/memory_hooks.h"
#include "robust/small_models.h"
#include "tensor/tensor.h"

namespace sardonyx::testing {
namespace {

TEST(SteadyState, TheCounterCounts) {
  const int64_t before = allocations();
  ::operator delete(::operator new(8));
  EXPECT_EQ(allocations(), before + 1);
  ASSERT_TRUE(Buffer::heap(100).ok());  // aligned_alloc, and operator new for the object that counts references
  EXPECT_GE(allocations(), before + 3);
}

TEST(SteadyState, RunsAllocateNothing) {
  int steady = 0;
  for (const SmallModel& m : small_models()) {
    if (!m.steady) continue;
    ++steady;
    for (const int threads : {1, 2}) {
      SessionOptions options;
      options.threads = threads;
      BufferPtr bytes = *Buffer::heap(m.bytes.size());
      std::copy(m.bytes.begin(), m.bytes.end(), static_cast<char*>(bytes->data()));
      auto session = Session::open(bytes, options);
      ASSERT_TRUE(session.ok()) << session.status().to_string();
      std::vector<Value> outputs((*session)->outputs().size());
      ASSERT_TRUE((*session)->run(m.inputs, outputs).ok());
      for (Value& v : outputs) v = Value(*v.tensor().clone());
      for (int i = 0; i < 2; ++i) ASSERT_TRUE((*session)->run(m.inputs, outputs).ok());
      const int64_t before = allocations();
      for (int i = 0; i < 20; ++i) ASSERT_TRUE((*session)->run(m.inputs, outputs).ok());
      EXPECT_EQ(allocations(), before) << m.name << " with " << threads << " threads";
    }
  }
  EXPECT_GE(steady, 6);
}

TEST(SteadyState, RunsThroughTheCppInterfaceAllocateNothing) {
  const SmallModel m = small_models().front();
  sdx::Session session(m.bytes.data(), m.bytes.size());
  std::vector<sdx::Value> inputs, outputs(session.outputs().size());
  for (const Value& v : m.inputs) {
    ASSERT_TRUE(v.is_tensor());
    const Tensor& t = v.tensor();
    const sdx::Value::Shape shape(t.dims().begin(), t.dims().end());
    inputs.push_back(
        sdx::Value::borrow(static_cast<sdx::Type>(t.dtype()), shape, const_cast<void*>(t.data()), t.bytes()));
  }
  for (int i = 0; i < 3; ++i) session.run(inputs, outputs);
  const int64_t before = allocations();
  for (int i = 0; i < 20; ++i) session.run(inputs, outputs);
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace sardonyx::testing
