// std::from_chars and std::to_chars of floating-point numbers, also for standard libraries that have only those of
// integers. The same grammar, the same text, whatever the locale.
#pragma once
#include <charconv>

namespace sardonyx::chars {

std::from_chars_result from_chars(const char* first, const char* last, float& v);
std::from_chars_result from_chars(const char* first, const char* last, double& v);

// Shortest text that reads back as v.
std::to_chars_result to_chars(char* first, char* last, float v);
std::to_chars_result to_chars(char* first, char* last, double v);
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format);
std::to_chars_result to_chars(char* first, char* last, double v, std::chars_format format);
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format, int precision);

// The same through the C library, for the build that lacks the others, and for the test that compares both.
namespace portable {
std::from_chars_result from_chars(const char* first, const char* last, float& v);
std::from_chars_result from_chars(const char* first, const char* last, double& v);
std::to_chars_result to_chars(char* first, char* last, float v);
std::to_chars_result to_chars(char* first, char* last, double v);
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format);
std::to_chars_result to_chars(char* first, char* last, double v, std::chars_format format);
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format, int precision);
}  // namespace portable

}  // namespace sardonyx::chars
