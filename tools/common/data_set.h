// A folder of reference data beside a model: input_0.pb, input_1.pb, …, output_0.pb, … in the model's order of inputs
// and outputs.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "exec/session.h"

namespace sardonyx {

struct DataSet {
  std::vector<Value> inputs, outputs;
};

// Reads the folder with the session's declared types. Fewer input files than inputs is an error unless the rest are
// optional. With a variant, output_<k>.<variant>.pb is read in place of output_<k>.pb where it exists.
Result<DataSet> read_data_set(const std::string& folder, const Session& session, std::string_view variant = {});
// The inputs alone, for a model that is not open yet; fewer files than types give fewer values.
Result<std::vector<Value>> read_data_set_inputs(const std::string& folder, std::span<const Type> types);
// Sub-folders named test_data_set_<n>, in order of n.
std::vector<std::string> data_set_folders(const std::string& model_folder);

}  // namespace sardonyx
