// OrtExternalInitializerInfo: where in a file the bytes of an initializer lie.
#pragma once
#include <string>

#include "capi/slots.h"

struct OrtExternalInitializerInfo {
  std::string path;
  int64_t offset = 0;
  size_t bytes = 0;
};
