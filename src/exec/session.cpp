#include "exec/session.h"

#include <algorithm>
#include <chrono>

#include "base/contain.h"
#include "exec/check_input.h"
#include "exec/packed_store.h"
#include "exec/session_log.h"
#include "ir/text_printer.h"
#include "ops/table.h"

namespace sardonyx {

namespace {

class Clock {
 public:
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    return ms;
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

Port port_of(const Graph& g, ValueId v) {
  const ValueInfo& info = g.value(v);
  Port p;
  p.name = info.name;
  p.type = info.fact.type;
  p.has_rank = info.fact.has_rank;
  for (Dim d : info.fact.shape) {
    p.dims.push_back(d.known() ? d.value() : -1);
    p.dim_names.push_back(d.known() ? std::string() : g.symbols().to_string(d));
  }
  return p;
}

// What the model's file says of a value, where the graph does not know better.
void add_declared(Port& p, const ModelValue& declared, const Graph& g) {
  p.denotation = declared.denotation, p.declared_names = declared.dim_params;
  if (!declared.has_rank || !p.type.is_tensor()) return;
  if (!p.has_rank) {
    p.has_rank = true;
    p.dims.assign(declared.shape.size(), -1);
    p.dim_names.resize(declared.shape.size());
    for (size_t i = 0; i < declared.shape.size(); ++i)
      if (!declared.shape[i].known()) p.dim_names[i] = g.symbols().to_string(declared.shape[i]);
  }
  for (size_t i = 0; i < std::min(p.dims.size(), declared.shape.size()); ++i)
    if (p.dims[i] < 0 && declared.shape[i].known()) p.dims[i] = declared.shape[i].value(), p.dim_names[i].clear();
}

LowerOptions lower_options(ThreadPool* pool, const SessionOptions& options) {
  static const Provider* const providers[] = {&cpu_provider()};
  LowerOptions o;
  o.providers = providers;
  o.pool = pool;
  o.store = options.store ? options.store : &packed_store();
  o.bodies_only = options.bodies_only;
  o.keep_weights = options.keep_graph;
  o.cancel = options.cancel;
  o.compile_body = [pool, &options](std::unique_ptr<Graph> g) {
    return compile_body(std::move(g), lower_options(pool, options));
  };
  return o;
}

constexpr int kMostThreads = 1024;

Status check_options(const SessionOptions& o) {
  if (o.threads < 0 || o.threads > kMostThreads)
    return fail(Code::kOption, "threads is ", o.threads, ", expected 0 (one per processor) to ", kMostThreads);
  if (o.level > OptLevel::kAll)
    return fail(Code::kOption, "the optimisation level is ", static_cast<int>(o.level), ", expected 0 to ",
                static_cast<int>(OptLevel::kAll));
  for (const std::string& name : o.passes_off) {
    const std::vector<PassInfo> passes = all_passes();
    if (std::any_of(passes.begin(), passes.end(), [&](const PassInfo& p) { return p.name == name; })) continue;
    std::vector<std::string_view> names;
    for (const PassInfo& p : passes) names.push_back(p.name);
    const std::string_view near = nearest(name, names);
    Status s = fail(Code::kOption, "no pass is called ", quoted(name));
    return near.empty() ? s : std::move(s).hint(cat("did you mean ", quoted(near), "?"));
  }
  for (const auto* values : {&o.load.symbol_values, &o.load.denotation_values})
    for (const auto& [name, extent] : *values)
      if (extent < 0)
        return fail(Code::kOption, "the extent of ", quoted(name), " is ", extent, ", expected 0 or more");
  return {};
}

bool is_cancelled(const SessionOptions& options) {
  return options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed);
}

}  // namespace

Result<std::vector<Value>> eval_node(const Graph& g, NodeId id, std::span<const Value> inputs) {
  const Provider* providers[] = {&cpu_provider()};
  const KernelQuery q(g, id, nullptr, nullptr, [](int) -> Result<std::shared_ptr<const BodyRunner>> {
    return fail(Code::kNoKernel, "control flow is not evaluated here");
  });
  if (g.node(id).op->has(kView)) return run_once(g, id, nullptr, inputs, nullptr);
  std::vector<Refusal> refusals;
  SDX_TRY(MadeKernel made, select_kernel(providers, q, refusals));
  if (!made.kernel) return no_kernel(q, refusals);
  return run_once(g, id, made.kernel.get(), inputs, nullptr);
}

Result<PassReport> optimise(Model& model, const SessionOptions& options) {
  PassOptions pass;
  pass.level = options.level;
  pass.off = options.passes_off;
  pass.cancel = options.cancel;
  pass.eval = [&](const Graph& g, NodeId id, std::span<const Value> inputs) -> Result<std::vector<Value>> {
    if (is_cancelled(options)) return fail(Code::kCancelled, "loading was stopped by its caller");
    return eval_node(g, id, inputs);
  };
  return run_passes(*model.graph, pass);
}

Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::load_and_open(const std::function<Result<Model>()>& load,
                                                        const SessionOptions& options) {
  return contained("opening the model", [&]() -> Result<std::unique_ptr<Session>> {
    SDX_RETURN_IF_ERROR(check_options(options));
    Clock clock;
    SDX_TRY(Model model, load());
    std::unique_ptr<Session> s(new Session);
    s->times_.load = clock.lap();
    s->custom_ops_ = options.custom_ops;
    s->log_ = options.log;
    s->model_ = std::move(model);
    SDX_RETURN_IF_ERROR(s->build(options));
    return s;
  });
}

Result<std::unique_ptr<Session>> Session::open(const std::string& path, const SessionOptions& options) {
  return load_and_open([&] { return load_model(path, CustomOpLookup(ops(), options.custom_ops), options.load); },
                       options);
}

Result<std::unique_ptr<Session>> Session::open(BufferPtr bytes, const SessionOptions& options) {
  return load_and_open(
      [&] { return load_model_buffer(std::move(bytes), CustomOpLookup(ops(), options.custom_ops), options.load); },
      options);
}

Result<std::unique_ptr<Session>> Session::open(Model model, const SessionOptions& options) {
  return load_and_open([&]() -> Result<Model> { return std::move(model); }, options);
}

Status Session::build(const SessionOptions& options) {
  Clock clock;
  if (is_cancelled(options)) return fail(Code::kCancelled, "loading was stopped by its caller");
  pool_ = options.pool          ? options.pool
          : options.threads > 0 ? std::make_shared<ThreadPool>(options.threads)
                                : ThreadPool::shared();
  Graph& g = *model_.graph;
  for (const std::string& name : options.extra_outputs) {
    ValueId found = kNone;
    for (ValueId v = 0; v < static_cast<ValueId>(g.value_count()) && found == kNone; ++v)
      if (g.value(v).name == name) found = v;
    if (found == kNone) return fail(Code::kInputName, "the model has no value named ", quoted(name));
    g.outputs.push_back(found);
  }
  describe_ports();
  if (options.keep_graph) loaded_text_ = print_graph(g, {});
  SDX_TRY(report_, optimise(model_, options));
  times_.optimise = clock.lap();
  SDX_RETURN_IF_ERROR(save(options));
  if (is_cancelled(options)) return fail(Code::kCancelled, "loading was stopped by its caller");
  if (options.keep_graph) decluttered_text_ = print_graph(g, {});
  SDX_TRY(std::unique_ptr<Program> program, lower(std::move(model_.graph), lower_options(pool_.get(), options)));
  executor_ = std::make_unique<Executor>(std::move(program));
  times_.lower = clock.lap();
  std::vector<Extents> dims;
  for (const Port& p : inputs_) {
    if (!p.type.is_tensor() || !p.has_rank || std::count(p.dims.begin(), p.dims.end(), -1) > 0) break;
    dims.emplace_back(std::span<const int64_t>(p.dims));
  }
  if (dims.size() == inputs_.size()) SDX_RETURN_IF_ERROR(executor_->plan_ahead(dims, pool_.get()));
  times_.plan = clock.lap();
  if (log_) log_opening(*log_, *this);
  return {};
}

Status Session::save(const SessionOptions& options) const {
  if (options.save_optimised.empty()) return {};
  SaveOptions how = save_options_of(model_);
  how.external_file = options.save_external;
  how.external_min_bytes = options.save_external_min;
  return save_model(*model_.graph, options.save_optimised, how);
}

void Session::describe_ports() {
  const Graph& g = *model_.graph;
  for (ValueId v : g.inputs) inputs_.push_back(port_of(g, v));
  for (ValueId v : g.outputs) outputs_.push_back(port_of(g, v));
  for (size_t i = 0; i < std::min(inputs_.size(), model_.inputs.size()); ++i)
    add_declared(inputs_[i], model_.inputs[i], g);
  for (size_t k = 0; k < std::min(outputs_.size(), model_.outputs.size()); ++k) {
    outputs_[k].name = model_.outputs[k].name;
    add_declared(outputs_[k], model_.outputs[k], g);
  }
  for (const Model::Overridable& o : model_.overridable) {
    Port p = port_of(g, o.value);
    p.name = o.declared.name;
    add_declared(p, o.declared, g);
    overridable_.push_back({std::move(p), g.fact(o.value).constant});
  }
}

Result<std::string> Session::dump(std::string_view stage) const {
  if (stage == "loaded" && !loaded_text_.empty()) return loaded_text_;
  if (stage == "decluttered" && !decluttered_text_.empty()) return decluttered_text_;
  if (stage == "lowered") return print_graph(executor_->graph(), {});
  return fail(Code::kOption, "no text of stage ", quoted(stage), " is kept; stages are loaded, decluttered, lowered");
}

Status Session::run(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options) const {
  if (inputs.size() != inputs_.size())
    return fail(Code::kInputName, inputs.size(), " inputs given, the model has ", inputs_.size());
  if (outputs.size() != outputs_.size())
    return fail(Code::kInputName, outputs.size(), " outputs wanted, the model has ", outputs_.size());
  for (size_t i = 0; i < inputs.size(); ++i) SDX_RETURN_IF_ERROR(check_input(inputs_[i], inputs[i]));
  return contained("running the model", [&] {
    RunEnv env{pool_.get(), options.cancel, options.observer, options.poison};
    const Log* log = options.log ? options.log : log_.get();
    if (log == nullptr || !log->wants(Severity::kInfo)) return executor_->run(inputs, outputs, env);
    LoggedRun logged(*log, options.observer);
    if (log->wants(Severity::kVerbose)) env.observer = &logged;
    return logged.finish(executor_->run(inputs, outputs, env));
  });
}

namespace {

std::string known_names(const std::vector<Port>& ports) {
  std::string s;
  for (const Port& p : ports) s += cat(s.empty() ? "" : ", ", quoted(p.name));
  return s.size() > 160 ? cat(s.substr(0, 160), "…") : s;
}

Result<size_t> index_of(const std::vector<Port>& ports, std::string_view name, std::string_view what) {
  for (size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return i;
  return fail(Code::kInputName, "the model has no ", what, " ", quoted(name), "; it has ", known_names(ports));
}

}  // namespace

Result<std::vector<Value>> Session::run(const std::vector<std::pair<std::string, Value>>& inputs,
                                        std::span<const std::string> output_names, const RunOptions& options) const {
  std::vector<Value> in(inputs_.size()), out(outputs_.size());
  std::vector<bool> given(inputs_.size());
  for (const auto& [name, value] : inputs) {
    SDX_TRY(const size_t i, index_of(inputs_, name, "input"));
    if (given[i]) return fail(Code::kInputName, "input ", quoted(name), " is given twice");
    given[i] = true;
    in[i] = value;
  }
  for (size_t i = 0; i < given.size(); ++i)
    if (!given[i] && inputs_[i].type.kind != Type::Kind::kOptional)
      return fail(Code::kInputName, "input ", quoted(inputs_[i].name), " is missing");
  SDX_RETURN_IF_ERROR(run(in, out, options));
  if (output_names.empty()) return out;
  std::vector<Value> chosen;
  for (const std::string& name : output_names) {
    SDX_TRY(const size_t k, index_of(outputs_, name, "output"));
    chosen.push_back(out[k]);
  }
  return chosen;
}

}  // namespace sardonyx
