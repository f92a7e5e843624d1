#include "session_args.h"

#include <charconv>
#include <set>
#include <sstream>

#include "ops/table.h"

namespace sardonyx {

Result<DimValues> parse_dims(const std::vector<std::string>& texts) {
  DimValues values;
  for (const std::string& text : texts) {
    SDX_TRY(const auto pair, split_pair(text));
    int64_t v = 0;
    const char* end = pair.second.data() + pair.second.size();
    const auto [at, error] = std::from_chars(pair.second.data(), end, v);
    if (error != std::errc() || at != end || v < 0)
      return fail(Code::kOption, "--dim ", quoted(text), ": the size must be an integer of at least 0");
    values[pair.first] = v;
  }
  return values;
}

namespace {

Status add_shape(const std::string& text, LoadOptions& load) {
  SDX_TRY(const auto pair, split_pair(text));
  std::vector<int64_t> extents;
  std::stringstream in(pair.second);
  for (std::string part; std::getline(in, part, ',');) {
    int64_t v = -1;
    const auto [at, error] = std::from_chars(part.data(), part.data() + part.size(), v);
    if (part != "?" && (error != std::errc() || at != part.data() + part.size() || v < 0))
      return fail(Code::kOption, "--shape ", quoted(text), ": dimensions are integers of at least 0, or ?");
    extents.push_back(part == "?" ? -1 : v);
  }
  if (!load.input_extents.emplace(pair.first, std::move(extents)).second)
    return fail(Code::kOption, "--shape gives ", quoted(pair.first), " twice");
  return {};
}

// The loader accepts values of symbols that the model lacks; here they are mistakes.
Status check_dims(const std::string& path, const DimValues& values) {
  SDX_TRY(const Model model, load_model(path, ops()));
  std::set<std::string> known;
  for (const ModelValue& v : model.inputs)
    for (Dim d : v.shape)
      if (const std::string name = model.graph->symbols().to_string(d); !d.known() && is_name(name)) known.insert(name);
  std::string names;
  for (const std::string& s : known) names += cat(names.empty() ? "" : ", ", quoted(s));
  for (const auto& [name, value] : values)
    if (!known.contains(name))
      return fail(Code::kOption, "--dim ", quoted(name), ": the model's inputs have ",
                  known.empty() ? "no symbolic dimensions" : cat("the symbolic dimensions ", names));
  return {};
}

}  // namespace

Result<std::pair<std::string, std::string>> split_pair(const std::string& text) {
  const size_t at = text.find('=');
  if (at == text.npos || at == 0) return fail(Code::kOption, quoted(text), " should read NAME=VALUE");
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

Result<OptLevel> parse_level(const std::string& text) {
  if (text == "none") return OptLevel::kDisableAll;
  if (text == "basic") return OptLevel::kBasic;
  if (text == "extended") return OptLevel::kExtended;
  if (text == "all") return OptLevel::kAll;
  return fail(Code::kOption, "--level ", quoted(text), " should be none, basic, extended or all");
}

Result<SessionOptions> session_options(const SessionArgs& args, SessionOptions options) {
  SDX_TRY(options.level, parse_level(args.level));
  if (args.threads < 0) return fail(Code::kOption, "--threads must be at least 0");
  options.threads = args.threads;
  SDX_TRY(options.load.symbol_values, parse_dims(args.dims));
  for (const std::string& text : args.shapes) SDX_RETURN_IF_ERROR(add_shape(text, options.load));
  if (!options.load.symbol_values.empty() && !args.checked)
    SDX_RETURN_IF_ERROR(check_dims(args.model, options.load.symbol_values));
  return options;
}

Result<std::unique_ptr<Session>> open_session(const SessionArgs& args, SessionOptions given) {
  SDX_TRY(const SessionOptions options, session_options(args, std::move(given)));
  return Session::open(args.model, options);
}

bool is_name(std::string_view symbol) {
  return symbol.size() < 2 || symbol[0] != '_' || symbol.find_first_not_of("0123456789", 1) != symbol.npos;
}

std::string extents_text(const Port& port) {
  if (!port.has_rank) return "?";
  std::string s = "[";
  for (size_t k = 0; k < port.dims.size(); ++k)
    s += cat(k ? "," : "", port.dims[k] >= 0            ? std::to_string(port.dims[k])
                           : is_name(port.dim_names[k]) ? port.dim_names[k]
                                                        : "?");
  return s + "]";
}

}  // namespace sardonyx
