#include "capi/key_values.h"

namespace sardonyx::capi {

void CreateKeyValuePairs(OrtKeyValuePairs** out) { *out = new OrtKeyValuePairs; }
void AddKeyValuePair(OrtKeyValuePairs* kvps, const char* key, const char* value) {
  if (*key != 0) kvps->set(key, value);
}
const char* GetKeyValue(const OrtKeyValuePairs* kvps, const char* key) {
  const auto it = kvps->entries.find(std::string_view(key));
  return it == kvps->entries.end() ? nullptr : it->second.c_str();
}
void GetKeyValuePairs(const OrtKeyValuePairs* kvps, const char* const** keys, const char* const** values,
                      size_t* num_entries) {
  *keys = kvps->keys.data(), *values = kvps->values.data(), *num_entries = kvps->keys.size();
}
void RemoveKeyValuePair(OrtKeyValuePairs* kvps, const char* key) {
  const auto it = kvps->entries.find(std::string_view(key));
  if (it == kvps->entries.end()) return;
  kvps->entries.erase(it);
  kvps->sync();
}
void ReleaseKeyValuePairs(OrtKeyValuePairs* input) { delete input; }

}  // namespace sardonyx::capi
