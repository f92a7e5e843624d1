// Values described for people (a line of a table) and for programs (JSON).
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "exec/session.h"
#include "table.h"

namespace sardonyx {

Table value_table();
void add_value(Table& table, const std::string& name, const Value& value);
nlohmann::json value_json(const std::string& name, const Value& value);
// JSON on one line per member; bytes that are not UTF-8 are replaced.
void print_json(const nlohmann::json& json);

}  // namespace sardonyx
