// What a slot does until it is built: it says so. Weak: the definition in the file of the slot's group wins.
#include <type_traits>

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

template <class R>
R not_built(const char* name) {
  if constexpr (std::is_same_v<R, OrtStatus*>)
    return make_status(ORT_NOT_IMPLEMENTED, cat(name, " is not implemented in this version of Sardonyx"));
  else if constexpr (!std::is_void_v<R>)
    return R{};
}

}  // namespace

#pragma GCC diagnostic ignored "-Wunused-parameter"
#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names)                  \
  SDX_NS_##ns {                                                                         \
    __attribute__((weak)) Returns Name Parameters { return not_built<Returns>(#Name); } \
  }
#include "capi/slots.inc"

}  // namespace sardonyx::capi
