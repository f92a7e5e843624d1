// Status: success or one error (code, message); a single pointer, null means success.
// Result<T>: a T or an error. Nothing in the library throws; failures travel in these.
// SDX_TRY(decl, expr)          evaluates a Result, returns its error or assigns its value to decl
// SDX_RETURN_IF_ERROR(expr)    evaluates a Status, returns it if it is an error
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace sardonyx {

enum class Code : uint8_t {
  kOk,
  kFile,       // a file cannot be read or written
  kProto,      // bytes are not a valid model
  kOpset,      // opset or IR version not supported
  kOpUnknown,  // no such operator
  kAttr,       // attribute missing, unknown or of a wrong kind
  kType,       // element type or value kind not allowed
  kShape,      // extents or ranks do not fit
  kRange,      // a number outside its range (index, axis, size)
  kInputName,  // unknown, missing or repeated input/output name
  kNoKernel,   // nothing can run the node
  kProvider,   // execution provider not available
  kMemory,     // allocation refused or failed
  kCancelled,  // the caller asked to stop
  kOption,     // unknown option or value
  kInternal,   // a bug in us
  kVersion,    // interface version mismatch
  kDeferred,   // not an error: not enough is known yet (never leaves the library)
};

// "SDX_E_SHAPE" and so on.
std::string_view code_name(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message);
  Status(const Status& o) : rep_(copy(o.rep_.get())) {}
  Status& operator=(const Status& o) {
    if (this != &o) rep_.reset(copy(o.rep_.get()));
    return *this;
  }
  Status(Status&&) = default;
  Status& operator=(Status&&) = default;
  // kMemory, made without memory. It stays as it is: at() and hint() leave it alone.
  static Status out_of_memory();

  bool ok() const { return rep_ == nullptr; }
  Code code() const { return rep_ ? rep_->code : Code::kOk; }
  // Without the code; "" when ok.
  const std::string& message() const;
  // `SDX_E_SHAPE Gemm "fc1": …`; "ok" when ok.
  std::string to_string() const;

  // Names the place (for example `Gemm "fc1"`) once: the innermost origin wins.
  Status&& at(std::string_view origin) &&;
  Status at_origin(std::string_view origin) && { return std::move(*this).at(origin); }
  // Appends "hint: …".
  Status&& hint(std::string_view what_to_do) &&;

 private:
  struct Rep {
    Code code;
    bool has_origin = false;
    std::string message;
  };
  static Rep* no_memory();
  static Rep* copy(const Rep* rep);
  struct Release {
    void operator()(Rep* rep) const;
  };
  std::unique_ptr<Rep, Release> rep_;
};

template <class... T>
Status fail(Code code, const T&... pieces) {
  return Status(code, cat(pieces...));
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(Status error) : status_(std::move(error)) {}
  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }
  Status take_status() { return std::move(status_); }
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  Status status_;
};

// Reports a broken invariant of ours: aborts in checked builds, otherwise returns kInternal.
Status internal_error(const char* file, int line, std::string_view what);

#define SDX_CONCAT_(a, b) a##b
#define SDX_CONCAT(a, b) SDX_CONCAT_(a, b)
#define SDX_TRY_IMPL_(tmp, decl, expr)     \
  auto tmp = (expr);                       \
  if (!tmp.ok()) return tmp.take_status(); \
  decl = std::move(tmp).value()
#define SDX_TRY(decl, ...) SDX_TRY_IMPL_(SDX_CONCAT(sdx_try_, __LINE__), decl, (__VA_ARGS__))
#define SDX_RETURN_IF_ERROR(...)                                             \
  do {                                                                       \
    if (::sardonyx::Status sdx_s = (__VA_ARGS__); !sdx_s.ok()) return sdx_s; \
  } while (0)
#define SDX_CHECK(cond)                                                        \
  do {                                                                         \
    if (!(cond)) return ::sardonyx::internal_error(__FILE__, __LINE__, #cond); \
  } while (0)

}  // namespace sardonyx
