// Reads text as a graph, as case files, dumps and function bodies hold them; what is read is opened and run.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/contain.h"
#include "fuzz/open_and_run.h"
#include "ir/text_printer.h"
#include "ir/text_reader.h"
#include "ops/table.h"
#include "robust/memory_hooks.h"

// The first byte chooses the opset and the level.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sardonyx;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  ParseOptions options;
  options.opset = kCanonicalOpset - data[0] / 2 % 20;
  options.symbolic_inputs = data[0] >= 128;
  Model model;
  {
    const testing::LimitRequests limit(size_t{32} << 20);
    auto graph = contained("reading text", [&] { return parse_graph(text, ops(), options); });
    if (graph.status().code() == Code::kInternal) {
      std::fprintf(stderr, "a broken invariant: %s\n", graph.status().to_string().c_str());
      std::abort();
    }
    if (!graph.ok()) return 0;
    model.graph = std::move(*graph);
    (void)contained("printing text", [&]() -> Status {
      (void)print_graph(*model.graph, {});
      return {};
    });
  }
  fuzz::open_and_run(std::move(model), data[0]);
  return 0;
}
