// OrtStatus: an error on its way to the caller, who releases it; null is success. Statuses of the library become
// OrtStatus here, with ONNX Runtime's codes. Making one never fails: without memory a shared one is returned.
// SDX_CAPI_TRY(decl, expr)      evaluates a Result, returns its error as OrtStatus* or assigns its value to decl
// SDX_CAPI_RETURN_IF_ERROR(e)   evaluates a Status, returns it as OrtStatus* if it is an error
// SDX_CAPI_RETURN_IF(e)         evaluates an OrtStatus*, returns it if it is an error
#pragma once
#include <string>
#include <string_view>

#include "base/status.h"
#include "capi/slots.h"

struct OrtStatus {
  OrtErrorCode code;
  std::string message;
};

namespace sardonyx::capi {

OrtStatus* make_status(OrtErrorCode code, std::string_view message) noexcept;
template <class... T>
OrtStatus* error(OrtErrorCode code, const T&... pieces) {
  return make_status(code, cat(pieces...));
}
template <class... T>
OrtStatus* invalid(const T&... pieces) {
  return make_status(ORT_INVALID_ARGUMENT, cat(pieces...));
}

OrtErrorCode code_of(Code code);
// Null if ok. The text is `first_line`, a newline and our message; the message alone if first_line is empty.
OrtStatus* to_ort(const Status& s, std::string_view first_line = {});
// The library's view of a status that a callback returned; releases it.
Status from_ort(OrtStatus* s);

#define SDX_CAPI_TRY_IMPL_(tmp, decl, expr)                     \
  auto tmp = (expr);                                            \
  if (!tmp.ok()) return ::sardonyx::capi::to_ort(tmp.status()); \
  decl = std::move(tmp).value()
#define SDX_CAPI_TRY(decl, ...) SDX_CAPI_TRY_IMPL_(SDX_CONCAT(sdx_capi_, __LINE__), decl, (__VA_ARGS__))
#define SDX_CAPI_RETURN_IF_ERROR(...)                                                                  \
  do {                                                                                                 \
    if (::sardonyx::Status sdx_s = (__VA_ARGS__); !sdx_s.ok()) return ::sardonyx::capi::to_ort(sdx_s); \
  } while (0)
#define SDX_CAPI_RETURN_IF(...)                         \
  do {                                                  \
    if (OrtStatus* sdx_s = (__VA_ARGS__)) return sdx_s; \
  } while (0)

}  // namespace sardonyx::capi
