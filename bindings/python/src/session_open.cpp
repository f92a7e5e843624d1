// Opening: the options as given, the model from a file or from bytes, and Ctrl-C meanwhile.
#include "interrupt.h"
#include "session.h"

namespace sardonyx::python {

namespace {

// The options of a session being made, where set_load_cancellation_flag finds them.
struct Loading {
  explicit Loading(SessionOptions& o) : given(o), options(o.build()) { given.loading.push_back(options.get()); }
  ~Loading() { std::erase(given.loading, options.get()); }
  SessionOptions& given;
  OwnedSessionOptions options;
};

}  // namespace

Session::Session(nb::object options, nb::object model, bool is_path, bool read_config)
    : options_(options.is_none() ? nb::cast(new SessionOptions, nb::rv_policy::take_ownership) : std::move(options)),
      model_(std::move(model)),
      is_path_(is_path),
      read_config_(read_config) {
  (void)as<SessionOptions>(options_);
}

Session::~Session() {
  const nb::gil_scoped_release released;
  session_.reset();
}

OrtSession* Session::handle() const {
  if (!session_) throw std::runtime_error("the session has not been initialized");
  return session_.get();
}

void Session::initialize(const std::vector<std::string>&, nb::object, nb::object disabled) {
  SessionOptions& given = as<SessionOptions>(options_);
  std::string off;
  for (nb::handle name : disabled) off += (off.empty() ? "" : ";") + text_of(name);
  OrtStatus* status = nullptr;
  while (open(given, off, status) && status && !given.cancelled) {
    g_api->ReleaseStatus(status);
    status = nullptr;
  }
  check(status);
  model_ = nb::none();
  read_ports();
}

bool Session::open(SessionOptions& given, const std::string& off, OrtStatus*& status) {
  const Loading loading(given);
  OrtSessionOptions* options = loading.options.get();
  if (!off.empty())
    check(g_api->AddSessionConfigEntry(options, "optimization.disable_specified_optimizers", off.c_str()));
  char* data = nullptr;
  Py_ssize_t size = 0;
  std::string path;
  if (is_path_)
    path = text_of(model_);
  else if (PyBytes_AsStringAndSize(model_.ptr(), &data, &size) != 0)
    throw nb::python_error();
  OrtEnv* environment = env();
  OrtSession* made = nullptr;
  const auto stop = [](void* target) {
    if (OrtStatus* s = g_api->SessionOptionsSetLoadCancellationFlag(static_cast<OrtSessionOptions*>(target), true))
      g_api->ReleaseStatus(s);
  };
  const bool interrupted = run_interruptible(
      [&] {
        status = is_path_ ? g_api->CreateSession(environment, path.c_str(), options, &made)
                          : g_api->CreateSessionFromArray(environment, data, static_cast<size_t>(size), options, &made);
      },
      stop, options);
  session_.reset(made);
  if (interrupted && PyErr_CheckSignals() != 0) {
    if (status) g_api->ReleaseStatus(status);
    throw nb::python_error();
  }
  return interrupted;
}

}  // namespace sardonyx::python
