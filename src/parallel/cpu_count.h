// How many CPUs this process may keep busy: the affinity mask, and the CPU quota that a container was given.
// Thread-safe. Reading the system's files takes a tenth of a millisecond, so count_cpus() does it once per process.
#pragma once
#include <string>
#include <string_view>

namespace sardonyx {

// CPUs that the calling thread's affinity mask allows, at least 1.
int affinity_cpus();

// The smallest CPU quota, rounded up to whole CPUs, on the way from the process's control group to the root; 0 without
// a quota. membership is the text of /proc/self/cgroup, mount the folder where cgroup file systems are mounted.
int quota_cpus(std::string_view membership, const std::string& mount);

// min(affinity_cpus(), quota_cpus() of this process), at least 1.
int count_cpus();

}  // namespace sardonyx
