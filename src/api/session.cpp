// The C++ API over exec/Session: opening, running, and what the model says about itself.
#include "exec/session.h"

#include <algorithm>
#include <cstring>

#include "api/log.h"
#include "api/value.h"
#include "base/contain.h"
#include "base/stack_array.h"

namespace sdx {

struct Session::Impl {
  std::unique_ptr<sardonyx::Session> session;
  std::vector<Port> inputs, outputs;
  Metadata metadata;
  std::shared_ptr<const SinkLog> log;
  static Result<Session> make(sardonyx::Result<std::unique_ptr<sardonyx::Session>> s,
                              std::shared_ptr<const SinkLog> log);
};

namespace {

// No exception leaves the functions that return a Result.
template <class Fn>
std::invoke_result_t<Fn> guarded(Fn fn) {
  try {
    return fn();
  } catch (...) {
    const sardonyx::Status s = sardonyx::status_of_exception("passing values in and out");
    try {
      return failure_of(s);
    } catch (...) {
      return Failure{"SDX_E_MEMORY", "out of memory"};  // short enough to need none
    }
  }
}

sardonyx::SessionOptions inside_options(const Options& o, std::shared_ptr<const SinkLog> log) {
  sardonyx::SessionOptions s;
  s.level = static_cast<sardonyx::OptLevel>(o.level);
  s.threads = o.threads;
  s.passes_off = o.passes_off;
  s.load.folder = o.external_data_folder;
  for (const auto& [symbol, extent] : o.dims) s.load.symbol_values[symbol] = extent;
  s.log = std::move(log);
  return s;
}

std::vector<Port> ports(const std::vector<sardonyx::Port>& from) {
  std::vector<Port> to;
  for (const sardonyx::Port& p : from)
    to.push_back({p.name, sardonyx::to_string(p.type), p.has_rank, p.dims, p.dim_names});
  return to;
}

Metadata metadata_of(const sardonyx::Model& m, const std::string& graph_name) {
  return {m.producer, m.producer_version, m.domain, m.doc, graph_name, m.model_version, m.metadata};
}

// The options of one run, and the log that it may need.
struct InsideRun {
  InsideRun(const RunOptions& o, const SinkLog& session_log) {
    options.cancel = o.cancel;
    if (o.log_level) options.log = &log.emplace(*o.log_level, session_log);
  }
  InsideRun(const InsideRun&) = delete;
  std::optional<SinkLog> log;
  sardonyx::RunOptions options;
};

}  // namespace

Result<Session> Session::Impl::make(sardonyx::Result<std::unique_ptr<sardonyx::Session>> s,
                                    std::shared_ptr<const SinkLog> log) {
  if (!s.ok()) return failure_of(s.status());
  auto impl = std::make_unique<Impl>();
  impl->log = std::move(log);
  impl->session = std::move(*s);
  impl->inputs = ports(impl->session->inputs());
  impl->outputs = ports(impl->session->outputs());
  impl->metadata = metadata_of(impl->session->model(), impl->session->executor().graph().name);
  return Session(std::move(impl));
}

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session::Session(const std::string& path, const Options& options) : Session(open(path, options).value()) {}
Session::Session(const void* model, size_t bytes, const Options& options)
    : Session(open(model, bytes, options).value()) {}

Result<Session> Session::open(const std::string& path, const Options& options) {
  return guarded([&] {
    auto log = std::make_shared<const SinkLog>(options.log_level, options.log);
    return Impl::make(sardonyx::Session::open(path, inside_options(options, log)), log);
  });
}

Result<Session> Session::open(const void* model, size_t bytes, const Options& options) {
  if (model == nullptr) return Failure{"SDX_E_PROTO", "the model is null"};
  return guarded([&]() -> Result<Session> {
    auto buffer = sardonyx::Buffer::heap(bytes);
    if (!buffer.ok()) return failure_of(buffer.status());
    if (bytes) std::memcpy((*buffer)->data(), model, bytes);
    auto log = std::make_shared<const SinkLog>(options.log_level, options.log);
    return Impl::make(sardonyx::Session::open(std::move(*buffer), inside_options(options, log)), log);
  });
}

const std::vector<Port>& Session::inputs() const { return impl_->inputs; }
const std::vector<Port>& Session::outputs() const { return impl_->outputs; }
const Metadata& Session::metadata() const { return impl_->metadata; }

Result<std::vector<Value>> Session::try_run(const std::vector<NamedValue>& inputs,
                                            const std::vector<std::string>& outputs, const RunOptions& options) const {
  return guarded([&]() -> Result<std::vector<Value>> {
    std::vector<std::pair<std::string, sardonyx::Value>> in;
    for (const auto& [name, value] : inputs) in.emplace_back(name, inside(value));
    auto r = impl_->session->run(in, outputs, InsideRun(options, *impl_->log).options);
    if (!r.ok()) return failure_of(r.status());
    std::vector<Value> out;
    for (sardonyx::Value& v : *r) out.push_back(wrap(std::move(v)));
    return out;
  });
}

std::vector<Value> Session::run(const std::vector<NamedValue>& inputs, const std::vector<std::string>& outputs,
                                const RunOptions& options) const {
  return try_run(inputs, outputs, options).value();
}

void Session::run(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options) const {
  sardonyx::StackArray<sardonyx::Value, 8> in(inputs.size()), out(outputs.size());
  std::transform(inputs.begin(), inputs.end(), in.begin(), inside);
  std::transform(outputs.begin(), outputs.end(), out.begin(), inside);
  if (auto s = impl_->session->run(in.all(), out.all(), InsideRun(options, *impl_->log).options); !s.ok())
    throw Error(failure_of(s));
  for (size_t k = 0; k < out.size(); ++k)
    if (outputs[k].kind() == Value::Kind::none) outputs[k] = wrap(std::move(out[k]));
}

std::string_view version() { return SDX_VERSION; }

}  // namespace sdx
