#include "robust/bad_models.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

const Text kVector = tensor_type(DType::kF32, {2});

Text f32(std::string_view name, std::initializer_list<D> dims) { return input(name, tensor_type(DType::kF32, dims)); }
Text i64(std::string_view name, std::initializer_list<D> dims) { return input(name, tensor_type(DType::kI64, dims)); }
// y = <nodes>(x), x : float[2]
Text graph(const Text& nodes) { return model_of(f32("x", {2}) + nodes + output("y")); }
Text weight(std::string_view name) {
  return initializer(tensor(DType::kF32, {2}, name) + raw(bytes_of<float>({1, 2})));
}
Text text_attr(std::string_view name, std::string_view value) { return attr(name, 3, text(4, value)); }
Text if_node(const Text& then_branch, const Text& else_branch) {
  return node("If", {"c"}, {"y"}, graph_attr("then_branch", then_branch) + graph_attr("else_branch", else_branch));
}
Text if_model(const Text& then_branch, const Text& else_branch) {
  return model_of(input("c", tensor_type(DType::kBool, {})) + f32("x", {2}) + if_node(then_branch, else_branch) +
                  output("y"));
}
Text branch(std::string_view from) { return node("Relu", {from}, {"b"}) + output("b"); }

std::vector<BadModel> names() {
  return {
      {"cycle", graph(node("Add", {"x", "b"}, {"a"}) + node("Relu", {"a"}, {"b"}) + node("Relu", {"b"}, {"y"})),
       "SDX_E_PROTO <*>cycl<*>"},
      {"self_cycle", graph(node("Add", {"x", "y"}, {"y"})), "SDX_E_PROTO <*>cycl<*>"},
      {"name_given_twice", graph(node("Relu", {"x"}, {"y"}) + node("Abs", {"x"}, {"y"})),
       "SDX_E_PROTO <*>the name \"y\" is given to two values<*>"},
      {"output_named_like_an_input", graph(node("Relu", {"x"}, {"x"}) + node("Relu", {"x"}, {"y"})),
       "SDX_E_PROTO <*>the name \"x\" is given to two values<*>"},
      {"input_given_twice", model_of(f32("x", {2}) + f32("x", {2}) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_PROTO <*>\"x\"<*>"},
      {"weight_given_twice", model_of(weight("w") + weight("w") + node("Relu", {"w"}, {"y"}) + output("y")),
       "SDX_E_PROTO <*>\"w\"<*>"},
      {"unnamed_input", model_of(f32("", {2}) + f32("x", {2}) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_PROTO <*>"},
      {"unknown_value", graph(node("Add", {"x", "nobody"}, {"y"})), "SDX_E_PROTO <*>\"nobody\"<*>"},
      {"misspelt_value", model_of(f32("pixel_values", {2}) + node("Relu", {"pixel_value"}, {"y"}) + output("y")),
       "SDX_E_PROTO <*>\"pixel_value\"<*>\"pixel_values\"<*>"},
      {"value_name_not_utf8", graph(node("Relu", {"\xc3\x28\x80"}, {"y"})), "SDX_E_PROTO <*>\"\\xc3(\\x80\"<*>"},
      {"long_value_name", graph(node("Relu", {std::string(50000, 'a')}, {"y"})), "SDX_E_PROTO <*>aaaa<*>"},
      {"output_never_produced", model_of(f32("x", {2}) + node("Relu", {"x"}, {"y"}) + output("z")),
       "SDX_E_PROTO <*>\"z\"<*>"},
      {"no_outputs", model_of(f32("x", {2}) + node("Relu", {"x"}, {"y"})), "SDX_E_PROTO <*>output<*>"},

  };
}

std::vector<BadModel> types() {
  return {
      {"wrong_type", model_of(i64("x", {2}) + node("Erf", {"x"}, {"e"}) + node("Softmax", {"e"}, {"y"}) + output("y")),
       "SDX_E_TYPE Erf \"e\"<*>int64<*>"},
      {"two_types_for_one_variable",
       model_of(f32("x", {2}) + i64("z", {2}) + node("Add", {"x", "z"}, {"y"}) + output("y")),
       "SDX_E_TYPE Add \"y\"<*>int64<*>float<*>"},
      {"declared_output_of_another_type",
       model_of(f32("x", {2}) + node("Relu", {"x"}, {"y"}) + output("y", tensor_type(DType::kI64, {2}))),
       "SDX_E_TYPE <*>\"y\"<*>"},

      {"element_type_unknown",
       model_of(input("x", tensor_type(static_cast<DType>(99), {2})) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_<*>\"x\"<*>99<*>"},
      {"input_without_type", model_of(text(11, text(1, "x")) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_<*>\"x\"<*>"},
      {"sequence_where_a_tensor_is_due",
       model_of(input("x", sequence_type(kVector)) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_TYPE Relu \"y\"<*>"},
      {"tensor_where_a_sequence_is_due", graph(node("SequenceLength", {"x"}, {"y"})),
       "SDX_E_TYPE SequenceLength \"y\"<*>"},
      {"rank_too_low", model_of(f32("x", {2}) + f32("w", {2, 2, 3, 3}) + node("Conv", {"x", "w"}, {"y"}) + output("y")),
       "SDX_E_SHAPE Conv \"y\"<*>"},
      {"extents_differ", model_of(f32("x", {2}) + f32("z", {3}) + node("Add", {"x", "z"}, {"y"}) + output("y")),
       "SDX_E_SHAPE Add \"y\"<*>[2]<*>[3]<*>"},
      {"matmul_extents",
       model_of(f32("a", {8, 512}) + f32("b", {1024, 10}) + node("MatMul", {"a", "b"}, {"y"}) + output("y")),
       "SDX_E_SHAPE MatMul \"y\"<*>512<*>1024<*>"},

      {"extents_overflow", model_of(f32("x", {1 << 30, 1 << 30, 1 << 30}) + node("Relu", {"x"}, {"y"}) + output("y")),
       "SDX_E_<*>\"<*>"},
      {"reshape_count",
       model_of(f32("x", {6}) + initializer(tensor(DType::kI64, {2}, "s") + text(7, varints({4, 4}))) +
                node("Reshape", {"x", "s"}, {"y"}) + output("y")),
       "SDX_E_SHAPE Reshape \"y\"<*>"},
      {"axis_out_of_range", graph(node("Softmax", {"x"}, {"y"}, int_attr("axis", 5))),
       "SDX_E_RANGE Softmax \"y\"<*>5<*>"},
  };
}

std::vector<BadModel> attributes() {
  return {
      {"unknown_attribute", graph(node("Relu", {"x"}, {"y"}, int_attr("slope", 1))),
       "SDX_E_ATTR Relu \"y\"<*>\"slope\"<*>"},
      {"attribute_of_wrong_kind", graph(node("Softmax", {"x"}, {"y"}, text_attr("axis", "last"))),
       "SDX_E_ATTR Softmax \"y\"<*>\"axis\"<*>"},
      {"attribute_missing", graph(node("Cast", {"x"}, {"y"})), "SDX_E_ATTR Cast \"y\"<*>\"to\"<*>"},
      {"attribute_twice", graph(node("Softmax", {"x"}, {"y"}, int_attr("axis", 0) + int_attr("axis", 0))),
       "SDX_E_ATTR Softmax \"y\"<*>\"axis\"<*>"},
      {"attribute_kind_unknown", graph(node("Softmax", {"x"}, {"y"}, attr("axis", 77, number(3, 0)))),
       "SDX_E_ATTR <*>"},
      {"attribute_without_name", graph(node("Softmax", {"x"}, {"y"}, int_attr("", 0))), "SDX_E_ATTR <*>"},
      {"cast_to_nothing", graph(node("Cast", {"x"}, {"y"}, int_attr("to", 9999))), "SDX_E_<*> Cast \"y\"<*>9999<*>"},
      {"attribute_refers_to_nothing", graph(node("Softmax", {"x"}, {"y"}, ref_attr("axis", 2, "outer"))),
       "SDX_E_ATTR <*>"},
      {"text_out_of_list",
       model_of(f32("x", {1, 1, 4, 4}) +
                node("MaxPool", {"x"}, {"y"},
                     attr("kernel_shape", 7, text(8, varints({2, 2}))) + text_attr("auto_pad", "SIDEWAYS")) +
                output("y")),
       "SDX_E_ATTR MaxPool \"y\"<*>SIDEWAYS<*>"},
      {"too_few_inputs", graph(node("Add", {"x"}, {"y"})), "SDX_E_<*> Add \"y\"<*>"},
      {"too_many_inputs", graph(node("Relu", {"x", "x", "x"}, {"y"})), "SDX_E_<*> Relu \"y\"<*>"},
      {"required_input_left_out", graph(node("Add", {"", "x"}, {"y"})), "SDX_E_<*> Add \"y\"<*>"},
      {"too_many_outputs", graph(node("Relu", {"x"}, {"y", "z"})), "SDX_E_<*> Relu \"y\"<*>"},
      {"node_without_outputs", graph(node("Relu", {"x"}, {}) + node("Relu", {"x"}, {"y"})), "SDX_E_<*>Relu<*>"},
  };
}

std::vector<BadModel> bodies() {
  return {
      {"capture_of_nothing", if_model(branch("nobody"), branch("x")), "SDX_E_PROTO <*>\"nobody\"<*>"},
      {"capture_of_an_inner_value", if_model(branch("x"), node("Relu", {"b2"}, {"b"}) + output("b")),
       "SDX_E_PROTO <*>\"b2\"<*>"},
      {"capture_of_itself", if_model(branch("y"), branch("x")), "SDX_E_PROTO <*>cycl<*>"},

      {"branches_differ_in_type", if_model(branch("x"), node("Shape", {"x"}, {"b"}) + output("b")),
       "SDX_E_TYPE If \"y\"<*>"},
      {"branch_with_inputs", if_model(input("i", kVector) + branch("i"), branch("x")), "SDX_E_PROTO <*>\"i\"<*>"},
      {"branch_missing",
       model_of(input("c", tensor_type(DType::kBool, {})) + f32("x", {2}) +
                node("If", {"c"}, {"y"}, graph_attr("then_branch", branch("x"))) + output("y")),
       "SDX_E_ATTR If \"y\"<*>\"else_branch\"<*>"},
      {"branch_without_outputs", if_model(node("Relu", {"x"}, {"b"}), node("Relu", {"x"}, {"b"})),
       "SDX_E_<*> If \"y\"<*>"},
      {"condition_of_wrong_type",
       model_of(f32("c", {}) + f32("x", {2}) + if_node(branch("x"), branch("x")) + output("y")),
       "SDX_E_TYPE If \"y\"<*>"},
      {"loop_body_with_one_output",
       model_of(f32("x", {2}) +
                node("Loop", {"", "", "x"}, {"y"},
                     graph_attr("body", input("i", {}) + input("go", {}) + input("v", {}) + node("Relu", {"v"}, {"w"}) +
                                            output("w"))) +
                output("y")),
       "SDX_E_<*> Loop \"y\"<*>"},
      {"scan_without_number",
       model_of(
           f32("x", {2}) +
           node("Scan", {"x"}, {"y"}, graph_attr("body", input("v", {}) + node("Relu", {"v"}, {"w"}) + output("w"))) +
           output("y")),
       "SDX_E_ATTR Scan \"y\"<*>num_scan_inputs<*>"},
      {"function_without_output",
       model_of(f32("x", {2}) + node("F", {"x"}, {"y"}, domain("f")) + output("y"),
                function("f", "F", {"a"}, {"r"}, function_node("Relu", {"a"}, {"q"})) + opset("f", 1)),
       "SDX_E_PROTO <*>\"r\"<*>"},
      {"function_twice",
       model_of(f32("x", {2}) + node("F", {"x"}, {"y"}, domain("f")) + output("y"),
                function("f", "F", {"a"}, {"r"}, function_node("Relu", {"a"}, {"r"})) +
                    function("f", "F", {"a"}, {"r"}, function_node("Abs", {"a"}, {"r"})) + opset("f", 1)),
       "SDX_E_PROTO <*>\"F\" is defined twice<*>"},
  };
}

}  // namespace

std::vector<BadModel> bad_graphs() {
  std::vector<BadModel> all;
  for (auto group : {names(), types(), attributes(), bodies()}) all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace sardonyx::testing
