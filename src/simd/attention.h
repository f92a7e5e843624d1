// Scaled dot-product attention in f32 without a matrix of scores: keys are visited in blocks, and maxima and sums of
// the softmax are carried along (online softmax).
//
//   AttentionArgs a = {...};                                   // per plan
//   attention_tasks(a); attention_scratch_bytes(a);            // per thread, 64-byte aligned
//   attention_run(a, begin, end, scratch);                     // any split of the tasks gives the same bits
//
// Query heads that share a key head are computed together. Nothing is owned, nothing allocated, no threads. A query
// that may see no key gives zeros; NaN in a visible score gives NaN in that row.
#pragma once
#include <cstddef>
#include <cstdint>

namespace sardonyx::simd {

// Element (b, h, i, d) of a [batch, heads, length, size] tensor at b * batch + h * head + i * row + d.
struct HeadStrides {
  int64_t batch = 0, head = 0, row = 0;
};

struct AttentionArgs {
  int64_t batch = 1, q_heads = 1, kv_heads = 1;  // q_heads is a multiple of kv_heads
  int64_t q_length = 0, kv_length = 0, qk_size = 0, v_size = 0;
  const float *q = nullptr, *k = nullptr, *v = nullptr;
  float* out = nullptr;
  HeadStrides q_at, k_at, v_at, out_at;
  float scale = 1, softcap = 0;  // softcap 0: none

  // Added to the scores, or false where a key is hidden; strides of 0 broadcast. Keys from mask_length on are hidden.
  const float* mask = nullptr;
  const bool* bool_mask = nullptr;
  HeadStrides mask_at;
  int64_t mask_length = 0;

  // Query i stands at key position q_offset + i, or at lengths[b] - q_length + i. It sees the keys
  // [position - left, position + right], of those below lengths[b]; -1: no bound on that side.
  int64_t q_offset = 0, left = -1, right = -1;
  const int64_t* lengths = nullptr;  // per batch member
};

int64_t attention_tasks(const AttentionArgs& a);
double attention_task_cost(const AttentionArgs& a);  // in scalar operations
size_t attention_scratch_bytes(const AttentionArgs& a);
void attention_run(const AttentionArgs& a, int64_t begin, int64_t end, void* scratch);

}  // namespace sardonyx::simd
