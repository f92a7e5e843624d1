// Values of cases: from what is written to a Value of a known type, and comparison with what came out.
#pragma once
#include "cases/case_file.h"
#include "ir/fact.h"
#include "tensor/value.h"

namespace sardonyx::cases {

// `type` may have symbols or no rank where the literal itself says the extents (nested lists).
Result<Value> make_value(const Literal& literal, const Fact& type);

struct Tolerance {
  std::optional<double> rtol, atol;  // none: the defaults of the element type
};
// "" if they agree, else the first difference.
std::string compare(const Value& want, const Value& got, const Tolerance& tolerance);
// "" if `got` has this type, rank and (where known) these extents.
std::string compare_type(const Fact& want, const Value& got);
// True if `text` is `pattern`, in which <*> stands for anything.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace sardonyx::cases
