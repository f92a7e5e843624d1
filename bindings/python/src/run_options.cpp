// RunOptions of Python.
#include <nanobind/stl/string.h>

#include "options.h"
#include "tools.h"

namespace sardonyx::python {
namespace {

void set_terminate(RunOptions& o, bool on) {
  check(on ? g_api->RunOptionsSetTerminate(o.live.get()) : g_api->RunOptionsUnsetTerminate(o.live.get()));
  o.terminate = on;
}

std::string run_entry(const RunOptions& o, const std::string& key) {
  const char* value = g_api->GetRunConfigEntry(o.live.get(), key.c_str());
  if (!value) throw std::runtime_error("RunOptions does not have configuration with key: " + key);
  return value;
}

}  // namespace

RunOptions::RunOptions() {
  OrtRunOptions* made = nullptr;
  check(g_api->CreateRunOptions(&made));
  live.reset(made);
}

void bind_run_options(nb::module_& m) {
  nb::class_<RunOptions>(m, "RunOptions", "Options of one run.")
      .def(nb::init<>())
      .def_prop_rw(
          "log_severity_level", [](const RunOptions& o) { return o.log_severity_level; },
          [](RunOptions& o, int v) {
            check_plain(g_api->RunOptionsSetRunLogSeverityLevel(o.live.get(), v));
            o.log_severity_level = v;
          })
      .def_prop_rw(
          "log_verbosity_level", [](const RunOptions& o) { return o.log_verbosity_level; },
          [](RunOptions& o, int v) {
            check_plain(g_api->RunOptionsSetRunLogVerbosityLevel(o.live.get(), v));
            o.log_verbosity_level = v;
          })
      .def_prop_rw(
          "logid", [](const RunOptions& o) { return o.logid; },
          [](RunOptions& o, const std::string& v) {
            check_plain(g_api->RunOptionsSetRunTag(o.live.get(), v.c_str()));
            o.logid = v;
          })
      .def_prop_rw(
          "terminate", [](const RunOptions& o) { return o.terminate; }, set_terminate,
          "True stops every run that uses these options, also those under way.")
      .def_rw("only_execute_path_to_fetches", &RunOptions::only_execute_path_to_fetches)
      .def("add_run_config_entry",
           [](RunOptions& o, const std::string& key, const std::string& value) {
             check_plain(g_api->AddRunConfigEntry(o.live.get(), key.c_str(), value.c_str()));
           })
      .def("get_run_config_entry", run_entry)
      .def("add_active_adapter", [](RunOptions& o, nb::object adapter) {
        check_plain(g_api->RunOptionsAddActiveLoraAdapter(o.live.get(), as<LoraAdapter>(adapter).handle()));
        o.kept.append(adapter);
      });
}

}  // namespace sardonyx::python
