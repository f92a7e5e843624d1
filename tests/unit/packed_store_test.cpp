// Which packed weights are shared, and that a mapped file is told apart from its successor.
#include "exec/packed_store.h"

#include <gtest/gtest.h>

#include <cstring>

#include "onnx/mapped_file.h"
#include "onnx_test_util.h"

namespace sardonyx {
namespace {

constexpr int64_t kDims[] = {8192};
constexpr size_t kBytes = 8192 * sizeof(float);

Tensor filled(float v) {
  Tensor t = *Tensor::make(DType::kF32, kDims);
  std::fill_n(t.as<float>(), t.count(), v);
  return t;
}

struct Packer {
  BufferPtr operator()(const Tensor& t, std::string_view layout = "copy") {
    return *packed_store().get(t, layout, t.bytes(), [&](void* dst) {
      ++packed;
      std::memcpy(dst, t.data(), t.bytes());
    });
  }
  int packed = 0;
};

TEST(PackedStore, EqualContentsInAnEqualLayoutAreShared) {
  Packer pack;
  const BufferPtr a = pack(filled(1)), b = pack(filled(1));
  EXPECT_EQ(a, b);
  EXPECT_EQ(pack.packed, 1);
  EXPECT_NE(pack(filled(2)), a);
  EXPECT_NE(pack(filled(1), "other layout"), a);
}

TEST(PackedStore, NothingIsKeptWithoutAHolder) {
  Packer pack;
  pack(filled(3));
  pack(filled(3));
  EXPECT_EQ(pack.packed, 2);
}

// What two threads do that open the same weights at once.
TEST(PackedStore, WhoeverIsSecondToFinishTakesWhatIsThere) {
  Packer other;
  const Tensor weights = filled(4);
  BufferPtr first;
  const BufferPtr second =
      *packed_store().get(weights, "copy", weights.bytes(), [&](void*) { first = other(weights); });
  EXPECT_EQ(other.packed, 1);
  EXPECT_EQ(second, first);
}

TEST(PackedStore, AMappedFileIsSharedUntilItChanges) {
  testing::TemporaryFolder folder;
  const Tensor one = filled(1), two = filled(2);
  const auto bytes_of = [](const Tensor& t) { return std::string_view(t.as<char>(), t.bytes()); };
  const std::string path = folder.write("weights", bytes_of(one));
  Packer pack;
  const BufferPtr first = *map_file(path);
  const BufferPtr a = pack(Tensor(DType::kF32, kDims, first));
  EXPECT_EQ(*map_file(path), first);
  EXPECT_EQ(pack(Tensor(DType::kF32, kDims, *map_file(path))), a);
  EXPECT_EQ(pack.packed, 1);
  EXPECT_EQ(std::memcmp(first->data(), one.data(), kBytes), 0) << "dropped pages read as before";

  folder.write("next", bytes_of(two));
  ASSERT_EQ(std::rename((folder.path() + "/next").c_str(), path.c_str()), 0);
  const BufferPtr second = *map_file(path);
  EXPECT_NE(second, first);
  const BufferPtr b = pack(Tensor(DType::kF32, kDims, second));
  EXPECT_NE(b, a);
  EXPECT_EQ(static_cast<const float*>(b->data())[0], 2);
}

}  // namespace
}  // namespace sardonyx
