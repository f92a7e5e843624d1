// OrtRunOptions: how one or more runs are to go. The terminate flag may be set from any thread while a run goes on.
#pragma once
#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "capi/slots.h"

struct OrtRunOptions {
  int log_severity = -1, log_verbosity = 0;  // -1: the session's
  std::string tag;
  std::atomic<bool> terminate{false};
  std::map<std::string, std::string, std::less<>> config;
  std::vector<const OrtLoraAdapter*> adapters;  // the caller keeps them
  bool profiling = false;
  std::string profile_prefix;
};
