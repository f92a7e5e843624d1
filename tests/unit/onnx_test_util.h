// What the tests of the model reader share: a few operators, and a small writer of ONNX messages that can also write
// wrong ones.
#pragma once
#include <gtest/gtest.h>

#include <cstring>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "ir/infer_ctx.h"
#include "ir/op_def.h"
#include "onnx/model.h"

namespace sardonyx::testing {

// Add, Identity, Range, If, Loop, Scan, SequenceMap, and com.example's Decode, which takes any inputs, attributes and
// bodies.
const OpLookup& test_ops();

// Messages as strings, put together by concatenation: protobuf fields may come in any order.
using Text = std::string;

inline Text text(uint32_t field, std::string_view value) {
  Text s;
  protozero::pbf_writer(s).add_bytes(field, value.data(), value.size());
  return s;
}
inline Text number(uint32_t field, int64_t value) {
  Text s;
  protozero::pbf_writer(s).add_int64(field, value);
  return s;
}
inline Text real(uint32_t field, float value) {
  Text s;
  protozero::pbf_writer(s).add_float(field, value);
  return s;
}
template <class T>
Text bytes_of(std::initializer_list<T> values) {
  Text s(values.size() * sizeof(T), '\0');
  if (values.size() != 0) std::memcpy(s.data(), values.begin(), s.size());
  return s;
}
inline Text varints(std::initializer_list<int64_t> values) {
  Text s;
  for (int64_t v : values) protozero::add_varint_to_buffer(&s, static_cast<uint64_t>(v));
  return s;
}

// TensorProto without contents; append raw(), or typed fields.
inline Text tensor(DType type, std::initializer_list<int64_t> dims, std::string_view name = {}) {
  Text s;
  for (int64_t d : dims) s += number(1, d);
  return s + number(2, static_cast<int64_t>(type)) + text(8, name);
}
inline Text raw(std::string_view bytes) { return text(9, bytes); }
inline Text entry(uint32_t field, std::string_view key, std::string_view value) {
  return text(field, text(1, key) + text(2, value));
}
inline Text external(std::string_view location, std::string_view offset = {}, std::string_view length = {}) {
  Text s = entry(13, "location", location) + number(14, 1);
  if (!offset.empty()) s += entry(13, "offset", offset);
  if (!length.empty()) s += entry(13, "length", length);
  return s;
}

struct D {  // one extent of a declared type
  Text message;
  D(int v) : message(text(1, number(1, v))) {}
  D(const char* name) : message(text(1, text(2, name))) {}
  static D none() {
    D d(0);
    d.message = text(1, "");
    return d;
  }
};
inline Text tensor_type(DType type, std::initializer_list<D> dims) {
  Text shape;
  for (const D& d : dims) shape += d.message;
  return text(1, number(1, static_cast<int64_t>(type)) + text(2, shape));
}
inline Text unranked_type(DType type) { return text(1, number(1, static_cast<int64_t>(type))); }
inline Text sequence_type(const Text& inner) { return text(4, text(1, inner)); }
inline Text optional_type(const Text& inner) { return text(9, text(1, inner)); }

inline Text value_info(std::string_view name, const Text& type) { return text(1, name) + text(2, type); }
inline Text input(std::string_view name, const Text& type) { return text(11, value_info(name, type)); }
inline Text output(std::string_view name, const Text& type = {}) {
  return text(12, text(1, name) + (type.empty() ? Text() : text(2, type)));
}
inline Text initializer(const Text& tensor_message) { return text(5, tensor_message); }

using Names = std::initializer_list<std::string_view>;
// `rest`: attributes and whatever else belongs to the node.
inline Text node_message(std::string_view op, Names inputs, Names outputs, const Text& rest = {}) {
  Text s;
  for (std::string_view i : inputs) s += text(1, i);
  for (std::string_view o : outputs) s += text(2, o);
  return s + text(4, op) + rest;
}
inline Text node(std::string_view op, Names inputs, Names outputs, const Text& rest = {}) {
  return text(1, node_message(op, inputs, outputs, rest));
}
inline Text named(std::string_view name) { return text(3, name); }
inline Text domain(std::string_view name) { return text(7, name); }

inline Text attr(std::string_view name, int64_t kind, const Text& contents) {
  return text(5, text(1, name) + number(20, kind) + contents);
}
inline Text int_attr(std::string_view name, int64_t v) { return attr(name, 2, number(3, v)); }
inline Text graph_attr(std::string_view name, const Text& graph) { return attr(name, 5, text(6, graph)); }
inline Text ref_attr(std::string_view name, int64_t kind, std::string_view to) {
  return attr(name, kind, text(21, to));
}

inline Text opset(std::string_view domain_name, int64_t version) {
  return text(8, text(1, domain_name) + number(2, version));
}
inline Text model_of(const Text& graph, const Text& rest = {}, int64_t version = 17) {
  return number(1, 8) + opset("", version) + text(7, graph) + rest;
}

// A FunctionProto: its nodes are made with function_node().
inline Text function_node(std::string_view op, Names inputs, Names outputs, const Text& rest = {}) {
  return text(7, node_message(op, inputs, outputs, rest));
}
inline Text function(std::string_view domain_name, std::string_view name, Names inputs, Names outputs,
                     const Text& rest) {
  Text s = text(1, name) + text(10, domain_name) + text(9, text(1, "") + number(2, 17));
  for (std::string_view i : inputs) s += text(4, i);
  for (std::string_view o : outputs) s += text(5, o);
  return text(25, s + rest);
}

// A folder of its own under the system's temporary folder, removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  const std::string& path() const { return path_; }
  std::string write(std::string_view name, std::string_view bytes) const;

 private:
  std::string path_;
};

// Opens a model with test_ops().
inline Result<Model> load(const Text& bytes, const LoadOptions& options = {}) {
  return load_model_bytes(bytes, test_ops(), options);
}
inline std::string error_of(const Text& bytes, const LoadOptions& options = {}) {
  auto m = load(bytes, options);
  return m.ok() ? "no error" : m.status().to_string();
}
inline const Node& only_node(const Model& m) {
  EXPECT_EQ(m.graph->node_count(), 1u);
  return m.graph->node(0);
}

}  // namespace sardonyx::testing
