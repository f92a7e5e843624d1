#include "robust/message_rules.h"

#include "base/status.h"

namespace sardonyx::testing {
namespace {

bool has_known_code(const std::string& message) {
  const std::string first = message.substr(0, message.find(' '));
  for (int code = 1; code < static_cast<int>(Code::kDeferred); ++code)
    if (static_cast<Code>(code) != Code::kInternal && first == code_name(static_cast<Code>(code))) return true;
  return false;
}

}  // namespace

::testing::AssertionResult is_clear(const std::string& message) {
  const auto wrong = [&](const char* what) { return ::testing::AssertionFailure() << what << ": " << message; };
  if (!has_known_code(message)) return wrong("no known code in front");
  if (message.size() >= 300) return wrong("300 characters or more");
  for (unsigned char c : message)
    if (c < 0x20 || c == 0x7f) return wrong("a control character");
  for (const char* word : {"std::", "0x7f", "nullptr", "sardonyx::", "bad_alloc"})
    if (message.find(word) != std::string::npos) return wrong("words of C++");
  if (message.find("  ") != std::string::npos) return wrong("two blanks");
  if (message.find(' ') == std::string::npos || message.back() == ' ' || message.back() == ':')
    return wrong("unfinished");
  return ::testing::AssertionSuccess();
}

}  // namespace sardonyx::testing
