#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "input_args.h"
#include "tensor/element.h"

namespace sardonyx {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxRank = 64;

Result<Extents> json_dims(const Json& json, const std::string& path) {
  Extents dims;
  for (const Json* at = &json; at->is_array(); at = &at->front()) {
    dims.push_back(static_cast<int64_t>(at->size()));
    if (at->empty()) break;
    if (dims.size() > kMaxRank) return fail(Code::kFile, quoted(path), ": lists are nested too deep");
  }
  return dims;
}

bool store(const Tensor& t, int64_t i, const Json& j) {
  if (t.dtype() == DType::kString) {
    if (!j.is_string()) return false;
    t.strings()[static_cast<size_t>(i)] = j.get<std::string>();
    return true;
  }
  if (j.is_boolean()) return store_number(t, i, Number::of(j.get<bool>() ? 1 : 0));
  if (j.is_number_unsigned()) return store_number(t, i, Number::of_unsigned(j.get<uint64_t>()));
  if (j.is_number_integer()) return store_number(t, i, Number::of(j.get<int64_t>()));
  return j.is_number_float() && store_number(t, i, Number::of_real(j.get<double>()));
}

Status fill(const Tensor& t, size_t axis, const Json& j, int64_t& next, const std::string& path) {
  if (axis == t.dims().size()) {
    if (store(t, next++, j)) return {};
    return fail(Code::kType, quoted(path), ": ",
                j.is_primitive() ? quoted(j.dump(-1, ' ', false, Json::error_handler_t::replace)) : "a list or object",
                " is no ", dtype_name(t.dtype()));
  }
  if (!j.is_array() || static_cast<int64_t>(j.size()) != t.dims()[axis])
    return fail(Code::kShape, quoted(path), ": lists at depth ", axis, " differ in length");
  for (const Json& item : j) SDX_RETURN_IF_ERROR(fill(t, axis + 1, item, next, path));
  return {};
}

Result<Tensor> tensor_of(const Json& json, const Port& port, const std::string& origin) {
  if (!port.type.is_tensor())
    return fail(Code::kType, "input ", quoted(port.name), " is ", to_string(port.type), "; JSON holds tensors");
  SDX_TRY(const Extents dims, json_dims(json, origin));
  SDX_TRY(const Tensor t, Tensor::make(port.type.elem, dims));
  int64_t next = 0;
  SDX_RETURN_IF_ERROR(fill(t, 0, json, next, origin));
  return t;
}

}  // namespace

Result<Tensor> read_json_input(const std::string& path, const Port& port) {
  std::ifstream file(path);
  if (!file) return fail(Code::kFile, quoted(path), " cannot be opened");
  const Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded()) return fail(Code::kFile, quoted(path), " is not valid JSON");
  return tensor_of(json, port, path);
}

std::optional<Result<Tensor>> json_value(const std::string& text, const Port& port) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || json.is_object() || json.is_null()) return std::nullopt;
  auto t = tensor_of(json, port, text);
  if (t.ok() && t->dims().empty() && port.has_rank) t = t->reshaped(std::vector<int64_t>(port.dims.size(), 1));
  return t;
}

}  // namespace sardonyx
