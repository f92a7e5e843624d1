#include <cstdio>
#include <new>
#include <type_traits>

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

constexpr const char kVersion[] = "1.30.0";  // of the interface

struct SlotText {
  const char* name;
  const char* parameters;  // separated by commas
};
constexpr SlotText kText[] = {
#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names) {#Name, names},
#include "capi/slots.inc"
#undef SDX_SLOT
};

enum SlotId : int {
#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names) k_##ns##_##Name,
#include "capi/slots.inc"
#undef SDX_SLOT
};

template <class T>
constexpr bool is_zero(const T& v) {
  if constexpr (std::is_pointer_v<T> || std::is_integral_v<T>)
    return v == T{};
  else
    return false;
}

OrtStatus* null_argument(int slot, int parameter) {
  std::string_view names = kText[slot].parameters;
  for (; parameter > 0; --parameter) names.remove_prefix(names.find(',') + 1);
  return error(ORT_INVALID_ARGUMENT, kText[slot].name, ": ", names.substr(0, names.find(',')), " must not be null");
}

// The first parameter that is null and must not be, or -1. `zero` has a bit per parameter that is null or 0.
constexpr int first_null(uint32_t zero, uint32_t needed, uint64_t arrays) {
  if ((zero & needed) != 0) return __builtin_ctz(zero & needed);
  for (; arrays != 0; arrays >>= 8)
    if ((zero >> (arrays >> 4 & 15) & 1) != 0 && (zero >> (arrays & 15) & 1) == 0)
      return static_cast<int>(arrays >> 4 & 15);
  return -1;
}

// What a table points at: checks for null, calls the slot's function, lets no exception out.
template <auto F, int kSlot, uint32_t kNeeded, uint64_t kArrays>
struct Guard;
template <class R, class... A, R (*F)(A...), int kSlot, uint32_t kNeeded, uint64_t kArrays>
struct Guard<F, kSlot, kNeeded, kArrays> {
  static R ORT_API_CALL call(A... a) noexcept {
    try {
      if constexpr (kNeeded != 0 || kArrays != 0) {
        uint32_t zero = 0;
        int at = 0;
        ((zero |= static_cast<uint32_t>(is_zero(a)) << at++), ...);
        if (const int bad = first_null(zero, kNeeded, kArrays); bad >= 0) [[unlikely]]
          return refuse(bad);
      }
      return F(a...);
    } catch (const std::bad_alloc&) {
      return failure("out of memory");
    } catch (const std::exception& e) {
      return failure(e.what());
    } catch (...) {
      return failure("an exception of unknown type");
    }
  }

 private:
  static R refuse([[maybe_unused]] int parameter) {
    if constexpr (std::is_same_v<R, OrtStatus*>)
      return null_argument(kSlot, parameter);
    else if constexpr (!std::is_void_v<R>)
      return R{};
  }
  static R failure([[maybe_unused]] const char* what) noexcept {
    if constexpr (std::is_same_v<R, OrtStatus*>)
      return make_status(ORT_RUNTIME_EXCEPTION, what);
    else if constexpr (!std::is_void_v<R>)
      return R{};
  }
};

#define SDX_PATH_api
#define SDX_PATH_model_editor model_editor::
#define SDX_PATH_compile compile::
#define SDX_PATH_interop interop::
#define SDX_PATH_ep ep::
#define SDX_ENTRY(ns, Name, needed, arrays) Guard<&SDX_PATH_##ns Name, k_##ns##_##Name, needed, arrays>::call,
#define SDX_SKIP(ns, Name, needed, arrays)
#define SDX_SLOT(ns, Name, Returns, Parameters, needed, arrays, names) SDX_IN_##ns(ns, Name, needed, arrays)

#define SDX_IN_api SDX_ENTRY
#define SDX_IN_model_editor SDX_SKIP
#define SDX_IN_compile SDX_SKIP
#define SDX_IN_interop SDX_SKIP
#define SDX_IN_ep SDX_SKIP
constexpr OrtApi kApi = {
#include "capi/slots.inc"
};
#undef SDX_IN_api
#define SDX_IN_api SDX_SKIP

#undef SDX_IN_model_editor
#define SDX_IN_model_editor SDX_ENTRY
constexpr OrtModelEditorApi kModelEditorApi = {
#include "capi/slots.inc"
};
#undef SDX_IN_model_editor
#define SDX_IN_model_editor SDX_SKIP

#undef SDX_IN_compile
#define SDX_IN_compile SDX_ENTRY
constexpr OrtCompileApi kCompileApi = {
#include "capi/slots.inc"
};
#undef SDX_IN_compile
#define SDX_IN_compile SDX_SKIP

#undef SDX_IN_interop
#define SDX_IN_interop SDX_ENTRY
constexpr OrtInteropApi kInteropApi = {
#include "capi/slots.inc"
};
#undef SDX_IN_interop
#define SDX_IN_interop SDX_SKIP

#undef SDX_IN_ep
#define SDX_IN_ep SDX_ENTRY
constexpr OrtEpApi kEpApi = {
#include "capi/slots.inc"
};
#undef SDX_IN_ep
#define SDX_IN_ep SDX_SKIP

static_assert(sizeof kApi == 426 * sizeof(void*));

const OrtApi* ORT_API_CALL get_api(uint32_t version) noexcept {
  if (version >= 1 && version <= ORT_API_VERSION) return &kApi;
  std::fprintf(
      stderr,
      "The requested API version [%u] is not available, only API versions [1, %u] are supported in this build. "
      "Current ORT Version is: %s\n",
      version, static_cast<unsigned>(ORT_API_VERSION), kVersion);
  return nullptr;
}
const char* ORT_API_CALL get_version() noexcept { return kVersion; }

constexpr OrtApiBase kBase = {get_api, get_version};

}  // namespace

const OrtApi* api_table() { return &kApi; }
const OrtModelEditorApi* model_editor_table() { return &kModelEditorApi; }
const OrtCompileApi* compile_table() { return &kCompileApi; }
const OrtInteropApi* interop_table() { return &kInteropApi; }
const OrtEpApi* ep_table() { return &kEpApi; }

const OrtModelEditorApi* GetModelEditorApi() { return model_editor_table(); }
const OrtCompileApi* GetCompileApi() { return compile_table(); }
const OrtInteropApi* GetInteropApi() { return interop_table(); }
const OrtEpApi* GetEpApi() { return ep_table(); }

}  // namespace sardonyx::capi

const OrtApiBase* OrtGetApiBase() { return &sardonyx::capi::kBase; }
