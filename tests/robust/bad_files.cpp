#include "robust/bad_models.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

const Text kVector = tensor_type(DType::kF32, {2});

Text plain_graph(const Text& nodes) { return input("x", kVector) + nodes + output("y"); }
Text relu() { return plain_graph(node("Relu", {"x"}, {"y"})); }
Text model_as(int64_t ir, const Text& opsets, const Text& graph) { return number(1, ir) + opsets + text(7, graph); }

}  // namespace

std::string good_model() {
  const Text branch = node("Mul", {"x", "w"}, {"b"}) + output("b");
  return model_of(input("x", tensor_type(DType::kF32, {"N", 2})) + input("c", tensor_type(DType::kBool, {})) +
                  initializer(tensor(DType::kF32, {2}, "w") + raw(bytes_of<float>({1, 2}))) +
                  initializer(tensor(DType::kI64, {1}, "axes") + text(7, varints({1}))) +
                  initializer(tensor(DType::kString, {1}, "word") + text(6, "word")) +
                  node("If", {"c"}, {"y"}, graph_attr("then_branch", branch) + graph_attr("else_branch", branch)) +
                  node("ReduceSum", {"y", "axes"}, {"s"}, int_attr("keepdims", 0)) + node("Identity", {"word"}, {"t"}) +
                  node("Shape", {"x"}, {"extents"}) + node("Reshape", {"y", "extents"}, {"z"}) + output("s") +
                  output("t") + output("z"));
}

std::vector<BadModel> bad_files() {
  const Text good = good_model();
  return {
      {"empty", "", "SDX_E_PROTO <*>it is empty<*>"},
      {"text", "this is not a model\n", "SDX_E_PROTO <*>it begins with \"this is not a model\": it is text<*>"},
      {"zeros", std::string(1000, '\0'), "SDX_E_PROTO <*>nothing but zeros<*>"},
      {"random", "\x93\x11\xfe\x07\xaa\x55\x00\x01\x02", "SDX_E_PROTO <*>does not look like an ONNX model<*>"},
      {"zip", std::string("PK\x03\x04", 4) + std::string(40, 'x'), "SDX_E_PROTO <*>ZIP archive<*>"},
      {"half", good.substr(0, good.size() / 2), "SDX_E_PROTO <*>the file is incomplete<*>"},
      {"no_graph", number(1, 8) + opset("", 17), "SDX_E_PROTO <*>the model has no graph<*>"},
      {"two_graphs", model_of(relu()) + text(7, relu()), "SDX_E_PROTO <*>"},
      {"ir_0", model_as(0, opset("", 17), relu()), "SDX_E_<*>IR version<*>"},
      {"ir_2", model_as(2, opset("", 17), relu()), "SDX_E_<*>IR version<*>"},
      {"ir_99", model_as(99, opset("", 17), relu()), "SDX_E_<*>IR version 99<*>"},
      {"ir_negative", model_as(-1, opset("", 17), relu()), "SDX_E_<*>IR version<*>"},
      {"ir_huge", model_as(INT64_MAX, opset("", 17), relu()), "SDX_E_<*>IR version<*>"},
      {"no_opset", model_as(8, "", relu()), "SDX_E_<*>opset<*>"},
      {"opset_0", model_as(8, opset("", 0), relu()), "SDX_E_OPSET <*>"},
      {"opset_negative", model_as(8, opset("", -3), relu()), "SDX_E_OPSET <*>"},
      {"opset_999", model_as(8, opset("", 999), relu()), "SDX_E_OPSET <*>999<*>"},
      {"opset_huge", model_as(8, opset("", INT64_MAX), relu()), "SDX_E_OPSET <*>"},
      {"unknown_operator", model_of(plain_graph(node("Frobnicate", {"x"}, {"y"}))),
       "SDX_E_OP_UNKNOWN <*>Frobnicate<*>"},
      {"misspelt_operator", model_of(plain_graph(node("Sigmiod", {"x"}, {"y"}))),
       "SDX_E_OP_UNKNOWN <*>Sigmiod<*>Sigmoid<*>"},
      {"unknown_domain", model_of(plain_graph(node("Relu", {"x"}, {"y"}, domain("org.example")))),
       "SDX_E_<*>org.example<*>"},
      {"operator_without_name", model_of(plain_graph(node("", {"x"}, {"y"}))), "SDX_E_<*>"},
      {"operator_of_a_later_opset", model_as(8, opset("", 6), plain_graph(node("Gelu", {"x"}, {"y"}))),
       "SDX_E_<*>Gelu<*>20<*>"},
      {"long_operator_name", model_of(plain_graph(node(std::string(100000, 'R'), {"x"}, {"y"}))),
       "SDX_E_OP_UNKNOWN <*>"},
      {"operator_name_not_utf8", model_of(plain_graph(node("Re\xff\xfelu", {"x"}, {"y"}))),
       "SDX_E_OP_UNKNOWN <*>Re\\xff\\xfelu<*>"},
      {"operator_name_of_two_lines", model_of(plain_graph(node("Re\nlu", {"x"}, {"y"}))),
       "SDX_E_OP_UNKNOWN <*>Re\\x0alu<*>"},
  };
}

}  // namespace sardonyx::testing
