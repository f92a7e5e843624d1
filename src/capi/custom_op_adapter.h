// From the custom operators that a caller registered to those of the library.
#pragma once
#include "capi/kernel_info.h"
#include "capi/session_options.h"
#include "kernel/custom_op.h"

namespace sardonyx::capi {

// The operators of the domains in `options`. Those of one domain, name and version range become one operator that
// chooses among them by the types of its inputs. Errors: descriptions that contradict each other or the interface.
Result<CustomOpList> custom_ops_of(const OrtSessionOptions& options, const OrtLogger& logger);

}  // namespace sardonyx::capi
