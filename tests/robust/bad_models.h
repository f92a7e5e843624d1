// Models that cannot be opened, each with the pattern that its one line of error must match (<*> stands for anything).
// Shared by the tests of the library and of the command.
#pragma once
#include <string>
#include <vector>

namespace sardonyx::testing {

struct BadModel {
  std::string name;  // usable as a file name
  std::string bytes;
  std::string error;
};

std::vector<BadModel> bad_files();      // no models at all, or not of a kind that this library reads
std::vector<BadModel> bad_graphs();     // nodes, names, types, attributes
std::vector<BadModel> bad_weights();    // initializers and their encodings
std::vector<BadModel> nesting_bombs();  // that would exhaust the stack, the memory or the time
std::vector<BadModel> all_bad_models();

// A small model that is good, with an If, weights of two encodings and a string: to be cut and bent.
std::string good_model();

}  // namespace sardonyx::testing
