// LoRA adapters, the model compiler and where external weights lie.
#pragma once
#include <string>

#include "ort.h"

namespace sardonyx::python {

class LoraAdapter {
 public:
  void load(const std::string& path);
  const OrtLoraAdapter* handle() const;

 private:
  Owned<OrtLoraAdapter, &OrtApi::ReleaseLoraAdapter> adapter_;
};

void bind_tools(nb::module_& m);

}  // namespace sardonyx::python
