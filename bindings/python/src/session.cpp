#include "session.h"

#include <nanobind/stl/string.h>

#include <atomic>

#include "interrupt.h"

namespace sardonyx::python {

// Inputs of a run: borrowed names and handles, and what keeps them alive.
struct Session::Feed {
  std::vector<const char*> names;
  std::vector<const OrtValue*> handles;
  std::vector<Value> made;
  std::vector<nb::object> kept;
};
struct Session::Fetch {
  std::vector<nb::object> kept;
  std::vector<const char*> names;
  std::vector<OrtValue*> values;
  Fetch() = default;
  Fetch(Fetch&&) = default;
  ~Fetch() {
    for (OrtValue* v : values)
      if (v) g_api->ReleaseValue(v);
  }
  Value take(size_t i) {
    OrtValue* v = values[i];
    values[i] = nullptr;
    return Value(OwnedValue(v));
  }
};

namespace {

const char* utf8(nb::handle str) {
  const char* data = PyUnicode_AsUTF8AndSize(str.ptr(), nullptr);
  if (!data) throw nb::python_error();
  return data;
}

// Runs on the main thread that bring no options use these, so that Ctrl-C has a flag to set.
OrtRunOptions* main_thread_options() {
  static OrtRunOptions* options = [] {
    OrtRunOptions* made = nullptr;
    check(g_api->CreateRunOptions(&made));
    return made;
  }();
  return options;
}

RunOptions* options_from(nb::handle object) { return object.is_none() ? nullptr : &as<RunOptions>(object); }

// Calls `run(options)` without the GIL, again if a signal stopped it and Python's handler chose to go on.
template <class F>
OrtStatus* run_watched(RunOptions* user, const F& run) {
  OrtRunOptions* options = user ? user->live.get() : main_thread_options();
  const auto stop = [](void* target) {
    if (OrtStatus* s = g_api->RunOptionsSetTerminate(static_cast<OrtRunOptions*>(target))) g_api->ReleaseStatus(s);
  };
  for (;;) {
    OrtStatus* status = nullptr;
    if (!run_interruptible([&] { status = run(options); }, stop, options)) return status;
    if (!user || !user->terminate) check(g_api->RunOptionsUnsetTerminate(options));
    if (PyErr_CheckSignals() != 0) {
      if (status) g_api->ReleaseStatus(status);
      throw nb::python_error();
    }
    if (!status || (user && user->terminate)) return status;
    g_api->ReleaseStatus(status);
  }
}

std::vector<nb::object> names_from(nb::handle names) {
  if (PyUnicode_Check(names.ptr()) || PyBytes_Check(names.ptr()))
    throw nb::type_error("output names must be a list of str, not one str");
  std::vector<nb::object> out;
  for (nb::handle name : names) {
    if (!PyUnicode_Check(name.ptr())) throw nb::type_error("output names must be a list of str");
    out.push_back(nb::borrow(name));
  }
  return out;
}

std::vector<const char*> pointers(const std::vector<nb::object>& names) {
  std::vector<const char*> out;
  for (const nb::object& n : names) out.push_back(utf8(n));
  return out;
}

nb::handle unwrap(nb::handle object, nb::object& owner) {
  if (nb::isinstance<Value>(object)) return object;
  if (is_array(object) || !nb::hasattr(object, "_get_c_value")) return {};
  owner = object.attr("_get_c_value")();
  return nb::isinstance<Value>(owner) ? nb::handle(owner) : nb::handle();
}

// A run that goes on after run_async returned.
struct AsyncRun {
  std::vector<nb::object> kept;
  std::vector<Value> made;
  std::vector<const char*> input_names, output_names;
  std::vector<const OrtValue*> inputs;
  std::vector<OrtValue*> outputs;
  nb::object session, callback, user_data;
};
std::atomic<int> g_async_runs{0};

int delete_run(void* run) {
  delete static_cast<AsyncRun*>(run);
  return 0;
}

void finish_async(void* data, OrtValue** outputs, size_t count, OrtStatusPtr status) {
  auto* run = static_cast<AsyncRun*>(data);
  {
    const nb::gil_scoped_acquire gil;
    try {
      nb::list results;
      const std::string error = status ? g_api->GetErrorMessage(status) : "";
      for (size_t i = 0; i < count; ++i) {
        if (!status) results.append(object_of(Value(OwnedValue(outputs[i]))));
        outputs[i] = nullptr;
      }
      run->callback(results, run->user_data, error);
    } catch (nb::python_error& error) {
      error.restore();
      PyErr_WriteUnraisable(run->callback.ptr());
    } catch (const std::exception& error) {
      PyErr_SetString(PyExc_RuntimeError, error.what());
      PyErr_WriteUnraisable(run->callback.ptr());
    }
    if (status) g_api->ReleaseStatus(status);
    // The last reference to the session must not go away on a thread of the session's own pool.
    if (Py_AddPendingCall(delete_run, run) != 0) delete run;
  }
  --g_async_runs;
}

}  // namespace

int async_runs() { return g_async_runs.load(); }

void Session::complain_of_missing(const nb::dict& feed) const {
  nb::list missing;
  for (const nb::object& name : input_names_)
    if (!feed.contains(name)) missing.append(name);
  const std::string text = "Required inputs (" + text_of(nb::repr(missing)) + ") are missing from input feed (" +
                           text_of(nb::repr(feed.keys())) + ").";
  throw nb::value_error(text.c_str());
}

void Session::add_feed(nb::handle name, nb::handle object, const Port* port, Feed& out) const {
  nb::object owner;
  if (const nb::handle held = unwrap(object, owner)) {
    out.handles.push_back(nb::inst_ptr<Value>(held)->handle.get());
    if (owner.is_valid()) out.kept.push_back(std::move(owner));
  } else {
    out.made.push_back(value_from_object(object, port, port ? port->name : text_of(name)));
    out.handles.push_back(out.made.back().handle.get());
  }
  out.names.push_back(utf8(name));
  out.kept.push_back(nb::borrow(object));
}

void Session::feed_from(nb::handle given, Feed& out) const {
  nb::dict feed;
  if (PyDict_Check(given.ptr())) {
    feed = nb::borrow<nb::dict>(given);
  } else {
    (void)given.attr("keys");
    if (PyDict_Update(feed.ptr(), given.ptr()) != 0) throw nb::python_error();
    out.kept.push_back(feed);
  }
  const std::vector<Port>& inputs = ports_[0];
  out.made.reserve(nb::len(feed));
  for (size_t i = 0; i < inputs.size(); ++i) {
    PyObject* object = PyDict_GetItemWithError(feed.ptr(), input_names_[i].ptr());
    if (!object && inputs[i].optional) continue;
    if (!object) complain_of_missing(feed);
    add_feed(input_names_[i], object, &inputs[i], out);
  }
  if (out.names.size() == nb::len(feed)) return;
  for (auto [name, object] : feed) {
    if (!PyUnicode_Check(name.ptr())) throw nb::type_error("the names of inputs must be str");
    const Port* known = port(text_of(name));
    if (!known || known >= ports_[0].data() + ports_[0].size() || known < ports_[0].data())
      add_feed(name, object, known, out);
  }
}

Session::Fetch Session::fetch_from(nb::object output_names) const {
  Fetch out;
  const bool all = output_names.is_none() || nb::len(output_names) == 0;
  out.kept = all ? output_names_ : names_from(output_names);
  out.names = pointers(out.kept);
  out.values.assign(out.names.size(), nullptr);
  return out;
}

void Session::run_now(const Feed& feed, Fetch& fetch, nb::object run_options) {
  OrtSession* session = handle();
  check(run_watched(options_from(run_options), [&](const OrtRunOptions* options) {
    return g_api->Run(session, options, feed.names.data(), feed.handles.data(), feed.names.size(), fetch.names.data(),
                      fetch.names.size(), fetch.values.data());
  }));
}

nb::list Session::run(nb::object output_names, nb::handle given, nb::object run_options) {
  Feed feed;
  feed_from(given, feed);
  Fetch fetch = fetch_from(std::move(output_names));
  run_now(feed, fetch, std::move(run_options));
  nb::list results;
  for (size_t i = 0; i < fetch.values.size(); ++i) results.append(object_of(fetch.take(i)));
  return results;
}

ValueVector Session::run_with_values(const nb::dict& values, nb::object output_names, nb::object run_options) {
  Feed feed;
  feed_from(values, feed);
  Fetch fetch = fetch_from(std::move(output_names));
  run_now(feed, fetch, std::move(run_options));
  ValueVector out;
  for (size_t i = 0; i < fetch.values.size(); ++i) out.items.push_back(python_value(fetch.take(i)));
  return out;
}

void Session::run_with_vectors(nb::object run_options, const std::vector<std::string>& feed_names,
                               const ValueVector& feeds, const std::vector<std::string>& fetch_names,
                               ValueVector& fetches, nb::object) {
  if (feed_names.size() != feeds.items.size()) throw std::runtime_error("as many feeds as feed names are needed");
  Feed feed;
  for (size_t i = 0; i < feed_names.size(); ++i) {
    feed.names.push_back(feed_names[i].c_str());
    feed.handles.push_back(as<Value>(feeds.items[i]).handle.get());
    feed.kept.push_back(feeds.items[i]);
  }
  Fetch fetch;
  for (const std::string& name : fetch_names) fetch.names.push_back(name.c_str());
  fetch.values.assign(fetch_names.size(), nullptr);
  run_now(feed, fetch, std::move(run_options));
  fetches.items.clear();
  for (size_t i = 0; i < fetch.values.size(); ++i) fetches.items.push_back(python_value(fetch.take(i)));
}

void Session::run_with_binding(const OrtIoBinding* binding, nb::object run_options) {
  OrtSession* session = handle();
  OrtStatus* status = run_watched(options_from(run_options), [&](const OrtRunOptions* options) {
    return g_api->RunWithBinding(session, options, binding);
  });
  if (!status) return;
  const std::string text = std::string("Error in execution: ") + g_api->GetErrorMessage(status);
  g_api->ReleaseStatus(status);
  throw std::runtime_error(text);
}

void Session::run_async(nb::object self, nb::object output_names, nb::handle given, nb::object callback,
                        nb::object user_data, nb::object run_options) {
  if (!PyCallable_Check(callback.ptr())) throw nb::type_error("run_async: the callback is not callable");
  Feed feed;
  feed_from(given, feed);
  Fetch fetch = fetch_from(std::move(output_names));
  RunOptions* options = options_from(run_options);
  auto run = std::make_unique<AsyncRun>();
  run->kept = std::move(feed.kept);
  for (nb::object& name : fetch.kept) run->kept.push_back(name);
  run->kept.push_back(run_options);
  for (nb::handle name : nb::borrow<nb::object>(given).attr("keys")()) run->kept.push_back(nb::borrow(name));
  run->made = std::move(feed.made);
  run->input_names = std::move(feed.names);
  run->inputs = std::move(feed.handles);
  run->output_names = std::move(fetch.names);
  run->outputs = std::move(fetch.values);
  run->session = std::move(self);
  run->callback = std::move(callback);
  run->user_data = std::move(user_data);
  ++g_async_runs;
  AsyncRun* r = run.release();
  OrtSession* session = handle();
  OrtStatus* status = nullptr;
  {
    const nb::gil_scoped_release released;
    status = g_api->RunAsync(session, options ? options->live.get() : nullptr, r->input_names.data(), r->inputs.data(),
                             r->inputs.size(), r->output_names.data(), r->output_names.size(), r->outputs.data(),
                             finish_async, r);
  }
  if (!status) return;
  --g_async_runs;
  delete r;
  check(status);
}

}  // namespace sardonyx::python
