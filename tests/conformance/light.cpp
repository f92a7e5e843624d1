#include "light.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/compare.h"
#include "onnx/mapped_file.h"
#include "onnx/value_pb.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

std::string expected_path(const std::string& model) {
  return cat(model.substr(0, model.size() - fs::path(model).extension().string().size()), "_output_0.pb");
}

// The number behind "rtol" in the real case's data.json.
double rtol_of(const std::string& model) {
  constexpr std::string_view kPrefix = "light_";
  const std::string name = fs::path(model).stem().string();
  if (!name.starts_with(kPrefix)) return Tolerance().rtol;
  const fs::path data =
      fs::path(model).parent_path().parent_path() / "real" / cat("test_", name.substr(kPrefix.size())) / "data.json";
  std::stringstream text;
  text << std::ifstream(data).rdbuf();
  const std::string json = text.str();
  const size_t at = json.find("\"rtol\":");
  return at == json.npos ? Tolerance().rtol : std::atof(json.c_str() + at + 7);
}

// Element i of n is i / n; extents that the model leaves open are 1.
Result<Value> ramp(const Port& port) {
  if (!port.type.is_tensor() || port.type.elem != DType::kF32 || !port.has_rank)
    return fail(Code::kType, "input ", quoted(port.name), " is not a float tensor of known rank");
  Extents dims;
  for (int64_t d : port.dims) dims.push_back(d < 0 ? 1 : d);
  SDX_TRY(Tensor t, Tensor::make(DType::kF32, dims));
  const double n = static_cast<double>(t.count());
  for (int64_t i = 0; i < t.count(); ++i) t.as<float>()[i] = static_cast<float>(static_cast<double>(i) / n);
  return Value(std::move(t));
}

}  // namespace

bool is_light_case(const std::string& model) {
  return fs::path(model).extension() == ".onnx" && fs::exists(expected_path(model));
}

Status run_light_case(const Session& session, const std::string& model) {
  std::vector<Value> inputs, outputs(session.outputs().size());
  for (const Port& p : session.inputs()) {
    SDX_TRY(Value v, ramp(p));
    inputs.push_back(std::move(v));
  }
  SDX_RETURN_IF_ERROR(session.run(inputs, outputs));
  SDX_TRY(const BufferPtr bytes, map_file(expected_path(model)));
  SDX_TRY(const Value want,
          read_value_pb({static_cast<const char*>(bytes->data()), bytes->bytes()}, session.outputs()[0].type));
  Tolerance tolerance;
  tolerance.rtol = rtol_of(model);
  const Difference d = compare(outputs[0], want, tolerance);
  return d.same ? Status() : fail(Code::kRange, "output ", quoted(session.outputs()[0].name), " ", d.text);
}

}  // namespace sardonyx
