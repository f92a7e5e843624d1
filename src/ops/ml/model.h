// What the operators of classical models share: rows of samples, class labels, names of score transforms.
#pragma once
#include "ops/shape/contents.h"

namespace sardonyx {

// The number of samples in input 0: [C] counts as [1,C]. A fresh symbol while the rank is unknown.
inline Result<Dim> sample_count(InferCtx& c) {
  if (!c.in(0).has_rank) return c.fresh();
  const Shape& x = c.in(0).shape;
  if (x.empty() || x.size() > 2)
    return c.shape_error("X ", c.text(x), " has rank ", x.size(), ", expected [C] or [N,C]");
  return x.size() == 1 ? Dim(1) : x[0];
}

struct Labels {
  DType type;
  int64_t count;
};

// Class labels, of which one of two attributes holds the list.
inline Result<Labels> class_labels(const InferCtx& c, std::string_view ints, std::string_view strings) {
  const Attr* i = c.attr(ints);
  const Attr* s = c.attr(strings);
  const bool has_ints = i != nullptr && !i->ints.empty(), has_strings = s != nullptr && !s->strings.empty();
  if (has_ints == has_strings)
    return fail(Code::kAttr, has_ints ? "both " : "neither ", ints, has_ints ? " and " : " nor ", strings,
                " has labels, expected exactly one of them");
  return has_ints ? Labels{DType::kI64, static_cast<int64_t>(i->ints.size())}
                  : Labels{DType::kString, static_cast<int64_t>(s->strings.size())};
}

inline Status check_one_of(const InferCtx& c, std::string_view attr, std::initializer_list<std::string_view> allowed) {
  const std::string_view given = c.attr_string(attr);
  std::string list;
  for (std::string_view a : allowed) {
    if (a == given) return {};
    list += cat(list.empty() ? "" : ", ", quoted(a));
  }
  return fail(Code::kAttr, attr, " is ", quoted(given), ", expected one of ", list);
}
inline Status check_post_transform(const InferCtx& c) {
  return check_one_of(c, "post_transform", {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"});
}
inline Status check_kernel_type(const InferCtx& c) {
  return check_one_of(c, "kernel_type", {"LINEAR", "POLY", "RBF", "SIGMOID"});
}

}  // namespace sardonyx
