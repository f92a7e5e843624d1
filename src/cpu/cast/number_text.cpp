#include "cpu/cast/number_text.h"

#include <charconv>
#include <cmath>

#include "base/chars.h"
#include "simd/cast.h"

namespace sardonyx {
namespace {

// Decimal digits without point, and the exponent of the first: 0.0123 is "123", -2.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;
};

// From "-1.23e-02".
Decimal split(std::string_view scientific) {
  Decimal d;
  if (scientific[0] == '-') {
    d.negative = true;
    scientific.remove_prefix(1);
  }
  const size_t e = scientific.find('e');
  for (char c : scientific.substr(0, e))
    if (c != '.') d.digits += c;
  while (d.digits.size() > 1 && d.digits.back() == '0') d.digits.pop_back();
  std::string_view power = scientific.substr(e + 1);
  if (power[0] == '+') power.remove_prefix(1);
  std::from_chars(power.data(), power.data() + power.size(), d.exponent);
  return d;
}

std::string write(const Decimal& d) {
  std::string s = d.negative ? "-" : "";
  const int n = static_cast<int>(d.digits.size());
  if (d.exponent < -4 || d.exponent >= 16) {
    s += d.digits[0];
    if (n > 1) s.append(".").append(d.digits, 1);
    const int power = std::abs(d.exponent);
    return s.append(d.exponent < 0 ? "e-" : "e+").append(power < 10 ? "0" : "").append(std::to_string(power));
  }
  if (d.exponent < 0) return s.append("0.").append(static_cast<size_t>(-d.exponent - 1), '0').append(d.digits);
  for (int i = 0; i <= d.exponent; ++i) s += i < n ? d.digits[static_cast<size_t>(i)] : '0';
  s += '.';
  return n > d.exponent + 1 ? s.append(d.digits, static_cast<size_t>(d.exponent) + 1) : s.append("0");
}

template <class T>
std::string special(T v) {
  if (std::isnan(v)) return "nan";
  return v < 0 ? "-inf" : "inf";
}

template <class T>
std::string shortest(T v) {
  if (!std::isfinite(v)) return special(v);
  char buffer[64];
  const auto r = chars::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific);
  return write(split({buffer, static_cast<size_t>(r.ptr - buffer)}));
}

std::string_view trimmed(std::string_view s) {
  constexpr std::string_view kSpaces = " \t\r\n\f\v";
  const size_t begin = s.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return s.substr(begin, s.find_last_not_of(kSpaces) - begin + 1);
}

// Trims, and drops one leading plus sign (which from_chars does not take).
std::string_view number_part(std::string_view s) {
  s = trimmed(s);
  if (s.size() > 1 && s[0] == '+' && s[1] != '-' && s[1] != '+') s.remove_prefix(1);
  return s;
}

// A decimal beyond the range of the type is nearer to zero if it starts so or has a negative exponent.
bool tiny(std::string_view s) {
  const size_t e = s.find_first_of("eE");
  if (e != std::string_view::npos) return s.substr(e + 1, 1) == "-";
  const size_t first = s.find_first_of("123456789.");
  return first != std::string_view::npos && s[first] == '.';
}

template <class T>
bool parse_float(std::string_view text, T& v) {
  const std::string_view s = number_part(text);
  const auto r = chars::from_chars(s.data(), s.data() + s.size(), v);
  if (s.empty() || r.ptr != s.data() + s.size()) return false;
  if (r.ec == std::errc::result_out_of_range) {
    v = tiny(s) ? T{0} : std::numeric_limits<T>::infinity();
    if (s[0] == '-') v = -v;
    return true;
  }
  return r.ec == std::errc();
}

template <class T>
T saturated(double v) {
  constexpr double kTop = std::is_signed_v<T> ? 0x1p63 : 0x1p64;
  if (std::isnan(v)) return 0;
  if (v >= kTop) return std::numeric_limits<T>::max();
  if (v <= (std::is_signed_v<T> ? -0x1p63 : 0.0)) return std::numeric_limits<T>::min();
  return static_cast<T>(v);
}

template <class T>
bool parse_int(std::string_view text, T& v) {
  const std::string_view s = number_part(text);
  const auto r = std::from_chars(s.data(), s.data() + s.size(), v);
  if (!s.empty() && r.ec == std::errc() && r.ptr == s.data() + s.size()) return true;
  double d;
  if (!parse_float(text, d)) return false;
  v = saturated<T>(d);
  return true;
}

bool equals_ignoring_case(std::string_view s, std::string_view lower) {
  if (s.size() != lower.size()) return false;
  for (size_t i = 0; i < s.size(); ++i)
    if ((s[i] >= 'A' && s[i] <= 'Z' ? s[i] - 'A' + 'a' : s[i]) != lower[i]) return false;
  return true;
}

}  // namespace

std::string text_of(double v) { return shortest(v); }
std::string text_of(float v) { return shortest(v); }
std::string text_of(int64_t v) { return std::to_string(v); }
std::string text_of(uint64_t v) { return std::to_string(v); }

std::string text_of_narrow(DType type, float v) {
  if (!std::isfinite(v)) return special(v);
  const simd::CastFn encode = simd::cast(DType::kF32, type);
  uint32_t code = 0;
  encode(&v, &code, 1, {});
  for (int precision = 0; precision < 9; ++precision) {
    char buffer[64];
    const auto r = chars::to_chars(buffer, buffer + sizeof buffer, v, std::chars_format::scientific, precision);
    float back = 0;
    chars::from_chars(buffer, r.ptr, back);
    uint32_t again = 0;
    encode(&back, &again, 1, {});
    if (again == code) return write(split({buffer, static_cast<size_t>(r.ptr - buffer)}));
  }
  return shortest(v);
}

bool parse_number(std::string_view s, double& v) { return parse_float(s, v); }
bool parse_number(std::string_view s, float& v) { return parse_float(s, v); }
bool parse_number(std::string_view s, int64_t& v) { return parse_int(s, v); }
bool parse_number(std::string_view s, uint64_t& v) {
  int64_t negative;
  const std::string_view t = trimmed(s);
  if (t.empty() || t[0] != '-') return parse_int(s, v);
  if (!parse_int(s, negative)) return false;
  v = static_cast<uint64_t>(negative);
  return true;
}

bool parse_bool(std::string_view s, bool& v) {
  const std::string_view t = trimmed(s);
  if (equals_ignoring_case(t, "true") || equals_ignoring_case(t, "false")) {
    v = t.size() == 4;
    return true;
  }
  double d;
  if (!parse_float(s, d)) return false;
  v = d != 0;
  return true;
}

}  // namespace sardonyx
