// The class InferenceSession as Python sees it.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "session.h"

namespace sardonyx::python {

namespace {

nb::object new_tensor(const Session&, nb::object shape, nb::object type, nb::object device) {
  return nb::type<Value>().attr("ortvalue_from_shape_and_type")(shape, type, device);
}

// No provider here tunes, so no result belongs to one.
void set_tuning(const Session&, const nb::list& results, bool error_on_invalid) {
  if (!error_on_invalid || nb::len(results) == 0) return;
  throw std::runtime_error("Error in execution: Cannot find execution provider " +
                           text_of(nb::str(nb::cast<nb::dict>(results[0])["ep"])));
}

}  // namespace

void bind_session(nb::module_& m) {
  const auto arg = [] { return nb::arg(); };
  const auto none = [] { return nb::arg().none(); };
  nb::class_<Session>(m, "InferenceSession", nb::is_weak_referenceable())
      .def(nb::init<nb::object, nb::object, bool, bool>(), none(), arg(), arg(), arg())
      .def("initialize_session", &Session::initialize)
      .def("run", &Session::run, none(), arg(), none())
      .def(
          "run_async",
          [](nb::object self, nb::object names, nb::handle feed, nb::object callback, nb::object user_data,
             nb::object options) { as<Session>(self).run_async(self, names, feed, callback, user_data, options); },
          none(), arg(), none(), none(), none())
      .def("run_with_ort_values", &Session::run_with_values, arg(), none(), none())
      .def("run_with_ortvaluevector", &Session::run_with_vectors, none(), arg(), arg(), arg(), arg(), none())
      .def_prop_ro("session_options", &Session::options)
      .def_prop_ro("inputs_meta", &Session::inputs)
      .def_prop_ro("outputs_meta", &Session::outputs)
      .def_prop_ro("overridable_initializers", &Session::overridable)
      .def_prop_ro("get_profiling_start_time_ns",
                   [](const Session& s) {
                     uint64_t start = 0;
                     check(g_api->SessionGetProfilingStartTimeNs(s.handle(), &start));
                     return start;
                   })
      .def("end_profiling",
           [](const Session& s) {
             char* file = nullptr;
             check(g_api->SessionEndProfiling(s.handle(), default_allocator(), &file));
             return take_string(file);
           })
      .def("get_providers", [](const Session&) { return std::vector<std::string>{"CPUExecutionProvider"}; })
      .def("get_provider_options",
           [](const Session&) {
             nb::dict options;
             options["CPUExecutionProvider"] = nb::dict();
             return options;
           })
      .def("create_ortvalue_from_shape_and_type", new_tensor)
      .def("create_ortvalue_from_shape_and_onnx_type", new_tensor)
      .def("get_tuning_results", [](const Session&) { return nb::list(); })
      .def("set_tuning_results", set_tuning)
      .def("release_captured_graph", [](const Session&, int64_t) {})
      .def("is_webgpu_graph_capture_enabled", [](const Session&) { return false; })
      .def("webgpu_context_id", [](const Session&) { return -1; })
      .def("set_ep_dynamic_options", [](const Session& s, const nb::dict& options) {
        std::vector<std::string> texts;
        for (auto [k, v] : options) {
          texts.push_back(text_of(k));
          texts.push_back(text_of(v));
        }
        std::vector<const char*> keys, values;
        for (size_t i = 0; i < texts.size(); i += 2) {
          keys.push_back(texts[i].c_str());
          values.push_back(texts[i + 1].c_str());
        }
        check(g_api->SetEpDynamicOptions(s.handle(), keys.data(), values.data(), keys.size()));
      });
  m.def("_async_runs", async_runs, "How many runs of run_async have not finished.");
}

}  // namespace sardonyx::python
