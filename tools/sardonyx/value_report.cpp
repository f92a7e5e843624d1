#include "value_report.h"

#include <algorithm>
#include <cmath>

#include "common/compare.h"

namespace sardonyx {
namespace {

constexpr size_t kShownValues = 4;
constexpr int64_t kJsonValues = 1000;  // larger tensors are summarised only

struct Summary {
  double least = 0, mean = 0, most = 0;
  int64_t not_finite = 0;
};

Summary summarise(const std::vector<double>& values) {
  Summary s;
  int64_t n = 0;
  for (double v : values) {
    if (!std::isfinite(v)) {
      ++s.not_finite;
      continue;
    }
    s.least = n ? std::min(s.least, v) : v;
    s.most = n ? std::max(s.most, v) : v;
    s.mean += (v - s.mean) / static_cast<double>(++n);
  }
  return s;
}

std::string kind_text(const Value& v) {
  switch (v.kind()) {
    case Value::Kind::kNone: return "none";
    case Value::Kind::kTensor: return std::string(dtype_name(v.tensor().dtype()));
    case Value::Kind::kSequence: return cat("sequence of ", v.sequence().items.size());
    case Value::Kind::kMap: return cat("map of ", v.map().keys.count());
    case Value::Kind::kSparse: return "sparse tensor";
  }
  return "";
}

std::string first_values(const Tensor& t, const std::vector<double>& values) {
  std::string s;
  const bool text = t.dtype() == DType::kString;
  const size_t n = text ? static_cast<size_t>(t.count()) : values.size();
  for (size_t i = 0; i < std::min(n, kShownValues); ++i)
    s += cat(i ? " " : "", text ? quoted(t.strings()[i]) : general(values[i], 6));
  return n > kShownValues ? s + " …" : s;
}

nlohmann::json elements_json(const Tensor& t, const std::vector<double>& values) {
  if (t.dtype() == DType::kString) return std::vector<std::string>(t.strings().begin(), t.strings().end());
  if (is_int(t.dtype())) {
    if (const auto ints = read_ints(t); ints.ok())
      return std::vector<int64_t>(ints.value().begin(), ints.value().end());
  }
  return values;
}

}  // namespace

Table value_table() { return Table({"output", "type", "shape", ">min", ">mean", ">max", "first values"}); }

void add_value(Table& table, const std::string& name, const Value& value) {
  if (value.kind() == Value::Kind::kSequence) {
    table.add({name, kind_text(value)});
    const auto& items = value.sequence().items;
    for (size_t i = 0; i < std::min(items.size(), kShownValues); ++i) add_value(table, cat("  [", i, "]"), items[i]);
    if (items.size() > kShownValues) table.add({cat("  … ", items.size() - kShownValues, " more")});
    return;
  }
  if (value.kind() == Value::Kind::kMap) {
    table.add({name, kind_text(value)});
    add_value(table, "  keys", value.map().keys);
    add_value(table, "  values", value.map().values);
    return;
  }
  if (!value.is_tensor()) return table.add({name, kind_text(value)});
  const Tensor& t = value.tensor();
  const bool text = t.dtype() == DType::kString;
  const std::vector<double> values = text ? std::vector<double>() : to_doubles(t);
  std::vector<std::string> row = {name, kind_text(value), to_string(t.dims()), "", "", "", first_values(t, values)};
  if (const Summary s = summarise(values); !values.empty()) {
    row[3] = general(s.least, 5), row[4] = general(s.mean, 5), row[5] = general(s.most, 5);
    if (s.not_finite) row[6] += cat(" (", s.not_finite, " not finite)");
  }
  table.add(std::move(row));
}

nlohmann::json value_json(const std::string& name, const Value& value) {
  nlohmann::json j = {{"name", name}, {"type", kind_text(value)}};
  if (value.kind() == Value::Kind::kSequence) {
    j["items"] = nlohmann::json::array();
    for (const Value& v : value.sequence().items) j["items"].push_back(value_json("", v));
  } else if (value.kind() == Value::Kind::kMap) {
    j["keys"] = value_json("keys", value.map().keys);
    j["values"] = value_json("values", value.map().values);
  } else if (value.is_tensor()) {
    const Tensor& t = value.tensor();
    j["shape"] = std::vector<int64_t>(t.dims().begin(), t.dims().end());
    const bool text = t.dtype() == DType::kString;
    const std::vector<double> values = text ? std::vector<double>() : to_doubles(t);
    if (!values.empty()) {
      const Summary s = summarise(values);
      j["min"] = s.least, j["mean"] = s.mean, j["max"] = s.most, j["not_finite"] = s.not_finite;
    }
    if (t.count() <= kJsonValues) j["elements"] = elements_json(t, values);
  }
  return j;
}

void print_json(const nlohmann::json& json) {
  std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace sardonyx
