// The vectorised part of arg_reduce: f32, in the order of Arg. cols_f32 takes red < 2^31.
#pragma once
#include "simd/reduce.h"

namespace sardonyx::simd {

struct ArgTable {
  void (*rows_f32[4])(const void* in, int64_t* out, int64_t rows, int64_t cols);
  void (*cols_f32[4])(const void* in, int64_t* out, int64_t red, int64_t stride, int64_t n);
};

const ArgTable& arg_table();
const ArgTable* arg_table_for(Target target);

}  // namespace sardonyx::simd
