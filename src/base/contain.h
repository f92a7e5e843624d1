// contained(what, fn): calls fn(), which returns a Result or a Status, and lets no exception out. For the entry points
// of the library: lack of memory anywhere below them becomes kMemory, "out of memory while <what>".
#pragma once
#include <type_traits>

#include "base/status.h"

namespace sardonyx {

// The exception being handled, as a Status. Needs no memory where there is none.
Status status_of_exception(std::string_view what);

template <class Fn>
std::invoke_result_t<Fn> contained(std::string_view what, Fn fn) {
  try {
    return fn();
  } catch (...) {
    return status_of_exception(what);
  }
}

}  // namespace sardonyx
