// Attr: a named constant of a node. Subgraphs are not attributes here: a Node owns its bodies.
#pragma once
#include <string>
#include <vector>

#include "ir/fact.h"

namespace sardonyx {

enum class AttrType : uint8_t {
  kFloat,
  kInt,
  kString,
  kTensor,
  kGraph,
  kFloats,
  kInts,
  kStrings,
  kTensors,
  kGraphs,
  kType,
  kSparse
};
std::string_view attr_type_name(AttrType t);

struct Attr {
  std::string name;
  AttrType type = AttrType::kInt;
  int64_t i = 0;
  float f = 0;
  std::string s;
  std::vector<int64_t> ints;
  std::vector<float> floats;
  std::vector<std::string> strings;
  Tensor tensor;
  std::vector<Tensor> tensors;
  Type value_type;  // kType

  static Attr of_int(std::string name, int64_t v);
  static Attr of_float(std::string name, float v);
  static Attr of_string(std::string name, std::string v);
  static Attr of_ints(std::string name, std::vector<int64_t> v);
  static Attr of_floats(std::string name, std::vector<float> v);
  static Attr of_strings(std::string name, std::vector<std::string> v);
  static Attr of_tensor(std::string name, Tensor v);
};
bool operator==(const Attr& a, const Attr& b);

}  // namespace sardonyx
