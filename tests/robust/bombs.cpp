#include "robust/bad_models.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

const Text kVector = tensor_type(DType::kF32, {2});
constexpr int kDeep = 20000;

// An If in an If in an If …; each level is wrapped by the next.
Text nested_bodies(int depth) {
  Text body = node("Relu", {"x"}, {"b"}) + output("b");
  for (int i = 0; i < depth; ++i)
    body = node("If", {"c"}, {"b"},
                graph_attr("then_branch", body) + graph_attr("else_branch", node("Relu", {"x"}, {"e"}) + output("e"))) +
           output("b");
  return model_of(input("c", tensor_type(DType::kBool, {})) + input("x", kVector) + body);
}

Text nested_type(int depth, Text (*wrap)(const Text&)) {
  Text type = kVector;
  for (int i = 0; i < depth; ++i) type = wrap(type);
  return model_of(input("x", type) + node("Identity", {"x"}, {"y"}) + output("y"));
}
Text as_map(const Text& value) { return text(5, number(1, 7) + text(2, value)); }

std::string function_name(int i) { return "F" + std::to_string(i); }

// F0 calls F1 calls F2 …
Text call_chain(int depth) {
  Text functions;
  for (int i = 0; i < depth; ++i)
    functions += function("f", function_name(i), {"a"}, {"r"},
                          i + 1 == depth ? function_node("Relu", {"a"}, {"r"})
                                         : function_node(function_name(i + 1), {"a"}, {"r"}, domain("f")));
  return model_of(input("x", kVector) + node("F0", {"x"}, {"y"}, domain("f")) + output("y"), functions + opset("f", 1));
}

// Each function calls the next one ten times: 10^depth nodes from a few hundred bytes.
Text call_tree(int depth) {
  Text functions;
  for (int i = 0; i < depth; ++i) {
    Text nodes;
    for (int k = 0; k < 10; ++k) {
      const std::string from = k == 0 ? "a" : "t" + std::to_string(k), to = k == 9 ? "r" : "t" + std::to_string(k + 1);
      nodes += i + 1 == depth ? function_node("Relu", {from}, {to})
                              : function_node(function_name(i + 1), {from}, {to}, domain("f"));
    }
    functions += function("f", function_name(i), {"a"}, {"r"}, nodes);
  }
  return model_of(input("x", kVector) + node("F0", {"x"}, {"y"}, domain("f")) + output("y"), functions + opset("f", 1));
}

// x+x, doubled along an axis again and again: 2^60 elements from 60 nodes.
Text doubling() {
  Text nodes = node("Concat", {"x", "x"}, {"v0"}, int_attr("axis", 0));
  for (int i = 0; i < 60; ++i) {
    const std::string from = "v" + std::to_string(i), to = i == 59 ? "y" : "v" + std::to_string(i + 1);
    nodes += node("Concat", {from, from}, {to}, int_attr("axis", 0));
  }
  return model_of(input("x", kVector) + nodes + output("y"));
}

// The same with constants, so that folding would do it while opening.
Text constant_doubling() {
  Text nodes = initializer(tensor(DType::kF32, {2}, "v0") + raw(bytes_of<float>({1, 2})));
  for (int i = 0; i < 60; ++i)
    nodes += node("Concat", {"v" + std::to_string(i), "v" + std::to_string(i)}, {"v" + std::to_string(i + 1)},
                  int_attr("axis", 0));
  return model_of(nodes + output("v60"));
}

}  // namespace

std::vector<BadModel> nesting_bombs() {
  const Text calls_itself = function("f", "F", {"a"}, {"r"}, function_node("F", {"a"}, {"r"}, domain("f")));
  const Text call_each_other = function("f", "F", {"a"}, {"r"}, function_node("G", {"a"}, {"r"}, domain("f"))) +
                               function("f", "G", {"a"}, {"r"}, function_node("F", {"a"}, {"r"}, domain("f")));
  const Text call = input("x", kVector) + node("F", {"x"}, {"y"}, domain("f")) + output("y");
  return {
      {"bodies_nested_deep", nested_bodies(300), "SDX_E_PROTO <*>nested more than 64 deep<*>"},
      {"sequences_nested_deep", nested_type(kDeep / 10, sequence_type), "SDX_E_PROTO <*>nested<*>"},
      {"optionals_nested_deep", nested_type(kDeep / 10, optional_type), "SDX_E_PROTO <*>nested<*>"},
      {"maps_nested_deep", nested_type(kDeep / 10, as_map), "SDX_E_PROTO <*>"},
      {"function_that_calls_itself", model_of(call, calls_itself + opset("f", 1)), "SDX_E_PROTO <*>\"F\"<*>itself<*>"},
      {"functions_that_call_each_other", model_of(call, call_each_other + opset("f", 1)), "SDX_E_PROTO <*>itself<*>"},
      {"functions_nested_deep", call_chain(1000), "SDX_E_PROTO <*>nested more than 64 deep<*>"},
      {"functions_that_multiply", call_tree(12), "SDX_E_PROTO <*>function<*>"},
      {"concatenations_that_double", doubling(), "SDX_E_<*>Concat<*>"},
      {"constants_that_double", constant_doubling(), "SDX_E_<*>Concat<*>"},
  };
}

std::vector<BadModel> all_bad_models() {
  std::vector<BadModel> all;
  for (auto group : {bad_files(), bad_graphs(), bad_weights(), nesting_bombs()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace sardonyx::testing
