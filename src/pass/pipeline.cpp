#include "pass/pipeline.h"

namespace sardonyx {

std::vector<PassInfo> all_passes() { return {}; }

Result<PassReport> run_passes(Graph&, const PassOptions&) { return PassReport{}; }

}  // namespace sardonyx
