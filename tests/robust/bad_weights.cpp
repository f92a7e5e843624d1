#include "robust/bad_models.h"
#include "unit/onnx_test_util.h"

namespace sardonyx::testing {
namespace {

// y = w, so that the weight is read.
Text with(const Text& weight) { return model_of(initializer(weight) + node("Identity", {"w"}, {"y"}) + output("y")); }
Text f32(std::initializer_list<int64_t> dims) { return tensor(DType::kF32, dims, "w"); }

}  // namespace

std::vector<BadModel> bad_weights() {
  const Text two = bytes_of<float>({1, 2});
  const Text sparse_values = text(1, tensor(DType::kF32, {1}, "w") + raw(bytes_of<float>({4})));
  const auto sparse = [&](int64_t index, int64_t extent) {
    return model_of(
        text(15, sparse_values + text(2, tensor(DType::kI64, {1}) + text(7, varints({index}))) + number(3, extent)) +
        node("Identity", {"w"}, {"y"}) + output("y"));
  };
  return {
      {"weight_shorter_than_its_shape", with(f32({4}) + raw(two)), "SDX_E_PROTO initializer \"w\"<*>8<*>16<*>"},
      {"weight_longer_than_its_shape", with(f32({1}) + raw(two)), "SDX_E_PROTO initializer \"w\"<*>8<*>4<*>"},
      {"weight_without_contents", with(f32({4})), "SDX_E_PROTO initializer \"w\"<*>"},
      {"weight_with_too_few_numbers", with(f32({4}) + text(4, two)), "SDX_E_PROTO initializer \"w\"<*>2<*>4<*>"},
      {"weight_with_too_many_numbers", with(f32({1}) + text(4, two)), "SDX_E_PROTO initializer \"w\"<*>2<*>1<*>"},
      {"weight_in_the_wrong_field", with(f32({2}) + text(7, varints({1, 2}))), "SDX_E_PROTO initializer \"w\"<*>"},
      {"weight_of_negative_extent", with(f32({-2}) + raw(two)), "SDX_E_<*> initializer \"w\"<*>-2<*>"},
      {"weight_of_two_negative_extents", with(f32({-1, -2}) + raw(two)), "SDX_E_<*> initializer \"w\"<*>-1<*>"},
      {"weight_of_2_60_elements", with(f32({int64_t{1} << 60}) + raw(two)), "SDX_E_<*> initializer \"w\"<*>"},
      {"weight_whose_size_overflows", with(f32({int64_t{1} << 31, int64_t{1} << 31, 16}) + raw(two)),
       "SDX_E_<*> initializer \"w\"<*>"},
      {"weight_whose_count_overflows_to_fit", with(f32({int64_t{1} << 32, int64_t{1} << 32}) + raw("")),
       "SDX_E_<*> initializer \"w\"<*>"},
      {"zero_among_huge_extents", with(f32({0, INT64_MAX, INT64_MAX, -1}) + raw("")), "SDX_E_<*> initializer \"w\"<*>"},
      {"weight_of_no_type", with(tensor(DType::kUndefined, {2}, "w") + raw(two)), "SDX_E_<*> initializer \"w\"<*>"},
      {"weight_of_unknown_type", with(tensor(static_cast<DType>(200), {2}, "w") + raw(two)),
       "SDX_E_<*> initializer \"w\"<*>200<*>"},
      {"weight_of_2_60_strings", with(tensor(DType::kString, {int64_t{1} << 60}, "w")),
       "SDX_E_<*> initializer \"w\"<*>"},
      {"weight_without_name",
       model_of(initializer(tensor(DType::kF32, {2}) + raw(two)) + node("Identity", {"w"}, {"y"}) + output("y")),
       "SDX_E_PROTO <*>"},
      {"weight_in_segments", with(f32({2}) + raw(two) + text(3, number(1, 0) + number(2, 1))),
       "SDX_E_PROTO initializer \"w\"<*>"},
      {"raw_strings", with(tensor(DType::kString, {2}, "w") + raw("ab")), "SDX_E_PROTO initializer \"w\"<*>"},
      {"sparse_index_too_large", sparse(5, 2), "SDX_E_<*> initializer \"w\"<*>5<*>"},
      {"sparse_index_negative", sparse(-1, 2), "SDX_E_<*> initializer \"w\"<*>-1<*>"},
      {"sparse_of_2_60_elements", sparse(1, int64_t{1} << 60), "SDX_E_<*> initializer \"w\"<*>"},
      {"sparse_of_2_40_elements", sparse(1, int64_t{1} << 40), "SDX_E_MEMORY initializer \"w\"<*>"},
      {"weight_unlike_the_input_of_its_name",
       model_of(input("w", tensor_type(DType::kF32, {3})) + initializer(f32({2}) + raw(two)) +
                node("Relu", {"w"}, {"y"}) + output("y")),
       "SDX_E_SHAPE <*>\"w\"<*>"},
      {"weight_of_another_type_than_its_input",
       model_of(input("w", tensor_type(DType::kI32, {2})) + initializer(f32({2}) + raw(two)) +
                node("Relu", {"w"}, {"y"}) + output("y")),
       "SDX_E_TYPE <*>\"w\"<*>"},
      {"external_data_of_bytes", with(f32({2}) + external("weights.bin")),
       "SDX_E_FILE initializer \"w\"<*>the model came from memory<*>"},
      {"constant_without_value", model_of(node("Constant", {}, {"y"}) + output("y")), "SDX_E_ATTR Constant \"y\"<*>"},
      {"constant_with_two_values",
       model_of(node("Constant", {}, {"y"}, int_attr("value_int", 1) + attr("value_float", 1, real(2, 1))) +
                output("y")),
       "SDX_E_ATTR Constant \"y\"<*>"},
      {"constant_of_2_60_elements",
       model_of(node("Constant", {}, {"y"}, attr("value", 4, text(5, f32({int64_t{1} << 60}) + raw(two)))) +
                output("y")),
       "SDX_E_<*> Constant \"y\"<*>"},
  };
}

}  // namespace sardonyx::testing
