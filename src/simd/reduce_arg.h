// The vectorised part of arg_reduce: f32 rows, in the order of Arg.
#pragma once
#include "simd/reduce.h"

namespace sardonyx::simd {

struct ArgTable {
  void (*rows_f32[4])(const void* in, int64_t* out, int64_t rows, int64_t cols);
};

const ArgTable& arg_table();
const ArgTable* arg_table_for(Target target);

}  // namespace sardonyx::simd
