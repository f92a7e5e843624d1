#include "onnx/proto.h"

namespace sardonyx::proto {
namespace {

Opset read_opset(View m) {
  Opset o;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): o.domain = f.view(); break;
      case varint(2): o.version = f.number(); break;
      default: f.skip();
    }
  }
  return o;
}

// The attribute kinds by the number of AttributeType and the field that holds them, for files that leave the kind out.
int64_t kind_of_present_field(const AttrMsg& a, uint32_t last_field) {
  switch (last_field) {
    case 2: return 1;
    case 3: return 2;
    case 4: return 3;
    case 5: return 4;
    case 6: return 5;
    case 22: return 11;
    case 14: return 13;
    case 7: return 6;
    case 8: return 7;
    case 9: return 8;
    case 10: return 9;
    case 11: return 10;
    case 23: return 12;
    case 15: return 14;
    default: return a.type;
  }
}

void append_floats(View packed, std::vector<float>& to) {
  if (packed.size() % sizeof(float) != 0) throw protozero::invalid_length_exception{};
  const size_t n = to.size();
  to.resize(n + packed.size() / sizeof(float));
  if (!packed.empty()) std::memcpy(to.data() + n, packed.data(), packed.size());
}

}  // namespace

Entry read_entry(View m) {
  Entry e;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): e.key = f.view(); break;
      case blob(2): e.value = f.view(); break;
      default: f.skip();
    }
  }
  return e;
}

TensorMsg read_tensor_msg(View m) {
  TensorMsg t;
  t.self = m;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case varint(1): t.dims.push_back(f.number()); break;
      case blob(1): each_varint(f.view(), [&](int64_t d) { t.dims.push_back(d); }); break;
      case varint(2): t.dtype = f.number(); break;
      case blob(3): t.segmented = true, f.skip(); break;
      case blob(8): t.name = f.view(); break;
      case blob(9): t.raw = f.view(), t.has_raw = true; break;
      case blob(13): t.external_data.push_back(read_entry(f.view())); break;
      case varint(14): t.external = f.number() == 1; break;
      default: f.skip();
    }
  }
  return t;
}

SparseMsg read_sparse_msg(View m) {
  SparseMsg s;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): s.values = f.view(); break;
      case blob(2): s.indices = f.view(); break;
      case varint(3): s.dims.push_back(f.number()); break;
      case blob(3): each_varint(f.view(), [&](int64_t d) { s.dims.push_back(d); }); break;
      default: f.skip();
    }
  }
  return s;
}

View attr_msg_name(View m) {
  View name;
  for (Fields f(m); f.next();) {
    if (f.key() == blob(1))
      name = f.view();
    else
      f.skip();
  }
  return name;
}

AttrMsg read_attr_msg(View m) {
  AttrMsg a;
  uint32_t last = 0;
  for (Fields f(m); f.next();) {
    const uint32_t key = f.key();
    switch (key) {
      case blob(1): a.name = f.view(); continue;
      case blob(21): a.ref = f.view(); continue;
      case varint(20): a.type = f.number(); continue;
      case fixed32(2): a.f = f.real(); break;
      case varint(3): a.i = f.number(); break;
      case blob(4): a.s = f.view(); break;
      case blob(5):
      case blob(10): a.tensors.push_back(f.view()); break;
      case blob(6):
      case blob(11): a.graphs.push_back(f.view()); break;
      case blob(22):
      case blob(23): a.sparse.push_back(f.view()); break;
      case blob(14):
      case blob(15): a.types.push_back(f.view()); break;
      case fixed32(7): a.floats.push_back(f.real()); break;
      case blob(7): append_floats(f.view(), a.floats); break;
      case varint(8): a.ints.push_back(f.number()); break;
      case blob(8): each_varint(f.view(), [&](int64_t v) { a.ints.push_back(v); }); break;
      case blob(9): a.strings.push_back(f.view()); break;
      default: f.skip(); continue;
    }
    last = key >> 3;
  }
  if (a.type == 0) a.type = kind_of_present_field(a, last);
  return a;
}

NodeMsg read_node_msg(View m) {
  NodeMsg n;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): n.inputs.push_back(f.view()); break;
      case blob(2): n.outputs.push_back(f.view()); break;
      case blob(3): n.name = f.view(); break;
      case blob(4): n.op = f.view(); break;
      case blob(5): n.attrs.push_back(f.view()); break;
      case blob(7): n.domain = f.view(); break;
      case blob(8): n.overload = f.view(); break;
      default: f.skip();
    }
  }
  return n;
}

ValueInfoMsg read_value_info_msg(View m) {
  ValueInfoMsg v;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): v.name = f.view(); break;
      case blob(2): v.type = f.view(); break;
      case blob(3): v.doc = f.view(); break;
      default: f.skip();
    }
  }
  return v;
}

DimMsg read_dim_msg(View m) {
  DimMsg d;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case varint(1): d.value = f.number(), d.kind = DimMsg::Kind::kValue; break;
      case blob(2): d.param = f.view(), d.kind = DimMsg::Kind::kParam; break;
      case blob(3): d.denotation = f.view(); break;
      default: f.skip();
    }
  }
  return d;
}

AnnotationMsg read_annotation_msg(View m) {
  AnnotationMsg a;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): a.tensor = f.view(); break;
      case blob(2): a.entries.push_back(read_entry(f.view())); break;
      default: f.skip();
    }
  }
  return a;
}

void add_graph_msg(View m, GraphMsg& g) {
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): g.nodes.push_back(f.view()); break;
      case blob(2): g.name = f.view(); break;
      case blob(5): g.initializers.push_back(f.view()); break;
      case blob(10): g.doc = f.view(); break;
      case blob(11): g.inputs.push_back(f.view()); break;
      case blob(12): g.outputs.push_back(f.view()); break;
      case blob(13): g.value_infos.push_back(f.view()); break;
      case blob(14): g.annotations.push_back(f.view()); break;
      case blob(15): g.sparse_initializers.push_back(f.view()); break;
      default: f.skip();
    }
  }
}

FunctionMsg read_function_msg(View m) {
  FunctionMsg fn;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case blob(1): fn.name = f.view(); break;
      case blob(4): fn.inputs.push_back(f.view()); break;
      case blob(5): fn.outputs.push_back(f.view()); break;
      case blob(6): fn.attrs.push_back(f.view()); break;
      case blob(7): fn.nodes.push_back(f.view()); break;
      case blob(9): fn.opsets.push_back(read_opset(f.view())); break;
      case blob(10): fn.domain = f.view(); break;
      case blob(11): fn.defaults.push_back(f.view()); break;
      case blob(13): fn.overload = f.view(); break;
      default: f.skip();
    }
  }
  return fn;
}

ModelMsg read_model_msg(View m) {
  ModelMsg model;
  for (Fields f(m); f.next();) {
    switch (f.key()) {
      case varint(1): model.ir_version = f.number(); break;
      case blob(2): model.producer = f.view(); break;
      case blob(3): model.producer_version = f.view(); break;
      case blob(4): model.domain = f.view(); break;
      case varint(5): model.model_version = f.number(); break;
      case blob(6): model.doc = f.view(); break;
      case blob(7): model.graphs.push_back(f.view()); break;
      case blob(8): model.opsets.push_back(read_opset(f.view())); break;
      case blob(14): model.metadata.push_back(read_entry(f.view())); break;
      case blob(25): model.functions.push_back(f.view()); break;
      default: f.skip();
    }
  }
  return model;
}

}  // namespace sardonyx::proto
