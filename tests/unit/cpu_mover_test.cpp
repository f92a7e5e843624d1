// Strided moves, copies and fills of every element width against element-by-element loops.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "cpu/common/element.h"
#include "cpu/common/mover.h"

namespace sardonyx {
namespace {

constexpr DType kTypes[] = {DType::kU2,  DType::kI4,  DType::kF4E2M1, DType::kBool,  DType::kF16,
                            DType::kF32, DType::kI64, DType::kC128,   DType::kString};

// Element i as a number that tells elements apart.
int64_t get(const Tensor& t, int64_t i) {
  if (t.dtype() == DType::kString) return std::stoll(t.strings()[static_cast<size_t>(i)]);
  if (dtype_bits(t.dtype()) == 2) return load_packed<2>(t.as<uint8_t>(), i);
  if (dtype_bits(t.dtype()) == 4) return load_packed<4>(t.as<uint8_t>(), i);
  uint16_t v = 0;
  const int64_t size = element_bytes(t.dtype());
  std::memcpy(&v, t.as<uint8_t>() + i * size, static_cast<size_t>(std::min<int64_t>(size, 2)));
  return v;
}

void set(const Tensor& t, int64_t i, int64_t v) {
  if (t.dtype() == DType::kString) {
    t.strings()[static_cast<size_t>(i)] = std::to_string(v);
  } else if (dtype_bits(t.dtype()) == 2) {
    store_packed<2>(t.as<uint8_t>(), i, static_cast<uint8_t>(v & 3));
  } else if (dtype_bits(t.dtype()) == 4) {
    store_packed<4>(t.as<uint8_t>(), i, static_cast<uint8_t>(v & 15));
  } else {
    const int64_t size = element_bytes(t.dtype());
    const uint64_t wide[2] = {static_cast<uint64_t>(v), ~static_cast<uint64_t>(v)};
    std::memcpy(t.as<uint8_t>() + i * size, wide, static_cast<size_t>(size));
  }
}

Tensor numbered(DType type, int64_t n, int64_t first) {
  Tensor t = Tensor::make(type, Extents{n}).value();
  for (int64_t i = 0; i < n; ++i) set(t, i, (first + i) % 251);
  return t;
}

void expect_same(const Tensor& got, const Tensor& want, int64_t n) {
  for (int64_t i = 0; i < n; ++i) ASSERT_EQ(get(got, i), get(want, i)) << dtype_name(got.dtype()) << " element " << i;
}

// A box inside a source of `dims`, permuted into a destination with room around it.
void check_box(DType type, std::mt19937& random) {
  const auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const size_t rank = static_cast<size_t>(pick(0, 5));
  Extents dims(rank), extents(rank), room(rank), src(rank), dst(rank);
  std::vector<size_t> perm(rank);
  for (size_t a = 0; a < rank; ++a) dims[a] = pick(1, 9), perm[a] = a;
  std::shuffle(perm.begin(), perm.end(), random);
  const Extents strides = dense_strides(dims);
  int64_t src_at = 0, dst_at = 0;
  for (size_t k = 0; k < rank; ++k) {
    const int64_t extent = dims[perm[k]], first = pick(0, extent - 1), step = pick(0, 3) == 0 ? -1 : 1;
    extents[k] = step > 0 ? pick(1, extent - first) : pick(1, first + 1);
    src[k] = strides[perm[k]] * step;
    src_at += first * strides[perm[k]];
    room[k] = extents[k] + pick(0, 2);
  }
  const Extents room_strides = dense_strides(room);
  for (size_t k = 0; k < rank; ++k) {
    dst[k] = room_strides[k];
    dst_at += pick(0, room[k] - extents[k]) * room_strides[k];
  }
  const int64_t n = elements(room);
  const Tensor in = numbered(type, elements(dims), 1), out = numbered(type, n, 100), want = numbered(type, n, 100);
  Extents at(rank, 0);
  for (int64_t i = 0; i < elements(extents); ++i) {
    int64_t from = src_at, to = dst_at, rest = i;
    for (size_t k = rank; k-- > 0;) {
      from += rest % extents[k] * src[k];
      to += rest % extents[k] * dst[k];
      rest /= extents[k];
    }
    set(want, to, get(in, from));
  }
  Mover m;
  ASSERT_TRUE(plan_mover(m, type, extents, src, dst, src_at, dst_at).ok());
  for (int64_t t = m.tasks; t-- > 0;) run_mover(m, in.data(), out.data(), t, t + 1);
  expect_same(out, want, n);
}

TEST(Mover, BoxesOfEveryType) {
  std::mt19937 random(7);
  for (DType type : kTypes)
    for (int k = 0; k < 200; ++k) ASSERT_NO_FATAL_FAILURE(check_box(type, random));
}

TEST(Mover, NothingToMove) {
  Mover m;
  ASSERT_TRUE(plan_mover(m, DType::kF32, Extents{3, 0}, Extents{1, 1}, Extents{1, 1}).ok());
  EXPECT_EQ(m.tasks, 0);
}

TEST(Mover, ManyAxes) {
  Extents dims(size_t{20}, 2), src = dense_strides(dims), dst = src;
  Mover m;
  EXPECT_TRUE(plan_mover(m, DType::kString, dims, src, dst).ok());  // all merge into one
  std::reverse(dst.begin(), dst.end());
  EXPECT_EQ(plan_mover(m, DType::kString, dims, src, dst).code(), Code::kShape);
  EXPECT_EQ(plan_mover(m, DType::kF32, dims, src, dst).code(), Code::kShape);
}

TEST(Element, CopyAndFillAnyRange) {
  for (DType type : kTypes) {
    const Tensor in = numbered(type, 40, 3), value = numbered(type, 1, 9);
    for (int64_t at = 0; at < 9; ++at) {
      for (int64_t n = 0; n < 20; ++n) {
        const Tensor out = numbered(type, 40, 50), want = numbered(type, 40, 50);
        for (int64_t i = 0; i < n; ++i) set(want, at + i, get(in, 5 + i));
        copy_elements(type, in.data(), 5, out.data(), at, n);
        ASSERT_NO_FATAL_FAILURE(expect_same(out, want, 40));
        for (int64_t i = 0; i < n; ++i) set(want, at + i, get(value, 0));
        fill_elements(type, out.data(), at, n, value.data());
        ASSERT_NO_FATAL_FAILURE(expect_same(out, want, 40));
      }
    }
  }
}

}  // namespace
}  // namespace sardonyx
