// Tuples of indices that address slices of a tensor (GatherND, ScatterND): offsets and range checks.
#pragma once
#include "cpu/common/axis.h"
#include "cpu/common/mover.h"

namespace sardonyx {

struct NdIndex {
  int depth = 0;       // indices per tuple
  int first_axis = 0;  // axis that the first index of a tuple addresses
  int64_t tuples = 0, tuples_per_batch = 1;
  int64_t batch_stride = 0, slice = 1;                   // elements
  const int64_t *extents = nullptr, *strides = nullptr;  // of the addressed axes

  // Element offset of tuple t in the data; reports a bad index by its flat position and returns -1.
  int64_t offset(const int64_t* indices, int64_t t, BadIndex& bad) const {
    int64_t at = t / tuples_per_batch * batch_stride;
    for (int k = 0; k < depth; ++k) {
      int64_t i = indices[t * depth + k];
      if (i < 0) i += extents[k];
      if (i < 0 || i >= extents[k]) {
        bad.report(t * depth + k);
        return -1;
      }
      at += i * strides[k];
    }
    return at;
  }
  Status error(const int64_t* indices, const BadIndex& bad) const {
    const int k = static_cast<int>(bad.position() % depth);
    return bad_index("indices", bad.position(), indices[bad.position()], extents[k], first_axis + k);
  }
};

// For data of input 0 and indices of input 1.
inline NdIndex plan_nd_index(PrepareCtx& c, int batch_dims) {
  const Extents &d = c.in_dims(0), &n = c.in_dims(1);
  const Extents strides = dense_strides(d);
  NdIndex x;
  x.depth = static_cast<int>(n.back());
  x.first_axis = batch_dims;
  x.tuples = product(n, 0, static_cast<int>(n.size()) - 1);
  x.tuples_per_batch = product(n, batch_dims, static_cast<int>(n.size()) - 1);
  if (x.tuples_per_batch == 0) x.tuples_per_batch = 1;
  x.batch_stride = product(d, batch_dims, static_cast<int>(d.size()));
  x.slice = product(d, batch_dims + x.depth, static_cast<int>(d.size()));
  int64_t* e = c.array<int64_t>(static_cast<size_t>(x.depth));
  int64_t* s = c.array<int64_t>(static_cast<size_t>(x.depth));
  for (int k = 0; k < x.depth; ++k) {
    e[k] = d[static_cast<size_t>(batch_dims + k)];
    s[k] = strides[static_cast<size_t>(batch_dims + k)];
  }
  x.extents = e;
  x.strides = s;
  return x;
}

}  // namespace sardonyx
