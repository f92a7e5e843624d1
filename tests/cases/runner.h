// Runs one case under one configuration.
#pragma once
#include "cases/case_file.h"

namespace sardonyx::cases {

// The same case is run under many of these; values must not depend on them.
struct Config {
  bool passes_off = false;       // passes=off
  bool bodies_only = false;      // kernels=body_only: operators run by their bodies where they have one
  bool symbolic = false;         // dims=symbolic: extents of inputs are unknown until they are given
  bool constant_inputs = false;  // inputs=constant: everything is known at load, so that folding does the work
  bool poison = false;           // arena=poison
  int threads = 1;               // threads=n
  bool plain() const { return !passes_off && !bodies_only && !symbolic && !constant_inputs && !poison; }
};

// "" if the case holds, else what is wrong. Facts and errors do not depend on the configuration and are checked in the
// plain one only.
std::string run_case(const Case& c, const Config& config);

}  // namespace sardonyx::cases
