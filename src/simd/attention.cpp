#include "simd/attention.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "simd/gemm_kernel.h"
#include "simd/softmax.h"

namespace sardonyx::simd {

namespace {

constexpr int64_t kKeyBlock = 512;  // keys per pass: a strip of scores stays in L1, packed keys and values in L2
constexpr int64_t kKeysAtOnce = 768;
constexpr int64_t kMostRows = 256, kLeastRows = 56;  // queries per task
constexpr int64_t kWantedTasks = 16;
constexpr int64_t kAlignFloats = 16;
constexpr float kInf = std::numeric_limits<float>::infinity();

int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
int64_t round_up(int64_t a, int64_t b) { return div_up(a, b) * b; }

// How the work is cut; depends on the extents only. Rows are the queries of all heads that share a key head.
struct Cut {
  int64_t rows, parts, most_rows;  // rows in `parts` nearly equal tasks
  int64_t keys;                    // per block
  bool dot;                        // few rows: keys and values are read in place
};

Cut cut_of(const GemmTable& f, const AttentionArgs& a) {
  Cut c{};
  c.rows = a.q_heads / std::max<int64_t>(1, a.kv_heads) * a.q_length;
  int64_t rows = kMostRows;
  while (rows > kLeastRows && a.batch * a.kv_heads * div_up(c.rows, rows) < kWantedTasks) rows /= 2;
  c.parts = std::max<int64_t>(1, div_up(c.rows, std::max<int64_t>(rows, f.mr)));
  c.most_rows = div_up(c.rows, c.parts);
  c.keys = std::max<int64_t>(1, a.kv_length <= kKeysAtOnce ? a.kv_length : kKeyBlock);
  c.dot = c.most_rows <= kDotRows;
  return c;
}

// The parts of one thread's scratch, in floats.
struct Layout {
  int64_t q, keys, values, scores, mask, sums, state, total;
  int64_t score_stride;
};

int64_t packed_floats(const GemmTable& f, int64_t k, int64_t n) {
  return static_cast<int64_t>(gemm_packed_b_bytes(f, k, n) / sizeof(float));
}

Layout layout_of(const GemmTable& f, const AttentionArgs& a, const Cut& c) {
  Layout l{};
  const auto take = [&](int64_t floats) {
    const int64_t at = l.total;
    l.total += round_up(floats, kAlignFloats);
    return at;
  };
  l.score_stride = round_up(c.keys, kAlignFloats);
  l.q = take(c.most_rows * a.qk_size);
  l.keys = take(c.dot ? 0 : packed_floats(f, a.qk_size, c.keys));
  l.values = take(packed_floats(f, c.keys, a.v_size));
  l.scores = take(std::min<int64_t>(f.mr, c.most_rows) * l.score_stride);
  l.mask = take(c.keys);
  l.sums = take(c.most_rows * a.v_size);
  l.state = take(c.most_rows * 2);
  return l;
}

// All queries of one task against the keys and values of one head.
class TaskRun {
 public:
  TaskRun(const AttentionArgs& a, const Cut& c, float* scratch)
      : a_(a), f_(gemm()), softmax_(softmax()), cut_(c), at_(layout_of(f_, a, c)), scratch_(scratch) {}

  void run(int64_t task) {
    const int64_t part = task % cut_.parts, head = task / cut_.parts;
    b_ = head / a_.kv_heads, kv_ = head % a_.kv_heads;
    row0_ = part_begin(cut_.rows, cut_.parts, part);
    rows_ = part_begin(cut_.rows, cut_.parts, part + 1) - row0_;
    for (int64_t r = 0; r < rows_; ++r) {
      std::memcpy(scratch_ + at_.q + r * a_.qk_size, query(r), static_cast<size_t>(a_.qk_size) * sizeof(float));
      state(r)[0] = -kInf;
      state(r)[1] = 0;
    }
    std::fill_n(scratch_ + at_.sums, rows_ * a_.v_size, 0.0f);
    const Span all = visible_rows(0, rows_);
    for (int64_t k = all.begin / cut_.keys * cut_.keys; k < all.end; k += cut_.keys) block(k);
    finish();
  }

 private:
  struct Span {
    int64_t begin, end;
  };

  int64_t query_head(int64_t r) const { return kv_ * (a_.q_heads / a_.kv_heads) + (row0_ + r) / a_.q_length; }
  int64_t query_index(int64_t r) const { return (row0_ + r) % a_.q_length; }
  const float* query(int64_t r) const {
    return a_.q + b_ * a_.q_at.batch + query_head(r) * a_.q_at.head + query_index(r) * a_.q_at.row;
  }
  float* state(int64_t r) const { return scratch_ + at_.state + 2 * r; }  // maximum, sum

  // The keys that row r may see by position.
  Span visible(int64_t r) const {
    Span s{0, a_.kv_length};
    int64_t offset = a_.q_offset;
    if (a_.lengths != nullptr) {
      s.end = std::clamp<int64_t>(a_.lengths[b_], 0, a_.kv_length);
      offset = a_.lengths[b_] - a_.q_length;
    }
    if (a_.mask != nullptr || a_.bool_mask != nullptr) s.end = std::min(s.end, a_.mask_length);
    const int64_t position = offset + query_index(r);
    if (a_.left >= 0) s.begin = std::max(s.begin, position - a_.left);
    if (a_.right >= 0) s.end = std::min(s.end, position + a_.right + 1);
    if (s.end <= s.begin) return {0, 0};
    return s;
  }
  Span visible_rows(int64_t from, int64_t to) const {
    Span all{a_.kv_length, 0};
    for (int64_t r = from; r < to; ++r) {
      const Span s = visible(r);
      if (s.begin < s.end) all = {std::min(all.begin, s.begin), std::max(all.end, s.end)};
    }
    return all;
  }

  void block(int64_t first) {
    const int64_t n = std::min(cut_.keys, a_.kv_length - first);
    const float* k = a_.k + b_ * a_.k_at.batch + kv_ * a_.k_at.head + first * a_.k_at.row;
    const float* v = a_.v + b_ * a_.v_at.batch + kv_ * a_.v_at.head + first * a_.v_at.row;
    packed_keys_ = n;
    if (!cut_.dot) {
      gemm_pack_b(f_, a_.qk_size, n, k, a_.k_at.row, true, 0, gemm_b_panels(f_, n), scratch_ + at_.keys);
      gemm_pack_b(f_, n, a_.v_size, v, a_.v_at.row, false, 0, gemm_b_panels(f_, a_.v_size), scratch_ + at_.values);
    }
    const int64_t strips = div_up(rows_, f_.mr);
    for (int64_t i = 0; i < strips; ++i) {
      const int64_t from = part_begin(rows_, strips, i), to = part_begin(rows_, strips, i + 1);
      const Span seen = visible_rows(from, to);
      if (seen.begin >= first + n || seen.end <= first) continue;
      const int64_t used = std::min(n, seen.end - first);
      scores(from, to - from, k, used);
      for (int64_t r = from; r < to; ++r) soften(r, scratch_ + at_.scores + (r - from) * at_.score_stride, first, used);
      add_values(from, to - from, v, used);
    }
  }

  GemmTile plain_tile(int64_t rows) const {
    GemmTile t{};
    t.segment_count = 1;
    t.rows = static_cast<int>(rows);
    t.alpha = 1;
    t.low = -kInf, t.high = kInf;
    return t;
  }

  // scores = scale * queries * keys'.
  void scores(int64_t row, int64_t rows, const float* k, int64_t n) const {
    const GemmSegment s{scratch_ + at_.q + row * a_.qk_size, a_.qk_size, a_.qk_size, 0};
    GemmTile t = plain_tile(rows);
    t.segments = &s;
    t.alpha = a_.scale;
    t.ldc = at_.score_stride;
    for (int64_t col = 0; col < n; col += f_.nr) {
      const int64_t cols = std::min<int64_t>(f_.nr, n - col);
      t.cols = static_cast<int>(cols);
      t.c = scratch_ + at_.scores + col;
      t.b = cut_.dot ? k + col * a_.k_at.row : scratch_ + at_.keys + col * a_.qk_size;
      t.b_stride = cut_.dot ? a_.k_at.row : width_of_keys(col);
      (cut_.dot ? f_.dot_tile : f_.tile)(t);
    }
  }
  // Panels were packed for the whole block, of which a strip may need only a part.
  int64_t width_of_keys(int64_t col) const { return panel_width(f_, std::min<int64_t>(f_.nr, packed_keys_ - col)); }

  // One row of scores to exp(score - maximum), with what came before scaled to the new maximum.
  void soften(int64_t r, float* s, int64_t first, int64_t n) const {
    const Span seen = visible(r);
    const int64_t begin = std::clamp<int64_t>(seen.begin - first, 0, n);
    const int64_t end = std::clamp<int64_t>(seen.end - first, begin, n);
    std::fill(s, s + begin, 0.0f);
    std::fill(s + end, s + n, 0.0f);
    if (begin == end) return;
    const float* mask = mask_row(r, first + begin, end - begin);
    const float factor = softmax_.online_row(s + begin, mask, end - begin, a_.softcap, state(r));
    float* sum = scratch_ + at_.sums + r * a_.v_size;
    if (factor != 1) softmax_.scale_row(sum, sum, a_.v_size, factor);
  }

  const float* mask_row(int64_t r, int64_t key, int64_t n) const {
    const int64_t at = b_ * a_.mask_at.batch + query_head(r) * a_.mask_at.head + query_index(r) * a_.mask_at.row + key;
    if (a_.bool_mask == nullptr) return a_.mask == nullptr ? nullptr : a_.mask + at;
    float* row = scratch_ + at_.mask;
    for (int64_t i = 0; i < n; ++i) row[i] = a_.bool_mask[at + i] ? 0.0f : -kInf;
    return row;
  }

  // sums += scores * values.
  void add_values(int64_t row, int64_t rows, const float* v, int64_t n) const {
    const GemmSegment s{scratch_ + at_.scores, at_.score_stride, n, 0};
    GemmTile t = plain_tile(rows);
    t.segments = &s;
    t.ldc = t.add_ld = a_.v_size;
    t.add_scale = 1;
    for (int64_t col = 0; col < a_.v_size; col += f_.nr) {
      const int64_t cols = std::min<int64_t>(f_.nr, a_.v_size - col), width = panel_width(f_, cols);
      t.cols = static_cast<int>(cols);
      t.c = scratch_ + at_.sums + row * a_.v_size + col;
      t.add = t.c;
      t.b = scratch_ + at_.values + col * packed_keys_;
      t.b_stride = width;
      if (cut_.dot && cols == width) {
        t.b = v + col;
        t.b_stride = a_.v_at.row;
      } else if (cut_.dot) {
        f_.pack_panel(v + col, a_.v_at.row, false, n, cols, width, scratch_ + at_.values);
        t.b = scratch_ + at_.values;
      }
      f_.tile(t);
    }
  }

  void finish() const {
    const bool masked = a_.mask != nullptr || a_.bool_mask != nullptr;
    for (int64_t r = 0; r < rows_; ++r) {
      float* out = a_.out + b_ * a_.out_at.batch + query_head(r) * a_.out_at.head + query_index(r) * a_.out_at.row;
      const float* sum = scratch_ + at_.sums + r * a_.v_size;
      const bool none = state(r)[1] == 0 && (masked || visible(r).end == 0);
      if (none)
        std::fill_n(out, a_.v_size, 0.0f);
      else
        softmax_.scale_row(sum, out, a_.v_size, 1.0f / state(r)[1]);
    }
  }

  const AttentionArgs& a_;
  const GemmTable& f_;
  const SoftmaxTable& softmax_;
  const Cut& cut_;
  const Layout at_;
  float* scratch_;
  int64_t b_ = 0, kv_ = 0, row0_ = 0, rows_ = 0, packed_keys_ = 0;
};

}  // namespace

int64_t attention_tasks(const AttentionArgs& a) {
  if (a.batch <= 0 || a.q_heads <= 0 || a.q_length <= 0 || a.v_size <= 0) return 0;
  return a.batch * a.kv_heads * cut_of(gemm(), a).parts;
}

double attention_task_cost(const AttentionArgs& a) {
  const Cut c = cut_of(gemm(), a);
  const double each = static_cast<double>(a.qk_size + a.v_size) / 8 + 3;
  return static_cast<double>(c.most_rows) * static_cast<double>(a.kv_length) * each;
}

size_t attention_scratch_bytes(const AttentionArgs& a) {
  if (attention_tasks(a) == 0) return 0;
  const GemmTable& f = gemm();
  return static_cast<size_t>(layout_of(f, a, cut_of(f, a)).total) * sizeof(float);
}

void attention_run(const AttentionArgs& a, int64_t begin, int64_t end, void* scratch) {
  const Cut c = cut_of(gemm(), a);
  TaskRun run(a, c, static_cast<float*>(scratch));
  for (int64_t t = begin; t < end; ++t) run.run(t);
}

}  // namespace sardonyx::simd
