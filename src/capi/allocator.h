// Allocators: the default one (the heap, 64-byte aligned) and helpers for those of callers. The default allocator lives
// as long as the process and is never released.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "capi/memory_info.h"
#include "capi/status.h"

struct OrtArenaCfg {
  std::map<std::string, size_t, std::less<>> values;  // by the key of CreateArenaCfgV2
};

namespace sardonyx::capi {

OrtAllocator* default_allocator();

// Memory of `allocator`; null if it has none.
void* allocate(OrtAllocator* allocator, size_t bytes);
// A copy of the text with a final zero, in the allocator's memory.
OrtStatus* copy_text(OrtAllocator* allocator, std::string_view text, char** out);

}  // namespace sardonyx::capi
