// Views of the messages of an ONNX file: what each says, as string_views into its bytes; nothing is copied and no
// weight is touched. Nested messages stay undecoded views until somebody asks. The bytes are not trusted: a field of
// the wrong wire type is skipped like an unknown one, malformed bytes throw protozero::exception, which the entry
// points of this folder catch (see guard.h).
#pragma once
#include <protozero/pbf_reader.hpp>
#include <string_view>
#include <vector>

#include "base/small_vec.h"
#include "tensor/extents.h"

namespace sardonyx::proto {

using View = std::string_view;
using Views = std::vector<View>;

// Keys of a `switch (fields.key())`: field number with the wire type that the field must have.
constexpr uint32_t varint(uint32_t n) { return protozero::tag_and_type(n, protozero::pbf_wire_type::varint); }
constexpr uint32_t blob(uint32_t n) { return protozero::tag_and_type(n, protozero::pbf_wire_type::length_delimited); }
constexpr uint32_t fixed32(uint32_t n) { return protozero::tag_and_type(n, protozero::pbf_wire_type::fixed32); }
constexpr uint32_t fixed64(uint32_t n) { return protozero::tag_and_type(n, protozero::pbf_wire_type::fixed64); }

// The fields of one message, one after the other. Every field must be read by one of the getters or skipped.
class Fields {
 public:
  explicit Fields(View message) : reader_(message.data(), message.size()) {}
  bool next() { return reader_.next(); }
  uint32_t key() const { return reader_.tag_and_type(); }
  View view() {
    const auto v = reader_.get_view();
    return {v.data(), v.size()};
  }
  int64_t number() { return reader_.get_int64(); }
  float real() { return reader_.get_float(); }
  double real64() { return reader_.get_double(); }
  void skip() { reader_.skip(); }

 private:
  protozero::pbf_reader reader_;
};

// Calls fn(int64_t) for each varint of a packed field.
template <class Fn>
void each_varint(View packed, Fn fn) {
  const char *p = packed.data(), *end = p + packed.size();
  while (p != end) fn(static_cast<int64_t>(protozero::decode_varint(&p, end)));
}

struct Entry {
  View key, value;
};
struct Opset {
  View domain;
  int64_t version = 0;
};

struct TensorMsg {
  View self;  // the whole message, to find the typed data in
  View name, raw;
  Extents dims;
  int64_t dtype = 0;
  bool has_raw = false, external = false, segmented = false;
  std::vector<Entry> external_data;
};
struct SparseMsg {
  View values, indices;  // TensorProto
  Extents dims;
};
struct AttrMsg {
  View name, ref, s;
  int64_t type = 0;  // deduced from the field present if the file does not say
  int64_t i = 0;
  float f = 0;
  std::vector<int64_t> ints;
  std::vector<float> floats;
  Views strings;
  SmallVec<View, 1> tensors, graphs, sparse, types;  // singular and plural fields alike
};
struct NodeMsg {
  SmallVec<View, 6> inputs, outputs;
  View name, op, domain, overload;
  SmallVec<View, 6> attrs;  // AttributeProto
};
struct ValueInfoMsg {
  View name, type, doc;
};
struct DimMsg {
  enum class Kind : uint8_t { kUnknown, kValue, kParam } kind = Kind::kUnknown;
  int64_t value = 0;
  View param, denotation;
};
struct AnnotationMsg {
  View tensor;
  std::vector<Entry> entries;
};
struct GraphMsg {
  View name, doc;
  Views nodes, initializers, sparse_initializers, inputs, outputs, value_infos, annotations;
};
struct FunctionMsg {
  View name, domain, overload;
  Views inputs, outputs, attrs, defaults, nodes;  // defaults: AttributeProto
  std::vector<Opset> opsets;
};
struct ModelMsg {
  int64_t ir_version = 0, model_version = 0;
  View producer, producer_version, domain, doc;
  Views graphs, functions;  // a graph given in several pieces is their concatenation, as protobuf wants it
  std::vector<Opset> opsets;
  std::vector<Entry> metadata;
};

Entry read_entry(View m);
TensorMsg read_tensor_msg(View m);
SparseMsg read_sparse_msg(View m);
AttrMsg read_attr_msg(View m);
View attr_msg_name(View m);
NodeMsg read_node_msg(View m);
ValueInfoMsg read_value_info_msg(View m);
DimMsg read_dim_msg(View m);
AnnotationMsg read_annotation_msg(View m);
void add_graph_msg(View m, GraphMsg& to);
FunctionMsg read_function_msg(View m);
ModelMsg read_model_msg(View m);

}  // namespace sardonyx::proto
