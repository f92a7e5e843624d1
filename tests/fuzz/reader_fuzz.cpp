// Reads bytes as a model or as a value file of some type; what is read must be writable, and readable again; models are
// run too.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/contain.h"
#include "fuzz/open_and_run.h"
#include "onnx/model_writer.h"
#include "onnx/value_pb.h"
#include "ops/table.h"
#include "robust/memory_hooks.h"

namespace sardonyx {
namespace {

void stop(const char* what, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", what, status.to_string().c_str());
  std::abort();
}

void try_model(std::string_view bytes) {
  auto model = load_model_bytes(bytes, ops());
  if (!model.ok() && model.status().code() == Code::kInternal) stop("a broken invariant", model.status());
  if (!model.ok()) return;
  (void)write_model(*model->graph, save_options_of(*model));
  fuzz::open_and_run(std::move(*model), static_cast<unsigned>(bytes.size()));
}

void try_value(std::string_view bytes, const Type& type) {
  auto value = read_value_pb(bytes, type);
  if (!value.ok()) return;
  auto written = write_value_pb(*value, type);
  if (!written.ok()) return;
  if (auto back = read_value_pb(*written, type); !back.ok()) stop("a written value cannot be read", back.status());
}

}  // namespace
}  // namespace sardonyx

// The first byte chooses the kind of file.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sardonyx;
  if (size == 0) return 0;
  const testing::LimitRequests limit(size_t{32} << 20);
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Type tensor = Type::tensor(DType::kF32);
  (void)contained("reading bytes", [&]() -> Status {
    switch (data[0]) {
      case 't': try_value(bytes, tensor); break;
      case 's': try_value(bytes, Type::sequence(tensor)); break;
      case 'o': try_value(bytes, Type::optional(Type::sequence(tensor))); break;
      case 'm': try_value(bytes, Type::map(DType::kI64, tensor)); break;
      case 'M': try_value(bytes, Type::sequence(Type::map(DType::kString, tensor))); break;
      default: try_model(bytes);
    }
    return {};
  });
  return 0;
}
