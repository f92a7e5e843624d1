// scan: no operators
#include "ops/fused/channels_last.h"

namespace sardonyx {

Shape to_channels_first(const Shape& s) {
  Shape out;
  for (int64_t a : perm_to_channels_first(s.size())) out.push_back(s[static_cast<size_t>(a)]);
  return out;
}
Shape to_channels_last(const Shape& s) {
  Shape out;
  for (int64_t a : perm_to_channels_last(s.size())) out.push_back(s[static_cast<size_t>(a)]);
  return out;
}

std::vector<int64_t> perm_to_channels_first(size_t rank) {
  std::vector<int64_t> p{0, static_cast<int64_t>(rank) - 1};
  for (size_t a = 1; a + 1 < rank; ++a) p.push_back(static_cast<int64_t>(a));
  return p;
}
std::vector<int64_t> perm_to_channels_last(size_t rank) {
  std::vector<int64_t> p{0};
  for (size_t a = 2; a < rank; ++a) p.push_back(static_cast<int64_t>(a));
  p.push_back(1);
  return p;
}

BodyCtx::Ref transpose_to_first(BodyCtx& b, BodyCtx::Ref x) {
  return b.op("Transpose", {x}, {Attr::of_ints("perm", perm_to_channels_first(b.fact(x).shape.size()))});
}
BodyCtx::Ref transpose_to_last(BodyCtx& b, BodyCtx::Ref x) {
  return b.op("Transpose", {x}, {Attr::of_ints("perm", perm_to_channels_last(b.fact(x).shape.size()))});
}

}  // namespace sardonyx
