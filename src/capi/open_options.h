// From the options of the interface to those of the native session.
#pragma once
#include "capi/session.h"

namespace sardonyx::capi {

// Fills native_options and the session's own switches from its options.
OrtStatus* fill_native_options(OrtSession& s);

}  // namespace sardonyx::capi
