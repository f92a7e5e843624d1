// OrtIoBinding: values given to inputs and outputs once, for many runs. One thread at a time. It holds the session.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "capi/value.h"

struct OrtIoBinding {
  // Names and what is bound to them, in the order in which they were bound.
  struct Side {
    std::vector<std::unique_ptr<std::string>> names;  // stay where they are while others are added
    std::vector<std::unique_ptr<OrtValue>> values;    // null: an output that each run makes anew
    std::vector<uint8_t> in_place;                    // outputs: the caller's tensor is filled
    std::vector<const char*> name_pointers;           // as runs take them
    std::vector<OrtValue*> value_pointers;

    void bind(const char* name, std::unique_ptr<OrtValue> value, bool fill);
    void clear() { *this = Side(); }
  };
  OrtSession* session = nullptr;
  Side inputs, outputs;
};
