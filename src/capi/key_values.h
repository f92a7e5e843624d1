// OrtKeyValuePairs: text by key, in the order of the keys, with arrays of pointers for those who want all of it.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "capi/slots.h"

struct OrtKeyValuePairs {
  void set(std::string key, std::string value) {
    entries[std::move(key)] = std::move(value);
    sync();
  }
  void sync() {
    keys.clear(), values.clear();
    for (const auto& [k, v] : entries) keys.push_back(k.c_str()), values.push_back(v.c_str());
  }
  std::map<std::string, std::string, std::less<>> entries;
  std::vector<const char*> keys, values;
};
