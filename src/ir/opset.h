// Opset versions: the one that every node is brought to at load, and the ones that are accepted.
#pragma once
#include <string_view>

namespace sardonyx {

inline constexpr int kCanonicalOpset = 27;   // ai.onnx, with the attributes that Attention-25 gained later
inline constexpr int kCanonicalMlOpset = 5;  // ai.onnx.ml
inline constexpr int kMinOpset = 1;

// "ai.onnx" and "" are the same domain, written "".
constexpr std::string_view canonical_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }
// The newest version of a domain that is accepted, which is also the one that nodes are brought to; 1 for domains with a single version.
constexpr int newest_opset(std::string_view domain) {
  domain = canonical_domain(domain);
  return domain.empty() ? kCanonicalOpset : domain == "ai.onnx.ml" ? kCanonicalMlOpset : 1;
}

}  // namespace sardonyx
