#include "capi/prepacked.h"

#include <algorithm>

#include "capi/status.h"
#include "exec/packed_store.h"

using sardonyx::BufferPtr;

sardonyx::Result<BufferPtr> OrtPrepackedWeightsContainer::get(const sardonyx::Tensor& weights, std::string_view layout,
                                                              size_t bytes, const std::function<void(void*)>& pack) {
  SDX_TRY(BufferPtr packed, sardonyx::packed_store().get(weights, layout, bytes, pack));
  std::lock_guard lock(mutex_);
  if (std::find(kept_.begin(), kept_.end(), packed) == kept_.end()) kept_.push_back(packed);
  return packed;
}

namespace sardonyx::capi {

OrtStatus* CreatePrepackedWeightsContainer(OrtPrepackedWeightsContainer** out) {
  *out = new OrtPrepackedWeightsContainer;
  return nullptr;
}
void ReleasePrepackedWeightsContainer(OrtPrepackedWeightsContainer* input) { delete input; }

}  // namespace sardonyx::capi
