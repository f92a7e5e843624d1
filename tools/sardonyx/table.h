// Columns of text, each as wide as its widest cell. Cells of columns made with '>' are flush right.
#pragma once
#include <cstdio>
#include <string>
#include <vector>

#include "terminal.h"

namespace sardonyx {

class Table {
 public:
  // One title per column; a leading '>' aligns the column to the right.
  explicit Table(std::vector<std::string> titles);
  void add(std::vector<std::string> cells);
  void print(std::FILE* out) const;

 private:
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;  // the titles first
};

// printf's %.*f and %.*g as strings.
std::string fixed(double v, int digits);
std::string general(double v, int digits);
// "1.5 kB", "44.7 MB".
std::string bytes_text(double bytes);

}  // namespace sardonyx
