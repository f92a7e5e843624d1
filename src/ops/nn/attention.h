// Pieces of attention that several operators share: extents and the two products, with grouped heads.
#pragma once
#include "ir/body_ctx.h"
#include "ir/infer_ctx.h"

namespace sardonyx {

// Extents of queries, keys and values with the heads as an axis of their own: [batch, heads, length, size].
struct AttentionExtents {
  Dim batch, q_heads, kv_heads, q_length, kv_length, qk_size, v_size;
};
// From Q, K, V of rank 4; kShape if they certainly do not fit each other.
Result<AttentionExtents> attention_extents(InferCtx& c, const Shape& q, const Shape& k, const Shape& v);

// True unless queries and keys certainly have as many heads as each other. Both have rank 4.
bool has_grouped_heads(BodyCtx& b, BodyCtx::Ref q, BodyCtx::Ref k);
// q · kᵀ as [batch, q_heads, q_length, kv_length]; consecutive query heads share a key head.
BodyCtx::Ref attention_scores(BodyCtx& b, BodyCtx::Ref q, BodyCtx::Ref k, bool grouped);
// weights · v as [batch, q_heads, q_length, v_size].
BodyCtx::Ref attention_values(BodyCtx& b, BodyCtx::Ref weights, BodyCtx::Ref v, bool grouped);
// Extents [from, to) of x as an int64 vector.
BodyCtx::Ref extents_of(BodyCtx& b, BodyCtx::Ref x, int64_t from, int64_t to);

Status expand_attention(BodyCtx& b);

}  // namespace sardonyx
