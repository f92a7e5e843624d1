// What every message of the library keeps to.
#pragma once
#include <gtest/gtest.h>

#include <string>

namespace sardonyx::testing {

// One line of printable text below 300 characters, a known code first, nothing of C++ in it, something named in quotes
// or a number in it. kInternal and kDeferred never leave the library because of what a caller passed.
::testing::AssertionResult is_clear(const std::string& message);

}  // namespace sardonyx::testing
