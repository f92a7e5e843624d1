#include "base/contain.h"

#include <new>
#include <stdexcept>

namespace sardonyx {

Status status_of_exception(std::string_view what) {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      return fail(Code::kMemory, "out of memory while ", what);
    } catch (const std::length_error&) {  // of a container asked for more than it can ever hold
      return fail(Code::kMemory, "more memory than there can be was asked for while ", what);
    } catch (const std::exception& e) {
      return fail(Code::kInternal, "unexpected exception while ", what, ": ", e.what(),
                  ". hint: please report this with the model");
    }
  } catch (...) {
    return Status::out_of_memory();
  }
}

}  // namespace sardonyx
