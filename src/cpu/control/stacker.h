// Stacker: collects the equal-shaped tensors that a body makes, one per iteration, along a new first axis. Bodies write
// straight into their place where that is possible; room grows when the number of iterations is not known beforehand.
// Used by one run.
#pragma once
#include "ir/graph.h"
#include "kernel/kernel.h"

namespace sardonyx {

class Stacker {
 public:
  // `slice`: what is known of a body's output. most: upper bound of iterations.
  Stacker(const Fact& slice, int64_t most);
  // Collects into this memory, which holds `most` slices of `dims`.
  void use(void* memory, std::span<const int64_t> slice_dims);

  // Where slice i is to be put, as a tensor to compute into; none if that is not known yet.
  Value place(int64_t i);
  // Takes slice i from a body. kShape if it differs from the others in type or extents.
  Status take(int64_t i, const Value& v);
  // The first n slices as one tensor.
  Result<Tensor> finish(int64_t n);

 private:
  bool addressable() const;
  Status reserve(int64_t n);
  DType type_;
  Extents dims_;  // of a slice
  bool known_;    // dims_ are
  int64_t most_, room_ = 0;
  BufferPtr buffer_;
};

// Element i of the first axis: the same memory where its elements are whole bytes, else a copy. Valid as long as t's
// memory.
Result<Value> slice_of(const Tensor& t, int64_t i);

// After an iteration: `out` is the next iteration's `in`. A buffer that nobody else holds is left in `out` to be filled
// again, if `fixed` says that its extents never change.
void carry(Value& in, Value& out, bool fixed);

// True if every extent of the value is known, so that a buffer for it can be used again.
bool has_fixed_extents(const Fact& f);

}  // namespace sardonyx
