#include "base/status.h"

#include <cstdio>
#include <cstdlib>
#include <new>

namespace sardonyx {

std::string_view code_name(Code code) {
  switch (code) {
    case Code::kOk: return "ok";
    case Code::kFile: return "SDX_E_FILE";
    case Code::kProto: return "SDX_E_PROTO";
    case Code::kOpset: return "SDX_E_OPSET";
    case Code::kOpUnknown: return "SDX_E_OP_UNKNOWN";
    case Code::kAttr: return "SDX_E_ATTR";
    case Code::kType: return "SDX_E_TYPE";
    case Code::kShape: return "SDX_E_SHAPE";
    case Code::kRange: return "SDX_E_RANGE";
    case Code::kInputName: return "SDX_E_INPUT_NAME";
    case Code::kNoKernel: return "SDX_E_NO_KERNEL";
    case Code::kProvider: return "SDX_E_PROVIDER";
    case Code::kMemory: return "SDX_E_MEMORY";
    case Code::kCancelled: return "SDX_E_CANCELLED";
    case Code::kOption: return "SDX_E_OPTION";
    case Code::kInternal: return "SDX_E_INTERNAL";
    case Code::kVersion: return "SDX_E_VERSION";
    case Code::kDeferred: return "SDX_E_DEFERRED";
  }
  return "SDX_E_INTERNAL";
}

Status::Status(Code code, std::string message) {
  if (code != Code::kOk) rep_.reset(new Rep{code, false, std::move(message)});
}

// One object for all, never destroyed: its text is short enough to need no memory.
Status::Rep* Status::no_memory() {
  alignas(Rep) static unsigned char place[sizeof(Rep)];
  static Rep* const rep = new (place) Rep{Code::kMemory, false, "out of memory"};
  return rep;
}

Status Status::out_of_memory() {
  Status s;
  s.rep_.reset(no_memory());
  return s;
}

Status::Rep* Status::copy(const Rep* rep) {
  if (rep == nullptr) return nullptr;
  return rep == no_memory() ? no_memory() : new Rep(*rep);
}

void Status::Release::operator()(Rep* rep) const {
  if (rep != no_memory()) delete rep;
}

const std::string& Status::message() const {
  static const std::string none;
  return rep_ ? rep_->message : none;
}

std::string Status::to_string() const { return ok() ? "ok" : cat(code_name(code()), " ", message()); }

Status&& Status::at(std::string_view origin) && {
  if (rep_ && !rep_->has_origin && rep_.get() != no_memory()) {
    rep_->has_origin = true;
    rep_->message.insert(0, cat(origin, ": "));
  }
  return std::move(*this);
}

Status&& Status::hint(std::string_view what_to_do) && {
  if (rep_ && rep_.get() != no_memory()) rep_->message += cat(". hint: ", what_to_do);
  return std::move(*this);
}

Status internal_error(const char* file, int line, std::string_view what) {
#if SDX_CHECKED
  std::fprintf(stderr, "%s:%d: broken invariant: %.*s\n", file, line, static_cast<int>(what.size()), what.data());
  std::abort();
#else
  const std::string_view path(file);
  const size_t slash = path.rfind('/');
  return fail(Code::kInternal, slash == path.npos ? path : path.substr(slash + 1), ":", line, ": broken invariant (",
              what, "). hint: please report this with the model");
#endif
}

}  // namespace sardonyx
