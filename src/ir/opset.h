// Opset versions: the one that every node is brought to at load, and the ones that are accepted.
#pragma once
#include <string_view>

namespace sardonyx {

inline constexpr int kCanonicalOpset = 27;   // ai.onnx, with the attributes that Attention-25 gained later
inline constexpr int kCanonicalMlOpset = 5;  // ai.onnx.ml
inline constexpr int kMinOpset = 1;

// "ai.onnx" and "" are the same domain, written "".
constexpr std::string_view canonical_domain(std::string_view domain) {
  return domain == "ai.onnx" ? std::string_view() : domain;
}
// The newest version of a domain that is accepted, which is also the one that nodes are brought to; 1 for domains with
// a single version.
constexpr int newest_opset(std::string_view domain) {
  domain = canonical_domain(domain);
  return domain.empty() ? kCanonicalOpset : domain == "ai.onnx.ml" ? kCanonicalMlOpset : 1;
}

struct OpName {
  std::string_view domain, name;
};
// "com.microsoft.Gelu" is Gelu of domain com.microsoft; a name without a dot is of ai.onnx.
constexpr OpName split_op_name(std::string_view qualified) {
  const size_t dot = qualified.rfind('.');
  if (dot == std::string_view::npos) return {{}, qualified};
  return {canonical_domain(qualified.substr(0, dot)), qualified.substr(dot + 1)};
}

}  // namespace sardonyx
