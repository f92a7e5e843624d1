// The class InferenceSession as Python sees it.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "session.h"

namespace sardonyx::python {

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
