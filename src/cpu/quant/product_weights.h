// Constant weights of a QProduct, packed once. Internal to the product kernels; immutable, shared by runs.
#pragma once
#include "cpu/quant/product.h"

namespace sardonyx {

// The packed weights, and what the columns bring if all of it is constant. Empty where they are not.
struct ProductWeights {
  BufferPtr weights;
  BufferPtr columns_memory;
  simd::QColumns columns;
};

Result<ProductWeights> pack_product(const KernelQuery& q, const ProductSpec& spec);

// A zero point or another single byte, as a number.
inline int32_t byte_value(const void* p, bool as_signed) {
  return as_signed ? static_cast<int32_t>(*static_cast<const int8_t*>(p))
                   : static_cast<int32_t>(*static_cast<const uint8_t*>(p));
}

// part(Range, thread) over n pieces, on the pool if there is one.
template <class F>
void for_all(ThreadPool* pool, int64_t n, int64_t grain, F&& part) {
  if (pool)
    pool->parallel_for(n, grain, part);
  else
    part(Range{0, n}, 0);
}

}  // namespace sardonyx
