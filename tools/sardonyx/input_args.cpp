#include "input_args.h"

#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "common/data_set.h"
#include "common/npy.h"
#include "onnx/mapped_file.h"
#include "onnx/value_pb.h"
#include "session_args.h"
#include "tensor/element.h"

namespace sardonyx {
namespace {

constexpr int kRandomLimit = 2;  // integers are 0 or 1: valid as masks and as most indices

// "1,?,?": what --shape takes, with the declared extents.
std::string open_extents(const Port& port) {
  std::string s;
  for (size_t k = 0; k < port.dims.size(); ++k)
    s += cat(k ? "," : "", port.dims[k] < 0 ? std::string("N") : std::to_string(port.dims[k]));
  return s;
}

// Extents with 1 in place of symbols; notes on that go to `ones`.
Result<Extents> concrete_dims(const Port& port, std::set<std::string>& ones) {
  if (!port.has_rank)
    return fail(Code::kShape, "input ", quoted(port.name), " has no declared rank: random data needs one, give a file");
  Extents dims;
  for (size_t k = 0; k < port.dims.size(); ++k) {
    if (port.dims[k] < 0)
      ones.insert(is_name(port.dim_names[k])
                      ? cat(port.dim_names[k], " = 1; choose with --dim ", port.dim_names[k], "=N")
                      : cat("1 for the open dimensions of ", port.name, "; choose with --shape ", port.name, "=",
                            open_extents(port)));
    dims.push_back(port.dims[k] < 0 ? 1 : port.dims[k]);
  }
  return dims;
}

Result<Value> random_value(const Port& port, std::mt19937& source, std::set<std::string>& ones) {
  if (!port.type.is_tensor())
    return fail(Code::kType, "input ", quoted(port.name), " is ", to_string(port.type),
                ": there is no random data of this type, give a file");
  SDX_TRY(const Extents dims, concrete_dims(port, ones));
  SDX_TRY(Tensor t, Tensor::make(port.type.elem, dims));
  std::uniform_real_distribution<float> real(0, 1);
  if (t.dtype() == DType::kString) {
    for (std::string& s : t.strings()) s = std::string(1, static_cast<char>('a' + source() % 26));
    return Value(t);
  }
  if (t.dtype() == DType::kF32) {
    for (int64_t i = 0; i < t.count(); ++i) t.as<float>()[i] = real(source);
    return Value(t);
  }
  const bool whole = is_int(t.dtype()) || t.dtype() == DType::kBool;
  for (int64_t i = 0; i < t.count(); ++i)
    store_number(t, i,
                 whole ? Number::of(source() % kRandomLimit) : Number::of_real(static_cast<double>(real(source))));
  return Value(t);
}

Result<std::map<std::string, std::string>> named_inputs(const Session& session, const InputArgs& args) {
  std::map<std::string, std::string> named;
  std::vector<std::string_view> names;
  for (const Port& p : session.inputs()) names.push_back(p.name);
  for (const std::string& text : args.inputs) {
    SDX_TRY(const auto pair, split_pair(text));
    if (std::find(names.begin(), names.end(), pair.first) == names.end()) {
      std::string list;
      for (std::string_view n : names) list += cat(list.empty() ? "" : ", ", quoted(n));
      return fail(Code::kInputName, "the model has no input ", quoted(pair.first), "; it has ", list);
    }
    if (!named.insert(pair).second) return fail(Code::kInputName, "input ", quoted(pair.first), " is given twice");
  }
  return named;
}

Status missing_inputs(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& n : names) list += cat(list.empty() ? "" : ", ", quoted(n));
  return fail(Code::kInputName, "no data for ", names.size() > 1 ? "inputs " : "input ", list, "; use --input ",
              names[0], "=FILE, or --random");
}

}  // namespace

Result<Value> read_input(const std::string& path, const Port& port, const InputArgs& args) {
  if (!std::filesystem::exists(path)) {
    if (auto value = json_value(path, port)) return value->ok() ? Result<Value>(Value(**value)) : value->take_status();
  }
  std::string ending = std::filesystem::path(path).extension().string();
  for (char& c : ending) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  if (ending == ".npy") {
    SDX_TRY(const Tensor t, read_npy(path));
    return Value(t);
  }
  if (ending == ".npz") {
    SDX_TRY(const Tensor t, read_npz(path, port.name));
    return Value(t);
  }
  if (ending == ".pb") {
    SDX_TRY(const BufferPtr bytes, map_file(path));
    auto v = read_value_pb({static_cast<const char*>(bytes->data()), bytes->bytes()}, port.type);
    return v.ok() ? std::move(v) : Result<Value>(v.take_status().at_origin(path));
  }
  if (ending == ".json") {
    SDX_TRY(const Tensor t, read_json_input(path, port));
    return Value(t);
  }
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg" || ending == ".bmp" || ending == ".ppm") {
    SDX_TRY(const Tensor t, read_picture_input(path, port, args));
    return Value(t);
  }
  return fail(Code::kFile, quoted(path),
              ": inputs are read from .npy, .npz, .pb, .json, .png, .jpg, .bmp and .ppm files");
}

std::string data_folder(const std::string& folder, const std::string& model) {
  if (std::filesystem::is_directory(folder)) return folder;
  return (std::filesystem::path(model).parent_path() / folder).string();
}

Result<std::vector<Value>> make_inputs(const Session& session, const InputArgs& args, const std::string& model) {
  if (!args.data.empty()) {
    if (!args.inputs.empty()) return fail(Code::kOption, "--data brings all inputs: leave out --input");
    SDX_TRY(DataSet data, read_data_set(data_folder(args.data, model), session));
    return std::move(data.inputs);
  }
  SDX_TRY(const auto named, named_inputs(session, args));
  std::vector<Value> values(session.inputs().size());
  std::vector<std::string> missing;
  std::set<std::string> ones;
  std::mt19937 source(1);
  for (size_t i = 0; i < values.size(); ++i) {
    const Port& port = session.inputs()[i];
    const auto given = named.find(port.name);
    if (given != named.end() && given->second != "random") {
      SDX_TRY(values[i], read_input(given->second, port, args));
    } else if (given != named.end() || args.random) {
      if (port.type.kind == Type::Kind::kOptional && given == named.end()) continue;
      SDX_TRY(values[i], random_value(port, source, ones));
    } else if (port.type.kind != Type::Kind::kOptional) {
      missing.push_back(port.name);
    }
  }
  if (!missing.empty()) return missing_inputs(missing);
  for (const std::string& note : ones) std::fprintf(stderr, "note: random inputs take %s\n", note.c_str());
  return values;
}

}  // namespace sardonyx
