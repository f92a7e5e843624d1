#include "cpu/common/mover.h"

#include <algorithm>

#include "cpu/common/element.h"

namespace sardonyx {
namespace {

constexpr int64_t kBlockBytes = 64 * 1024;

// Axes without extents of 1 and with neighbours merged where both sides are contiguous to each other.
struct Axes {
  Extents extents, src, dst;
};

Axes merged(std::span<const int64_t> extents, std::span<const int64_t> src, std::span<const int64_t> dst) {
  Axes a;
  for (size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == 1) continue;
    if (!a.extents.empty() && a.src.back() == src[i] * extents[i] && a.dst.back() == dst[i] * extents[i]) {
      a.extents.back() *= extents[i];
      a.src.back() = src[i];
      a.dst.back() = dst[i];
    } else {
      a.extents.push_back(extents[i]);
      a.src.push_back(src[i]);
      a.dst.push_back(dst[i]);
    }
  }
  return a;
}

bool divisible(std::span<const int64_t> v, int64_t by) {
  return std::all_of(v.begin(), v.end(), [by](int64_t x) { return x % by == 0; });
}

// Packed elements that move in whole bytes: the same move in units of bytes.
bool to_bytes(Axes& a, int64_t per, int64_t& src_at, int64_t& dst_at) {
  if (a.extents.empty() || a.src.back() != 1 || a.dst.back() != 1 || src_at % per || dst_at % per) return false;
  const size_t last = a.extents.size() - 1;
  if (a.extents[last] % per || !divisible({a.src.data(), last}, per) || !divisible({a.dst.data(), last}, per))
    return false;
  a.extents[last] /= per;
  for (size_t i = 0; i < last; ++i) a.src[i] /= per, a.dst[i] /= per;
  src_at /= per, dst_at /= per;
  return true;
}

Status plan_slow(Mover& m, const Axes& a) {
  if (a.extents.size() > simd::kMaxMoveRank)
    return fail(Code::kShape, "the move has ", a.extents.size(), " axes, at most ", simd::kMaxMoveRank,
                " are supported");
  m.plan.rank = static_cast<int8_t>(a.extents.size());
  std::copy(a.extents.begin(), a.extents.end(), m.plan.extents);
  std::copy(a.src.begin(), a.src.end(), m.plan.src_strides);
  std::copy(a.dst.begin(), a.dst.end(), m.plan.dst_strides);
  const int64_t n = elements(a.extents), inner = a.extents.empty() ? 1 : a.extents.back();
  m.tasks = m.mode == Mover::Mode::kPacked ? 1 : n / inner;  // packed neighbours share bytes: one thread
  m.cost = static_cast<double>(n / m.tasks) * 4;
  return {};
}

// Calls line(src, dst, n, src_stride, dst_stride) for the innermost lines [begin, end).
template <class F>
void walk_lines(const simd::MovePlan& p, int64_t begin, int64_t end, F&& line) {
  const int last = p.rank - 1;
  for (int64_t t = begin; t < end; ++t) {
    int64_t src = 0, dst = 0, rest = t;
    for (int k = last - 1; k >= 0; --k) {
      const int64_t i = rest % p.extents[k];
      rest /= p.extents[k];
      src += i * p.src_strides[k];
      dst += i * p.dst_strides[k];
    }
    if (last < 0)
      line(src, dst, int64_t{1}, int64_t{0}, int64_t{0});
    else
      line(src, dst, p.extents[last], p.src_strides[last], p.dst_strides[last]);
  }
}

template <int Bits>
void move_packed(const Mover& m, const uint8_t* src, uint8_t* dst) {
  int64_t lines = 1;
  for (int k = 0; k + 1 < m.plan.rank; ++k) lines *= m.plan.extents[k];
  walk_lines(m.plan, 0, lines, [&](int64_t s, int64_t d, int64_t n, int64_t ss, int64_t ds) {
    for (int64_t i = 0; i < n; ++i)
      store_packed<Bits>(dst, m.dst_offset + d + i * ds, load_packed<Bits>(src, m.src_offset + s + i * ss));
  });
}

}  // namespace

Extents dense_strides(std::span<const int64_t> dims) {
  Extents s(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) s[i - 1] = s[i] * dims[i];
  return s;
}

Status plan_mover(Mover& m, DType type, std::span<const int64_t> extents, std::span<const int64_t> src_strides,
                  std::span<const int64_t> dst_strides, int64_t src_at, int64_t dst_at) {
  m = Mover{};
  if (elements(extents) == 0) return {};
  Axes a = merged(extents, src_strides, dst_strides);
  m.src_offset = src_at;
  m.dst_offset = dst_at;
  int64_t size = element_bytes(type);
  if (type == DType::kString) {
    m.mode = Mover::Mode::kStrings;
    return plan_slow(m, a);
  }
  if (is_packed(type)) {
    m.bits = static_cast<uint8_t>(dtype_bits(type));
    if (!to_bytes(a, 8 / m.bits, m.src_offset, m.dst_offset)) {
      m.mode = Mover::Mode::kPacked;
      return plan_slow(m, a);
    }
    size = 1;
  }
  m.src_offset *= size;
  m.dst_offset *= size;
  if (a.extents.empty() || (a.extents.size() == 1 && a.src[0] == 1 && a.dst[0] == 1)) {
    m.block_bytes = elements(a.extents) * size;
    m.tasks = (m.block_bytes + kBlockBytes - 1) / kBlockBytes;
    m.cost = static_cast<double>(std::min(m.block_bytes, kBlockBytes)) / 8;
    return {};
  }
  m.mode = Mover::Mode::kBytes;
  if (!simd::plan_move(m.plan, static_cast<int>(size), static_cast<int>(a.extents.size()), a.extents.data(),
                       a.src.data(), a.dst.data()))
    return fail(Code::kShape, "the move has ", a.extents.size(), " axes, at most ", simd::kMaxMoveRank,
                " are supported");
  m.tasks = m.plan.tasks;
  m.cost = static_cast<double>(m.plan.task_elements);
  return {};
}

void run_mover(const Mover& m, const void* src, void* dst, int64_t begin, int64_t end) {
  const uint8_t* s = static_cast<const uint8_t*>(src);
  uint8_t* d = static_cast<uint8_t*>(dst);
  if (begin >= end) return;
  switch (m.mode) {
    case Mover::Mode::kBlock: {
      const int64_t from = begin * kBlockBytes, to = std::min(end * kBlockBytes, m.block_bytes);
      std::memcpy(d + m.dst_offset + from, s + m.src_offset + from, static_cast<size_t>(to - from));
      return;
    }
    case Mover::Mode::kBytes: return simd::run_move(m.plan, s + m.src_offset, d + m.dst_offset, begin, end);
    case Mover::Mode::kStrings: {
      const std::string* from = static_cast<const std::string*>(src) + m.src_offset;
      std::string* to = static_cast<std::string*>(dst) + m.dst_offset;
      return walk_lines(m.plan, begin, end, [&](int64_t so, int64_t doff, int64_t n, int64_t ss, int64_t ds) {
        for (int64_t i = 0; i < n; ++i) to[doff + i * ds] = from[so + i * ss];
      });
    }
    case Mover::Mode::kPacked:
      if (m.bits == 4) return move_packed<4>(m, s, d);
      return move_packed<2>(m, s, d);
  }
}

}  // namespace sardonyx
