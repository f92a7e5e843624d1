#include "capi/status.h"

namespace sardonyx::capi {

const char* GetBuildInfoString() {
  return "ORT Build Info: sardonyx=" SDX_VERSION
         ", build type="
#ifdef NDEBUG
         "Release";
#else
         "Debug";
#endif
}

// There is no training.
const OrtTrainingApi* GetTrainingApi(uint32_t) { return nullptr; }

// Functions that ONNX Runtime calls experimental have no place in the table and no promise; none is offered.
OrtExperimentalFnPtr GetExperimentalFunction(const char*) { return nullptr; }

}  // namespace sardonyx::capi
