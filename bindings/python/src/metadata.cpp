// What a session says about its model: ports, metadata, memory, and which provider runs which node.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "devices.h"
#include "session.h"

namespace sardonyx::python {
namespace {

struct Metadata {
  std::string producer_name, graph_name, domain, description, graph_description;
  int64_t version = 0;
  nb::dict custom;
};

std::string read(const OrtModelMetadata* m,
                 OrtStatus*(ORT_API_CALL* get)(const OrtModelMetadata*, OrtAllocator*, char**)) {
  char* text = nullptr;
  check(get(m, default_allocator(), &text));
  return take_string(text);
}

Metadata metadata_of(const Session& session) {
  OrtModelMetadata* m = nullptr;
  check(g_api->SessionGetModelMetadata(session.handle(), &m));
  const OwnedMetadata owner(m);
  Metadata out{read(m, g_api->ModelMetadataGetProducerName),
               read(m, g_api->ModelMetadataGetGraphName),
               read(m, g_api->ModelMetadataGetDomain),
               read(m, g_api->ModelMetadataGetDescription),
               read(m, g_api->ModelMetadataGetGraphDescription),
               0,
               nb::dict()};
  check(g_api->ModelMetadataGetVersion(m, &out.version));
  char** keys = nullptr;
  int64_t count = 0;
  check(g_api->ModelMetadataGetCustomMetadataMapKeys(m, default_allocator(), &keys, &count));
  for (int64_t i = 0; i < count; ++i) {
    const std::string key = take_string(keys[i]);
    char* value = nullptr;
    check(g_api->ModelMetadataLookupCustomMetadataMap(m, default_allocator(), key.c_str(), &value));
    out.custom[key.c_str()] = take_string(value);
  }
  if (keys) check(g_api->AllocatorFree(default_allocator(), keys));
  return out;
}

using MemoryGetter = OrtStatus*(ORT_API_CALL*)(const OrtSession*, const OrtMemoryInfo**, size_t);

nb::list memory_infos(nb::object self, MemoryGetter get, bool inputs) {
  const Session& session = as<Session>(self);
  std::vector<const OrtMemoryInfo*> infos(nb::len(inputs ? session.inputs() : session.outputs()));
  check(get(session.handle(), infos.data(), infos.size()));
  nb::list out;
  for (const OrtMemoryInfo* i : infos) out.append(nb::cast(MemoryInfo{nullptr, i, self}));
  return out;
}

nb::list input_devices(const Session& session) {
  std::vector<const OrtEpDevice*> devices(nb::len(session.inputs()));
  check(g_api->SessionGetEpDeviceForInputs(session.handle(), devices.data(), devices.size()));
  nb::list out;
  for (const OrtEpDevice* d : devices) out.append(d ? nb::cast(EpDevice{d}) : nb::none());
  return out;
}

struct AssignedNode {
  std::string name, domain, op_type;
};
struct AssignedSubgraph {
  std::string ep_name;
  std::vector<AssignedNode> nodes;
};

nb::list assignment(const Session& session) {
  const OrtEpAssignedSubgraph* const* graphs = nullptr;
  size_t count = 0;
  check(g_api->Session_GetEpGraphAssignmentInfo(session.handle(), &graphs, &count));
  nb::list out;
  for (size_t i = 0; i < count; ++i) {
    AssignedSubgraph graph;
    const char* text = nullptr;
    check(g_api->EpAssignedSubgraph_GetEpName(graphs[i], &text));
    graph.ep_name = text;
    const OrtEpAssignedNode* const* nodes = nullptr;
    size_t size = 0;
    check(g_api->EpAssignedSubgraph_GetNodes(graphs[i], &nodes, &size));
    for (size_t k = 0; k < size; ++k) {
      const char *name = nullptr, *domain = nullptr, *op = nullptr;
      check(g_api->EpAssignedNode_GetName(nodes[k], &name));
      check(g_api->EpAssignedNode_GetDomain(nodes[k], &domain));
      check(g_api->EpAssignedNode_GetOperatorType(nodes[k], &op));
      graph.nodes.push_back({name, domain, op});
    }
    out.append(nb::cast(std::move(graph)));
  }
  return out;
}

}  // namespace

void bind_metadata(nb::module_& m) {
  nb::class_<Port>(m, "NodeArg", "An input or output of a model.")
      .def_ro("name", &Port::name)
      .def_ro("type", &Port::type, "\"tensor(float)\", \"seq(map(int64,tensor(float)))\", …")
      .def_prop_ro("shape", [](const Port& p) { return nb::list(p.shape); })
      .def("__str__", [](const Port& p) {
        return "NodeArg(name='" + p.name + "', type='" + p.type + "', shape=" + text_of(nb::str(p.shape)) + ")";
      });
  nb::class_<Metadata>(m, "ModelMetadata")
      .def_rw("producer_name", &Metadata::producer_name)
      .def_rw("graph_name", &Metadata::graph_name)
      .def_rw("domain", &Metadata::domain)
      .def_rw("description", &Metadata::description)
      .def_rw("graph_description", &Metadata::graph_description)
      .def_rw("version", &Metadata::version)
      .def_rw("custom_metadata_map", &Metadata::custom);
  nb::class_<AssignedNode>(m, "OrtEpAssignedNode")
      .def_ro("name", &AssignedNode::name)
      .def_ro("domain", &AssignedNode::domain)
      .def_ro("op_type", &AssignedNode::op_type);
  nb::class_<AssignedSubgraph>(m, "OrtEpAssignedSubgraph")
      .def_ro("ep_name", &AssignedSubgraph::ep_name)
      .def("get_nodes", [](const AssignedSubgraph& g) {
        nb::list out;
        for (const AssignedNode& n : g.nodes) out.append(n);
        return out;
      });

  auto session = nb::borrow<nb::class_<Session>>(m.attr("InferenceSession"));
  session.def_prop_ro("model_meta", metadata_of)
      .def_prop_ro("input_meminfos",
                   [](nb::object self) { return memory_infos(self, g_api->SessionGetMemoryInfoForInputs, true); })
      .def_prop_ro("output_meminfos",
                   [](nb::object self) { return memory_infos(self, g_api->SessionGetMemoryInfoForOutputs, false); })
      .def_prop_ro("input_epdevices", input_devices)
      .def("get_provider_graph_assignment_info", assignment);
}

}  // namespace sardonyx::python
