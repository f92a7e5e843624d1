// ONNX models as bytes, for tests that know nothing of the library. Fields of a message may come in any order, so
// messages are strings that are put together.
#pragma once
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace abi_test {

using Text = std::string;

inline Text varint(uint64_t v) {
  Text s;
  for (; v >= 128; v >>= 7) s += static_cast<char>(v | 128);
  return s += static_cast<char>(v);
}
inline Text number(uint32_t field, int64_t v) { return varint(field << 3) + varint(static_cast<uint64_t>(v)); }
inline Text text(uint32_t field, std::string_view v) {
  return varint(field << 3 | 2) + varint(v.size()) + std::string(v);
}
inline Text real(uint32_t field, float v) {
  char bytes[4];
  std::memcpy(bytes, &v, 4);
  return varint(field << 3 | 5) + Text(bytes, 4);
}

template <class T>
Text bytes_of(std::initializer_list<T> values) {
  return Text(reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T));
}

// An extent of a declared type: a number, a name, or nothing said.
struct D {
  Text message;
  D(int v) : message(number(1, v)) {}
  D(const char* name, std::string_view denotation = {})
      : message((*name ? text(2, name) : Text()) + (denotation.empty() ? Text() : text(3, denotation))) {}
};
inline Text tensor_type(int elem, std::initializer_list<D> dims) {
  Text shape;
  for (const D& d : dims) shape += text(1, d.message);
  return text(1, number(1, elem) + text(2, shape));
}
inline Text unranked_type(int elem) { return text(1, number(1, elem)); }
inline Text sequence_type(const Text& inner) { return text(4, text(1, inner)); }
inline Text map_type(int key, const Text& value) { return text(5, number(1, key) + text(2, value)); }
inline Text optional_type(const Text& inner) { return text(9, text(1, inner)); }

inline Text input(std::string_view name, const Text& type) { return text(11, text(1, name) + text(2, type)); }
inline Text output(std::string_view name, const Text& type) { return text(12, text(1, name) + text(2, type)); }

inline Text tensor(int elem, std::initializer_list<int64_t> dims, std::string_view name, std::string_view raw) {
  Text s;
  for (int64_t d : dims) s += number(1, d);
  return s + number(2, elem) + text(8, name) + text(9, raw);
}
inline Text initializer(const Text& tensor_message) { return text(5, tensor_message); }
inline Text entry(uint32_t field, std::string_view key, std::string_view value) {
  return text(field, text(1, key) + text(2, value));
}
// An initializer whose bytes lie in another file.
inline Text external(int elem, std::initializer_list<int64_t> dims, std::string_view name, std::string_view location,
                     size_t offset, size_t length) {
  Text s;
  for (int64_t d : dims) s += number(1, d);
  return initializer(s + number(2, elem) + text(8, name) + entry(13, "location", location) +
                     entry(13, "offset", std::to_string(offset)) + entry(13, "length", std::to_string(length)) +
                     number(14, 1));
}

using Names = std::initializer_list<std::string_view>;
inline Text node(std::string_view op, Names inputs, Names outputs, const Text& rest = {}) {
  Text s;
  for (std::string_view i : inputs) s += text(1, i);
  for (std::string_view o : outputs) s += text(2, o);
  return text(1, s + text(4, op) + rest);
}
inline Text named(std::string_view name) { return text(3, name); }
inline Text domain(std::string_view name) { return text(7, name); }
inline Text int_attr(std::string_view name, int64_t v) { return text(5, text(1, name) + number(20, 2) + number(3, v)); }
inline Text ints_attr(std::string_view name, std::initializer_list<int64_t> values) {
  Text s = text(1, name) + number(20, 7);
  for (int64_t v : values) s += number(8, v);
  return text(5, s);
}
inline Text strings_attr(std::string_view name, Names values) {
  Text s = text(1, name) + number(20, 8);
  for (std::string_view v : values) s += text(9, v);
  return text(5, s);
}

inline Text opset(std::string_view domain_name, int64_t version) {
  return text(8, text(1, domain_name) + number(2, version));
}
// A model of IR version 8 and opset 17, with ai.onnx.ml 3.
inline Text model(const Text& graph, const Text& rest = {}, std::string_view graph_name = "g") {
  return number(1, 8) + opset("", 17) + opset("ai.onnx.ml", 3) + text(7, graph + text(2, graph_name)) + rest;
}

enum Elem { kFloat = 1, kUint8 = 2, kInt32 = 6, kInt64 = 7, kString = 8, kBool = 9, kDouble = 11 };

// y = Relu(x), float[2,3].
inline Text relu_model() {
  return model(node("Relu", {"x"}, {"y"}, named("relu")) + input("x", tensor_type(kFloat, {2, 3})) +
               output("y", tensor_type(kFloat, {2, 3})));
}
// z = x + y, float[N,3] and float[?,3].
inline Text add_model() {
  return model(node("Add", {"x", "y"}, {"z"}, named("n1")) + input("x", tensor_type(kFloat, {"N", 3})) +
               input("y", tensor_type(kFloat, {"", 3})) + output("z", tensor_type(kFloat, {"N", 3})));
}
// z = x + w, where w is 1, 1, 1 unless the caller gives it.
inline Text overridable_model() {
  return model(node("Add", {"x", "w"}, {"z"}) + input("x", tensor_type(kFloat, {2, 3})) +
               input("w", tensor_type(kFloat, {3})) + output("z", tensor_type(kFloat, {2, 3})) +
               initializer(tensor(kFloat, {3}, "w", bytes_of<float>({1, 1, 1}))));
}

}  // namespace abi_test
