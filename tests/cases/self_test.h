// Whether the runner sees what is wrong in a case: cases that must fail, and how.
#pragma once

namespace sardonyx::cases {

int self_test();  // exit status

}  // namespace sardonyx::cases
