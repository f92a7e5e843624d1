// OrtPrepackedWeightsContainer: keeps the packed weights of the sessions opened with it, so that later ones find them
// even if no session lives in between. Sessions share packed weights without it, too. Thread-safe.
#pragma once
#include <mutex>
#include <vector>

#include "kernel/kernel.h"

struct OrtPrepackedWeightsContainer final : sardonyx::PackedStore {
  sardonyx::Result<sardonyx::BufferPtr> get(const sardonyx::Tensor& weights, std::string_view layout, size_t bytes,
                                            const std::function<void(void*)>& pack) override;

 private:
  std::mutex mutex_;
  std::vector<sardonyx::BufferPtr> kept_;
};
