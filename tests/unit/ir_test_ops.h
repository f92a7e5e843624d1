// A few operators for tests of the graph and the text format, independent of the real table. They are described only as
// far as the tests need: real names, small histories, bodies in text and code.
#pragma once
#include "ir/op_def.h"

namespace sardonyx::test {

const OpLookup& test_ops();

}  // namespace sardonyx::test
