// What the fuzz targets do with a model: open it and run it, with limits on memory and time. A broken invariant of ours
// aborts, any other refusal is an answer.
#pragma once
#include "exec/session.h"

namespace sardonyx::fuzz {

// At level none or all, by `choice`; one thread. Inputs are small numbers; symbolic extents become 1 to 3.
void open_and_run(Model model, unsigned choice);

}  // namespace sardonyx::fuzz
