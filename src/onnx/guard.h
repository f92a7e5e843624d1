// The one place where exceptions of the protobuf parser (and of failed allocations while reading) become a Status.
#pragma once
#include <new>
#include <protozero/exception.hpp>
#include <type_traits>

#include "base/status.h"

namespace sardonyx {

// fn() returns a Result or a Status.
template <class Fn>
std::invoke_result_t<Fn> guarded(Fn fn) {
  constexpr std::string_view invalid = "not a valid protobuf message: ";
  try {
    return fn();
  } catch (const protozero::end_of_buffer_exception&) {
    return fail(Code::kProto, invalid, "a field reaches beyond the end of its message");
  } catch (const protozero::invalid_length_exception&) {
    return fail(Code::kProto, invalid, "an array of numbers ends inside a number");
  } catch (const protozero::exception&) {
    return fail(Code::kProto, invalid, "a field has an impossible number or kind");
  } catch (const std::bad_alloc&) {
    return fail(Code::kMemory, "out of memory while reading");
  }
}

}  // namespace sardonyx
