#include <algorithm>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "common/compare.h"
#include "common/data_set.h"
#include "common/npy.h"
#include "onnx/value_pb.h"
#include "stopwatch.h"
#include "value_report.h"
#include "verbs.h"

namespace sardonyx {
namespace {

namespace fs = std::filesystem;

std::string file_name(const std::string& value_name) {
  std::string s = value_name;
  for (char& c : s)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 32) c = '_';
  return s.empty() || s == "." || s == ".." ? "output" : s;
}

// .npy where NumPy has the type, .pb otherwise.
Status write_outputs(const std::string& folder, const Session& session, const std::vector<Value>& outputs) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::kFile, quoted(folder), ": ", error.message());
  for (size_t k = 0; k < outputs.size(); ++k) {
    const Port& port = session.outputs()[k];
    const std::string path = folder + "/" + file_name(port.name);
    if (outputs[k].is_tensor()) {
      const Status written = write_npy(path + ".npy", outputs[k].tensor());
      if (written.ok()) continue;
      if (written.code() != Code::kType) return written;
    }
    SDX_TRY(const std::string bytes, write_value_pb(outputs[k], port.type, port.name));
    std::ofstream file(path + ".pb", std::ios::binary);
    if (!file.write(bytes.data(), static_cast<std::streamsize>(bytes.size())).flush())
      return fail(Code::kFile, quoted(path + ".pb"), " could not be written");
  }
  return {};
}

Result<std::vector<std::string>> read_labels(const std::string& path) {
  std::vector<std::string> labels;
  if (path.empty()) return labels;
  std::ifstream file(path);
  if (!file) return fail(Code::kFile, quoted(path), " cannot be opened");
  for (std::string line; std::getline(file, line);) labels.push_back(line);
  return labels;
}

// The largest values along the last axis of every numeric output, best first.
nlohmann::json top_of(const Value& value, int top, const std::vector<std::string>& labels) {
  nlohmann::json rows = nlohmann::json::array();
  if (!value.is_tensor() || value.tensor().dtype() == DType::kString || value.tensor().rank() < 1) return rows;
  const auto columns = static_cast<size_t>(value.tensor().dims().back());
  const std::vector<double> values = to_doubles(value.tensor());
  if (columns < 2 || is_complex(value.tensor().dtype())) return rows;
  for (size_t row = 0; row < values.size() / columns; ++row) {
    const double* v = values.data() + row * columns;
    std::vector<size_t> order(columns);
    std::iota(order.begin(), order.end(), size_t{0});
    const size_t n = std::min(columns, static_cast<size_t>(top));
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n), order.end(),
                      [&](size_t a, size_t b) { return v[a] != v[b] ? v[a] > v[b] : a < b; });
    nlohmann::json best = nlohmann::json::array();
    for (size_t i = 0; i < n; ++i)
      best.push_back({{"index", order[i]},
                      {"value", v[order[i]]},
                      {"label", order[i] < labels.size() ? labels[order[i]] : std::to_string(order[i])}});
    rows.push_back(std::move(best));
  }
  return rows;
}

void print_top(const std::string& name, const nlohmann::json& rows) {
  constexpr size_t kRows = 8;
  for (size_t r = 0; r < std::min(rows.size(), kRows); ++r) {
    std::printf("\n%s, row %zu\n", name.c_str(), r);
    Table table({"label", ">value"});
    for (const auto& best : rows[r])
      table.add({best["label"].get<std::string>(), general(best["value"].get<double>(), 6)});
    table.print(stdout);
  }
  if (rows.size() > kRows) std::printf("  … %zu more rows\n", rows.size() - kRows);
}

struct Checked {
  bool same = true;
  nlohmann::json json = nlohmann::json::array();
};

Checked check_outputs(const RunArgs& args, const Session& session, const std::vector<Value>& got,
                      const std::vector<Value>& want) {
  Checked c;
  for (size_t k = 0; k < want.size(); ++k) {
    const Difference d = compare(got[k], want[k], {args.rtol, args.atol, false});
    c.same = c.same && d.same;
    c.json.push_back({{"name", session.outputs()[k].name},
                      {"same", d.same},
                      {"max_abs", d.max_abs},
                      {"relative", d.relative()},
                      {"text", d.text}});
  }
  return c;
}

void print_check(const Checked& c) {
  std::printf("\n");
  for (const auto& j : c.json) {
    const std::string name = j["name"].get<std::string>();
    const bool same = j["same"].get<bool>();
    std::printf("  check %s: %s, largest difference %.3g (%.3g of the largest value)%s%s\n", name.c_str(),
                same ? "as expected" : "DIFFERENT", j["max_abs"].get<double>(), j["relative"].get<double>(),
                same ? "" : "; ", same ? "" : j["text"].get<std::string>().c_str());
  }
}

Status validate(const RunArgs& args) {
  if (!args.check.empty() && (!args.input.inputs.empty() || args.input.random))
    return fail(Code::kOption, "--check brings its own inputs: leave out --input and --random");
  if (args.top < 0) return fail(Code::kOption, "--top must be at least 0");
  if (args.top == 0 && !args.labels.empty()) return fail(Code::kOption, "--labels needs --top");
  return {};
}

}  // namespace

Result<bool> run_verb(const RunArgs& args) {
  SDX_RETURN_IF_ERROR(validate(args));
  SDX_TRY(const std::vector<std::string> labels, read_labels(args.labels));
  const Stopwatch opening;
  SDX_TRY(const std::unique_ptr<Session> session, open_session(args.session));
  const double open_ms = opening.ms();
  DataSet data;
  if (args.check.empty()) {
    SDX_TRY(data.inputs, make_inputs(*session, args.input, args.session.model));
  } else {
    SDX_TRY(data, read_data_set(data_folder(args.check, args.session.model), *session));
    if (data.outputs.empty())
      return fail(Code::kFile, quoted(data_folder(args.check, args.session.model)), " has no output_0.pb");
  }
  std::vector<Value> outputs(session->outputs().size());
  const Stopwatch first;
  SDX_RETURN_IF_ERROR(session->run(data.inputs, outputs));
  const double first_ms = first.ms();
  std::vector<Value> again(outputs.size());
  const Stopwatch second;
  SDX_RETURN_IF_ERROR(session->run(data.inputs, again));
  const double run_ms = second.ms();
  if (!args.output.empty()) SDX_RETURN_IF_ERROR(write_outputs(args.output, *session, outputs));
  const Checked checked = check_outputs(args, *session, outputs, data.outputs);
  nlohmann::json json = {
      {"model", args.session.model}, {"open_ms", open_ms}, {"first_run_ms", first_ms}, {"run_ms", run_ms}};
  Table table = value_table();
  for (size_t k = 0; k < outputs.size(); ++k) {
    json["outputs"].push_back(value_json(session->outputs()[k].name, outputs[k]));
    if (args.top > 0) json["outputs"].back()["top"] = top_of(outputs[k], args.top, labels);
    add_value(table, session->outputs()[k].name, outputs[k]);
  }
  if (!args.check.empty()) json["check"] = checked.json;
  if (args.json) {
    print_json(json);
    return checked.same;
  }
  table.print(stdout);
  for (const auto& output : json["outputs"])
    if (args.top > 0) print_top(output["name"].get<std::string>(), output["top"]);
  if (!args.check.empty()) print_check(checked);
  std::printf("\n  opened in %.1f ms, first run %.3f ms, second run %.3f ms\n", open_ms, first_ms, run_ms);
  return checked.same;
}

}  // namespace sardonyx
