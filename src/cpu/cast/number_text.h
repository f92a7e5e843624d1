// Numbers as text and back, independent of the locale. Thread-safe.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/dtype.h"

namespace sardonyx {

// The shortest decimal that reads back as the same number: positional where 1e-4 <= |v| < 1e16, else scientific with at
// least two exponent digits ("0.1", "1.0", "1e-05", "inf", "nan").
std::string text_of(double v);
std::string text_of(float v);
std::string text_of(int64_t v);
std::string text_of(uint64_t v);
// The same for a float of a narrower type (float16, bfloat16, float8…, float4e2m1) whose value is v.
std::string text_of_narrow(DType type, float v);

// Decimal numbers, "inf", "infinity" and "nan" in any case, with sign, surrounded by spaces; false if the text is none.
// Too large magnitudes give infinity, too small ones zero.
bool parse_number(std::string_view s, double& v);
bool parse_number(std::string_view s, float& v);
// Integers; a text with fraction or exponent is read as a number and truncated; what does not fit saturates.
bool parse_number(std::string_view s, int64_t& v);
bool parse_number(std::string_view s, uint64_t& v);
// Also "true" and "false" in any case; other numbers are true if not zero.
bool parse_bool(std::string_view s, bool& v);

}  // namespace sardonyx
