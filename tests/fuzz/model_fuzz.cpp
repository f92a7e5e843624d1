// Opens bytes as a model and runs it. Its seeds hold every operator, so that what is bent are attributes, extents and
// weights of models that nearly run.
#include <cstdint>

#include "base/contain.h"
#include "fuzz/open_and_run.h"
#include "ops/table.h"
#include "robust/memory_hooks.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sardonyx;
  Model model;
  {
    const testing::LimitRequests limit(size_t{32} << 20);
    auto loaded = contained("reading a model", [&] {
      return load_model_bytes({reinterpret_cast<const char*>(data), size}, ops());
    });
    if (!loaded.ok()) return 0;
    model = std::move(*loaded);
  }
  fuzz::open_and_run(std::move(model), static_cast<unsigned>(size));
  return 0;
}
