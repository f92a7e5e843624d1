// The two ways to compute a convolution of bytes: as products of gathered rows with packed panels, and by lanes, where
// every output channel has one input channel of its own. Internal to simd/.
#pragma once
#include "simd/qgemm_kernel.h"

namespace sardonyx::simd {

inline int64_t div_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// The packed weights of a dense convolution: per group, panels of nr columns (see QTile).
struct QDense {
  QDense(const QGemmTable& f, const ConvArgs& c);
  int64_t cg, og, k, groups;       // channels per group; depth, and groups of four of it
  int64_t panels, columns, bytes;  // of one convolution group; columns with the last panel's padding
};

bool qby_lanes(const QConvArgs& c);

int64_t qdense_tasks(const QGemmTable& f, const QConvArgs& c);
size_t qdense_scratch(const QGemmTable& f, const QConvArgs& c);
void qdense_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch);

int64_t qlanes_tasks(const QGemmTable& f, const QConvArgs& c);
size_t qlanes_scratch(const QGemmTable& f, const QConvArgs& c);
void qlanes_run(const QGemmTable& f, const QConvArgs& c, int64_t begin, int64_t end, void* scratch);

// Applies the activation of float results to rows of finished sums.
void qactivate(const QOutput& out, float* c, int64_t ldc, int64_t rows, int64_t cols);

}  // namespace sardonyx::simd
