#include "common/data_set.h"

#include <filesystem>

#include "onnx/mapped_file.h"
#include "onnx/value_pb.h"

namespace sardonyx {

namespace fs = std::filesystem;

namespace {

Result<std::vector<Value>> read_files(const std::string& folder, std::string_view what, std::span<const Type> types,
                                      std::string_view variant = {}) {
  std::vector<Value> values;
  for (size_t i = 0; i < types.size(); ++i) {
    std::string path = cat(folder, "/", what, "_", i, ".pb");
    if (!fs::exists(path)) break;
    const std::string other = cat(folder, "/", what, "_", i, ".", variant, ".pb");
    if (!variant.empty() && fs::exists(other)) path = other;
    SDX_TRY(BufferPtr bytes, map_file(path));
    auto v = read_value_pb({static_cast<const char*>(bytes->data()), bytes->bytes()}, types[i]);
    if (!v.ok()) return v.take_status().at_origin(path);
    values.push_back(std::move(*v));
  }
  return values;
}

std::vector<Type> types_of(const std::vector<Port>& ports) {
  std::vector<Type> types;
  for (const Port& p : ports) types.push_back(p.type);
  return types;
}

}  // namespace

Result<std::vector<Value>> read_data_set_inputs(const std::string& folder, std::span<const Type> types) {
  return read_files(folder, "input", types);
}

Result<DataSet> read_data_set(const std::string& folder, const Session& session, std::string_view variant) {
  if (!fs::is_directory(folder)) return fail(Code::kFile, "no such folder: ", quoted(folder));
  DataSet d;
  SDX_TRY(d.inputs, read_files(folder, "input", types_of(session.inputs())));
  SDX_TRY(d.outputs, read_files(folder, "output", types_of(session.outputs()), variant));
  for (size_t i = d.inputs.size(); i < session.inputs().size(); ++i)
    if (session.inputs()[i].type.kind != Type::Kind::kOptional)
      return fail(Code::kFile, quoted(folder), " has ", d.inputs.size(), " input files, the model has ",
                  session.inputs().size(), " inputs");
  d.inputs.resize(session.inputs().size());
  return d;
}

std::vector<std::string> data_set_folders(const std::string& model_folder) {
  std::vector<std::string> found;
  for (int k = 0;; ++k) {
    const std::string path = cat(model_folder, "/test_data_set_", k);
    if (!fs::is_directory(path)) break;
    found.push_back(path);
  }
  return found;
}

}  // namespace sardonyx
