// OrtProfilingEvent: a span of time that a provider measured.
#include <map>
#include <memory>
#include <string>

#include "capi/status.h"

struct OrtProfilingEvent {
  OrtProfilingEventCategory category;
  int32_t process, thread;
  std::string name;
  int64_t start_us, duration_us;
  std::map<std::string, std::string, std::less<>> args;
};

namespace sardonyx::capi::ep {

OrtStatus* CreateProfilingEvent(OrtProfilingEventCategory category, int32_t process_id, int32_t thread_id,
                                const char* event_name, int64_t timestamp_us, int64_t duration_us,
                                const char* const* arg_keys, const char* const* arg_values, size_t num_args,
                                OrtProfilingEvent** out) {
  const int number = static_cast<int>(category);
  if (number < 0 || number > OrtProfilingEventCategory_API)
    return invalid("OrtProfilingEventCategory value '", number, "' is out of the expected range: [0 ... 4)");
  auto e = std::make_unique<OrtProfilingEvent>();
  e->category = category, e->process = process_id, e->thread = thread_id, e->name = event_name;
  e->start_us = timestamp_us, e->duration_us = duration_us;
  for (size_t i = 0; i < num_args; ++i) {
    if (arg_keys[i] == nullptr) return invalid("Arg key at index ", i, " is NULL");
    if (arg_values[i] == nullptr) return invalid("Arg value at index ", i, " is NULL");
    e->args.insert_or_assign(arg_keys[i], arg_values[i]);
  }
  *out = e.release();
  return nullptr;
}
void ReleaseProfilingEvent(OrtProfilingEvent* input) { delete input; }

OrtStatus* ProfilingEvent_GetCategory(const OrtProfilingEvent* event, OrtProfilingEventCategory* out) {
  *out = event->category;
  return nullptr;
}
OrtStatus* ProfilingEvent_GetName(const OrtProfilingEvent* event, const char** out) {
  *out = event->name.c_str();
  return nullptr;
}
OrtStatus* ProfilingEvent_GetTimestampUs(const OrtProfilingEvent* event, int64_t* out) {
  *out = event->start_us;
  return nullptr;
}
OrtStatus* ProfilingEvent_GetDurationUs(const OrtProfilingEvent* event, int64_t* out) {
  *out = event->duration_us;
  return nullptr;
}
OrtStatus* ProfilingEvent_GetArgValue(const OrtProfilingEvent* event, const char* key, const char** out) {
  const auto it = event->args.find(std::string_view(key));
  *out = it == event->args.end() ? nullptr : it->second.c_str();
  return nullptr;
}

}  // namespace sardonyx::capi::ep
