// NonMaxSuppression: per batch and class, the best-scored boxes of which none overlaps a better one too much.
#include <algorithm>

#include "cpu/common/give.h"
#include "simd/overlap.h"

namespace sardonyx {
namespace {

using simd::Box;

Box corner_box(const float* p) {
  Box b{std::min(p[0], p[2]), std::min(p[1], p[3]), std::max(p[0], p[2]), std::max(p[1], p[3]), 0};
  b.area = (b.y2 - b.y1) * (b.x2 - b.x1);
  return b;
}
Box center_box(const float* p) {
  const float w = p[2] / 2, h = p[3] / 2;
  Box b{p[1] - h, p[0] - w, p[1] + h, p[0] + w, 0};
  b.area = (b.y2 - b.y1) * (b.x2 - b.x1);
  return b;
}

struct Limits {
  int64_t most = 0;
  float iou = 0, score = 0;
  bool has_score = false;
};

// The boxes kept so far, one array per coordinate.
class KeptBoxes {
 public:
  explicit KeptBoxes(int64_t most) : most_(most), data_(static_cast<size_t>(5 * most)) {}
  void add(const Box& b) {
    const float c[] = {b.y1, b.x1, b.y2, b.x2, b.area};
    for (int64_t i = 0; i < 5; ++i) data_[static_cast<size_t>(i * most_ + count_)] = c[i];
    ++count_;
  }
  bool overlap(const Box& b, float threshold) const { return table_.any({data_.data(), most_, count_}, b, threshold); }

 private:
  int64_t most_, count_ = 0;
  std::vector<float> data_;
  const simd::OverlapTable& table_ = simd::overlap();
};

// Indices of the boxes kept for one class, best first; equal scores keep the order of the boxes.
std::vector<int64_t> select(const Box* boxes, const float* scores, int64_t n, const Limits& limits) {
  std::vector<int64_t> heap, kept;
  for (int64_t i = 0; i < n; ++i)
    if (limits.has_score ? scores[i] > limits.score : scores[i] == scores[i]) heap.push_back(i);
  const auto worse = [scores](int64_t a, int64_t b) {
    return scores[a] < scores[b] || (scores[a] == scores[b] && a > b);
  };
  KeptBoxes boxes_kept(std::clamp<int64_t>(limits.most, 0, static_cast<int64_t>(heap.size())));
  std::make_heap(heap.begin(), heap.end(), worse);
  while (!heap.empty() && static_cast<int64_t>(kept.size()) < limits.most) {
    std::pop_heap(heap.begin(), heap.end(), worse);
    const int64_t i = heap.back();
    heap.pop_back();
    if (boxes_kept.overlap(boxes[i], limits.iou)) continue;
    kept.push_back(i);
    boxes_kept.add(boxes[i]);
  }
  return kept;
}

class NonMaxSuppression final : public Kernel {
 public:
  explicit NonMaxSuppression(const KernelQuery& q) : center_(q.attr_int("center_point_box") != 0) {}

  Status prepare(PrepareCtx& c) const override {
    const Extents &boxes = c.in_dims(0), &scores = c.in_dims(1);
    c.scratch(static_cast<size_t>(boxes[0] * boxes[1]) * sizeof(Box));
    c.tasks(scores[0] * scores[1], static_cast<double>(boxes[1]) * 40);
    return {};
  }

  Status run(RunCtx& c) const override {
    const int64_t count = c.in_dims(0)[1], classes = c.in_dims(1)[1], batches = c.in_dims(1)[0];
    Limits limits;
    if (c.has(2)) limits.most = *c.in<int64_t>(2);
    if (c.has(3)) limits.iou = *c.in<float>(3);
    if ((limits.has_score = c.has(4))) limits.score = *c.in<float>(4);
    if (!(limits.iou >= 0 && limits.iou <= 1))
      return fail(Code::kRange, "iou_threshold is ", limits.iou, ", outside [0,1]");

    Box* boxes = reinterpret_cast<Box*>(c.scratch());
    for (int64_t i = 0; i < batches * count; ++i) {
      const float* p = c.in<float>(0) + i * 4;
      boxes[i] = center_ ? center_box(p) : corner_box(p);
    }
    std::vector<std::vector<int64_t>> kept(static_cast<size_t>(batches * classes));
    c.parallel([&](Range r, int) {
      for (int64_t t = r.begin; t < r.end; ++t)
        kept[static_cast<size_t>(t)] = select(boxes + t / classes * count, c.in<float>(1) + t * count, count, limits);
    });
    int64_t total = 0;
    for (const auto& k : kept) total += static_cast<int64_t>(k.size());
    SDX_TRY(const Tensor out, open_out(c, 0, Extents{total, 3}));
    int64_t* to = out.as<int64_t>();
    for (int64_t t = 0; t < batches * classes; ++t) {
      for (int64_t i : kept[static_cast<size_t>(t)]) {
        *to++ = t / classes;
        *to++ = t % classes;
        *to++ = i;
      }
    }
    return {};
  }

 private:
  bool center_;
};

}  // namespace

SDX_KERNEL(cpu, NonMaxSuppression, f32) = {.make = make_kernel<NonMaxSuppression>};

}  // namespace sardonyx
