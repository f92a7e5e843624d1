// Writes the inputs that reader_fuzz begins with: reader_seeds FOLDER.
#include <cstdio>
#include <fstream>

#include "unit/onnx_test_util.h"

namespace {

using namespace sardonyx;
using namespace sardonyx::testing;

const Text kVector = tensor_type(DType::kF32, {"N", 2});

Text plain_model() {
  return model_of(input("x", kVector) + initializer(tensor(DType::kF32, {2}, "w") + raw(bytes_of<float>({1, 2}))) +
                  node("Add", {"x", "w"}, {"y"}) + output("y", kVector));
}

Text body_model() {
  const Text branch = node("Add", {"x", "w"}, {"b"}) + output("b");
  const Text body = input("i", {}) + input("go", {}) + input("v", kVector) + node("Identity", {"go"}, {"go2"}) +
                    node("Neg", {"v"}, {"v2"}) + output("go2") + output("v2");
  const Text slice = input("s", kVector) + input("e", {}) + node("Add", {"s", "e"}, {"s2"}) +
                     node("Identity", {"e"}, {"e2"}) + output("s2") + output("e2");
  return model_of(input("x", kVector) + input("c", tensor_type(DType::kBool, {})) +
                  input("n", tensor_type(DType::kI64, {})) +
                  initializer(tensor(DType::kF32, {2}, "w") + text(4, bytes_of<float>({1, 2}))) +
                  node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
                  node("Loop", {"n", "", "y"}, {"z"}, graph_attr("body", body)) +
                  node("Scan", {"z", "x"}, {"f", "g"}, int_attr("num_scan_inputs", 1) + graph_attr("body", slice)) +
                  output("f") + output("g"));
}

Text function_model() {
  const Text f = function("f", "F", {"a"}, {"y"},
                          function_node("Softmax", {"a"}, {"y"}, ref_attr("axis", 2, "p")) +
                              text(11, text(1, "p") + number(20, 2) + number(3, 1)));
  const Text g =
      function("f", "G", {"a"}, {"y"},
               function_node("F", {"a"}, {"t"}, domain("f") + int_attr("p", 0)) + function_node("Relu", {"t"}, {"y"}));
  return model_of(input("x", kVector) + node("G", {"x"}, {"y"}, domain("f")) + output("y"), f + g + opset("f", 1));
}

Text constant_model() {
  const Text sparse = text(15, text(1, tensor(DType::kF32, {1}, "sp") + raw(bytes_of<float>({4}))) +
                                   text(2, tensor(DType::kI64, {1}) + text(7, varints({1}))) + number(3, 2));
  return model_of(sparse + initializer(tensor(DType::kI64, {2}, "k") + text(7, varints({1, 300}))) +
                  initializer(tensor(DType::kU4, {3}, "n") + text(5, varints({0x21, 3}))) +
                  initializer(tensor(DType::kString, {1}, "str") + text(6, "abc")) +
                  initializer(tensor(DType::kF16, {1}, "h") + text(5, varints({0x3c00}))) +
                  node("Constant", {}, {"con"}, attr("value_floats", 6, text(7, bytes_of<float>({1, 2, 3})))) +
                  node("Constant", {}, {"txt"}, attr("value_strings", 8, text(9, "a"))) +
                  node("Cast", {"k"}, {"q"}, int_attr("to", 1)) +
                  node("Reshape", {"con", "k"}, {"r"}, int_attr("allowzero", 1)) + output("q") + output("con") +
                  output("sp"));
}

// An old model: attributes that later became inputs, initializers that are inputs.
Text old_model() {
  const Text g = input("x", tensor_type(DType::kF32, {1, 3, 4, 4})) + input("w", tensor_type(DType::kF32, {3})) +
                 initializer(tensor(DType::kF32, {3}, "w") + raw(bytes_of<float>({1, 2, 3}))) +
                 node("Add", {"x", "w"}, {"a"}, int_attr("broadcast", 1) + int_attr("axis", 1)) +
                 node("Squeeze", {"a"}, {"s"}, attr("axes", 7, number(8, 0))) + node("Softmax", {"s"}, {"y"}) +
                 output("y");
  return number(1, 3) + opset("", 6) + text(7, g);
}

void write(const std::string& folder, const char* name, const Text& bytes) {
  std::ofstream(folder + "/" + name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "usage: reader_seeds FOLDER\n"), 1;
  const std::string folder = argv[1];
  const Text f = tensor(DType::kF32, {2}) + raw(bytes_of<float>({1, 2})),
             one = tensor(DType::kF32, {}) + raw(bytes_of<float>({1}));
  const Text map = number(2, 7) + text(3, varints({3, 1})) + text(5, text(3, one) + text(3, one));
  write(folder, "plain", "+" + plain_model());
  write(folder, "bodies", "+" + body_model());
  write(folder, "functions", "+" + function_model());
  write(folder, "constants", "+" + constant_model());
  write(folder, "old", "+" + old_model());
  write(folder, "tensor", "t" + f);
  write(folder, "sequence", "s" + number(2, 1) + text(3, f) + text(3, one));
  write(folder, "optional", "o" + number(2, 3) + text(5, number(2, 1) + text(3, f)));
  write(folder, "map", "m" + map);
  write(folder, "maps", "M" + number(2, 4) + text(6, number(2, 8) + text(4, "a") + text(5, text(3, one))));
}
