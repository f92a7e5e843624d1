#include "capi/status.h"

#include <new>

namespace sardonyx::capi {

namespace {

// Handed out when there is no memory for a status of its own; never released.
OrtStatus& no_memory() {
  alignas(OrtStatus) static unsigned char place[sizeof(OrtStatus)];
  static OrtStatus* const status = new (place) OrtStatus{ORT_RUNTIME_EXCEPTION, "out of memory"};  // text fits inside
  return *status;
}

}  // namespace

OrtStatus* make_status(OrtErrorCode code, std::string_view message) noexcept {
  try {
    return new OrtStatus{code, std::string(message)};
  } catch (const std::bad_alloc&) {
    return &no_memory();
  }
}

OrtErrorCode code_of(Code code) {
  switch (code) {
    case Code::kOk: return ORT_OK;
    case Code::kFile: return ORT_NO_SUCHFILE;
    case Code::kProto: return ORT_INVALID_PROTOBUF;
    case Code::kOpset:
    case Code::kOpUnknown:
    case Code::kCancelled: return ORT_FAIL;
    case Code::kAttr:
    case Code::kType:
    case Code::kShape:
    case Code::kRange:
    case Code::kInputName:
    case Code::kOption: return ORT_INVALID_ARGUMENT;
    case Code::kNoKernel: return ORT_NOT_IMPLEMENTED;
    case Code::kProvider: return ORT_EP_FAIL;
    case Code::kMemory:
    case Code::kInternal:
    case Code::kDeferred: return ORT_RUNTIME_EXCEPTION;
    case Code::kVersion: return ORT_INVALID_ARGUMENT;
  }
  return ORT_FAIL;
}

OrtStatus* to_ort(const Status& s, std::string_view first_line) {
  if (s.ok()) return nullptr;
  if (first_line.empty()) return make_status(code_of(s.code()), s.message());
  return make_status(code_of(s.code()), cat(first_line, "\n", s.to_string()));
}

Status from_ort(OrtStatus* s) {
  if (s == nullptr) return {};
  Code code = Code::kInternal;
  switch (s->code) {
    case ORT_INVALID_ARGUMENT: code = Code::kAttr; break;
    case ORT_NO_SUCHFILE: code = Code::kFile; break;
    case ORT_INVALID_PROTOBUF: code = Code::kProto; break;
    case ORT_NOT_IMPLEMENTED: code = Code::kNoKernel; break;
    case ORT_EP_FAIL: code = Code::kProvider; break;
    default: break;
  }
  Status status(code, s->message);
  ReleaseStatus(s);
  return status;
}

OrtStatus* CreateStatus(OrtErrorCode code, const char* msg) {
  return make_status(code, msg != nullptr ? std::string_view(msg) : std::string_view());
}
OrtErrorCode GetErrorCode(const OrtStatus* status) { return status != nullptr ? status->code : ORT_OK; }
const char* GetErrorMessage(const OrtStatus* status) { return status != nullptr ? status->message.c_str() : ""; }
void ReleaseStatus(OrtStatus* input) {
  if (input != &no_memory()) delete input;
}

}  // namespace sardonyx::capi
