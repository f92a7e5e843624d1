// Entries of session and run options: text by key. Some keys stand for a typed option; unknown ones are kept as they
// are.
#pragma once
#include "capi/session_options.h"
#include "capi/status.h"

namespace sardonyx::capi {

// The rules for any key and value.
OrtStatus* check_config_entry(std::string_view key, std::string_view value);
// Sets the member that the key stands for; `typed` says whether there is one.
OrtStatus* set_typed_entry(OrtSessionOptions& options, std::string_view key, std::string_view value, bool& typed);

}  // namespace sardonyx::capi
