// Reads bytes as a model or as a value file of some type; what is read must be writable, and readable again.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "onnx/model_writer.h"
#include "onnx/value_pb.h"
#include "ops/table.h"

namespace sardonyx {
namespace {

void stop(const char* what, const Status& status) {
  std::fprintf(stderr, "%s: %s\n", what, status.to_string().c_str());
  std::abort();
}

void try_model(std::string_view bytes) {
  auto model = load_model_bytes(bytes, ops());
  if (!model.ok() && model.status().code() == Code::kInternal) stop("a broken invariant", model.status());
  if (model.ok()) (void)write_model(*model->graph, save_options_of(*model));
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
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Type tensor = Type::tensor(DType::kF32);
  switch (data[0]) {
    case 't': try_value(bytes, tensor); break;
    case 's': try_value(bytes, Type::sequence(tensor)); break;
    case 'o': try_value(bytes, Type::optional(Type::sequence(tensor))); break;
    case 'm': try_value(bytes, Type::map(DType::kI64, tensor)); break;
    case 'M': try_value(bytes, Type::sequence(Type::map(DType::kString, tensor))); break;
    default: try_model(bytes);
  }
  return 0;
}
