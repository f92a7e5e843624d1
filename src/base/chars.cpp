#include "base/chars.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <version>

namespace sardonyx::chars {

namespace portable {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Length of `word`, written in lower case, at the front of text whatever its case; 0 if it is not there.
size_t front(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return 0;
  for (size_t i = 0; i < word.size(); ++i)
    if ((text[i] | 32) != word[i]) return 0;
  return word.size();
}

size_t length_of_special(std::string_view s) {
  if (const size_t n = front(s, "infinity")) return n;
  if (const size_t n = front(s, "inf")) return n;
  const size_t n = front(s, "nan");
  if (n == 0 || n == s.size() || s[n] != '(') return n;
  size_t i = n + 1;
  while (i < s.size() && (is_digit(s[i]) || ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') || s[i] == '_')) ++i;
  return i < s.size() && s[i] == ')' ? i + 1 : n;
}

// Length of the decimal number at the front of s, which has no sign; 0 without one.
size_t length_of_decimal(std::string_view s) {
  size_t i = 0, digits = 0;
  for (; i < s.size() && is_digit(s[i]); ++i) ++digits;
  if (i < s.size() && s[i] == '.')
    for (++i; i < s.size() && is_digit(s[i]); ++i) ++digits;
  if (digits == 0) return 0;
  if (i == s.size() || (s[i] | 32) != 'e') return i;
  size_t power = i + 1;
  if (power < s.size() && (s[power] == '-' || s[power] == '+')) ++power;
  if (power == s.size() || !is_digit(s[power])) return i;
  while (power < s.size() && is_digit(s[power])) ++power;
  return power;
}

template <class T>
T read(const char* text) {
  if constexpr (std::is_same_v<T, float>) {
    return std::strtof(text, nullptr);
  } else {
    return std::strtod(text, nullptr);
  }
}

template <class T>
std::from_chars_result parse(const char* first, const char* last, T& v) {
  const std::string_view s(first, static_cast<size_t>(last - first));
  const size_t sign = !s.empty() && s[0] == '-' ? 1 : 0;
  const size_t special = length_of_special(s.substr(sign));
  const size_t length = special ? special : length_of_decimal(s.substr(sign));
  if (length == 0) return {first, std::errc::invalid_argument};
  const std::string text(s.substr(0, sign + length));
  const T value = read<T>(text.c_str());
  const char* const end = first + sign + length;
  const std::string_view mantissa = std::string_view(text).substr(0, text.find_first_of("eE"));
  const bool too_small = value == 0 && mantissa.find_first_of("123456789") != mantissa.npos;
  if (special == 0 && (std::isinf(value) || too_small)) return {end, std::errc::result_out_of_range};
  v = value;
  return {end, std::errc()};
}

std::to_chars_result put(char* first, char* last, std::string_view text) {
  if (static_cast<size_t>(last - first) < text.size()) return {last, std::errc::value_too_large};
  std::memcpy(first, text.data(), text.size());
  return {first + text.size(), std::errc()};
}

template <class T>
std::string text_of(T v, std::chars_format format, int precision) {
  char buffer[512];
  const char* const pattern = format == std::chars_format::fixed ? "%.*f" : "%.*e";
  const int n = std::snprintf(buffer, sizeof buffer, pattern, precision, static_cast<double>(v));
  return std::string(buffer, static_cast<size_t>(n));
}

template <class T>
std::string special(T v) {
  if (std::isnan(v)) return std::signbit(v) ? "-nan" : "nan";
  return v < 0 ? "-inf" : "inf";
}

template <class T>
std::string shortest_scientific(T v) {
  if (!std::isfinite(v)) return special(v);
  std::string text;
  for (int precision = 0; precision <= (std::is_same_v<T, float> ? 8 : 16); ++precision) {
    text = text_of(v, std::chars_format::scientific, precision);
    if (read<T>(text.c_str()) == v) break;
  }
  return text;
}

// The same digits without an exponent; exact where they end before the point.
template <class T>
std::string without_exponent(T v, const std::string& scientific) {
  const size_t e = scientific.find('e');
  const size_t point = scientific.find('.');
  const int behind_point = point == std::string::npos ? 0 : static_cast<int>(e - point) - 1;
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  return text_of(v, std::chars_format::fixed, behind_point > exponent ? behind_point - exponent : 0);
}

template <class T>
std::string shortest(T v) {
  const std::string scientific = shortest_scientific(v);
  if (!std::isfinite(v)) return scientific;
  const std::string fixed = without_exponent(v, scientific);
  return fixed.size() <= scientific.size() ? fixed : scientific;
}

template <class T>
std::string shortest(T v, std::chars_format format) {
  const std::string scientific = shortest_scientific(v);
  return format == std::chars_format::fixed && std::isfinite(v) ? without_exponent(v, scientific) : scientific;
}

}  // namespace

std::from_chars_result from_chars(const char* first, const char* last, float& v) { return parse(first, last, v); }
std::from_chars_result from_chars(const char* first, const char* last, double& v) { return parse(first, last, v); }
std::to_chars_result to_chars(char* first, char* last, float v) { return put(first, last, shortest(v)); }
std::to_chars_result to_chars(char* first, char* last, double v) { return put(first, last, shortest(v)); }
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format) {
  return put(first, last, shortest(v, format));
}
std::to_chars_result to_chars(char* first, char* last, double v, std::chars_format format) {
  return put(first, last, shortest(v, format));
}
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format, int precision) {
  return put(first, last, std::isfinite(v) ? text_of(v, format, precision) : special(v));
}

}  // namespace portable

#ifdef __cpp_lib_to_chars
namespace here = std;
#else
namespace here = portable;
#endif

std::from_chars_result from_chars(const char* first, const char* last, float& v) {
  return here::from_chars(first, last, v);
}
std::from_chars_result from_chars(const char* first, const char* last, double& v) {
  return here::from_chars(first, last, v);
}
std::to_chars_result to_chars(char* first, char* last, float v) { return here::to_chars(first, last, v); }
std::to_chars_result to_chars(char* first, char* last, double v) { return here::to_chars(first, last, v); }
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format) {
  return here::to_chars(first, last, v, format);
}
std::to_chars_result to_chars(char* first, char* last, double v, std::chars_format format) {
  return here::to_chars(first, last, v, format);
}
std::to_chars_result to_chars(char* first, char* last, float v, std::chars_format format, int precision) {
  return here::to_chars(first, last, v, format, precision);
}

}  // namespace sardonyx::chars
