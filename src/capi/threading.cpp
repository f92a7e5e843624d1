#include "capi/threading.h"

#include "capi/status.h"

namespace sardonyx::capi {

namespace {

bool read_int(std::string_view& s, int& out) {
  size_t n = 0;
  out = 0;
  while (n < s.size() && n < 7 && s[n] >= '0' && s[n] <= '9') out = out * 10 + (s[n++] - '0');
  s.remove_prefix(n);
  return n > 0;
}

// One worker's CPUs; what cannot be read stays in `s`.
std::vector<int> read_group(std::string_view& s) {
  std::vector<int> cpus;
  for (;;) {
    int first = 0, last = 0;
    if (!read_int(s, first)) return cpus;
    last = first;
    if (!s.empty() && s[0] == '-') {
      s.remove_prefix(1);
      if (!read_int(s, last)) return cpus;
    }
    if (first < 1 || last < first || last > 4096) return cpus;
    for (int c = first; c <= last; ++c) cpus.push_back(c - 1);
    if (s.empty() || s[0] != ',') return cpus;
    s.remove_prefix(1);
  }
}

}  // namespace

Result<std::vector<std::vector<int>>> parse_affinity(std::string_view text) {
  std::vector<std::vector<int>> groups;
  for (std::string_view s = text; !s.empty();) {
    groups.push_back(read_group(s));
    if (groups.back().empty() || (!s.empty() && s[0] != ';'))
      return fail(Code::kOption, "thread affinities ", quoted(text), " cannot be read at ", quoted(s),
                  "; wanted are lists of CPUs from 1 on, like \"1,2;3-4\"");
    if (!s.empty()) s.remove_prefix(1);
  }
  return groups;
}

std::shared_ptr<ThreadPool> make_pool(const OrtThreadingOptions& options) {
  ThreadPoolOptions pool;
  pool.threads = options.intra_op;
  pool.spin = options.spin;
  pool.spin_us = options.spin_us;
  pool.flush_denormals = options.denormal_as_zero;
  if (auto cpus = parse_affinity(options.affinity); cpus.ok()) pool.cpus = *cpus;
  if (options.threads.create != nullptr) {
    // The interface's functions have the types of the pool's, but for the constness of a handle.
    pool.create = reinterpret_cast<void* (*)(void*, void (*)(void*), void*)>(options.threads.create);
    pool.join = reinterpret_cast<void (*)(void*)>(options.threads.join);
    pool.context = options.threads.options;
  }
  pool.callbacks = options.callbacks;
  return std::make_shared<ThreadPool>(pool);
}

OrtStatus* CreateThreadingOptions(OrtThreadingOptions** out) {
  *out = new OrtThreadingOptions;
  return nullptr;
}
void ReleaseThreadingOptions(OrtThreadingOptions* input) { delete input; }
OrtStatus* SetGlobalIntraOpNumThreads(OrtThreadingOptions* tp_options, int intra_op_num_threads) {
  tp_options->intra_op = intra_op_num_threads;
  return nullptr;
}
OrtStatus* SetGlobalInterOpNumThreads(OrtThreadingOptions* tp_options, int inter_op_num_threads) {
  tp_options->inter_op = inter_op_num_threads;
  return nullptr;
}
OrtStatus* SetGlobalSpinControl(OrtThreadingOptions* tp_options, int allow_spinning) {
  if (allow_spinning != 0 && allow_spinning != 1)
    return invalid("Received invalid value for allow_spinning. Valid values are 0 or 1\n", allow_spinning);
  tp_options->spin = allow_spinning != 0;
  return nullptr;
}
OrtStatus* SetGlobalDenormalAsZero(OrtThreadingOptions* tp_options) {
  tp_options->denormal_as_zero = true;
  return nullptr;
}
OrtStatus* SetGlobalIntraOpThreadAffinity(OrtThreadingOptions* tp_options, const char* affinity_string) {
  const size_t length = std::string_view(affinity_string).size();
  if (length == 0 || length > 4096) return invalid("Size of affinity string must be between 1 and 4096");
  SDX_CAPI_RETURN_IF_ERROR(parse_affinity(affinity_string).take_status());
  tp_options->affinity = affinity_string;
  return nullptr;
}
OrtStatus* SetGlobalCustomCreateThreadFn(OrtThreadingOptions* tp_options,
                                         OrtCustomCreateThreadFn ort_custom_create_thread_fn) {
  tp_options->threads.create = ort_custom_create_thread_fn;
  return nullptr;
}
OrtStatus* SetGlobalCustomThreadCreationOptions(OrtThreadingOptions* tp_options,
                                                void* ort_custom_thread_creation_options) {
  tp_options->threads.options = ort_custom_thread_creation_options;
  return nullptr;
}
OrtStatus* SetGlobalCustomJoinThreadFn(OrtThreadingOptions* tp_options,
                                       OrtCustomJoinThreadFn ort_custom_join_thread_fn) {
  tp_options->threads.join = ort_custom_join_thread_fn;
  return nullptr;
}

}  // namespace sardonyx::capi
