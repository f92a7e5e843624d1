#include "exec/executor.h"

#include <chrono>
#include <cstring>

#include "base/checked.h"

namespace sardonyx {

namespace {
int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
}  // namespace

// One run's memory: a slot per value, the arena block of each segment, scratch. Reused from run to run.
struct Executor::Context final : PlanInputs {
  explicit Context(const Program& p) : slots(p.graph->value_count()) {
    for (size_t v = 0; v < slots.size(); ++v) {
      const Fact& f = p.graph->fact(static_cast<ValueId>(v));
      if (!f.constant.valid()) continue;
      slots[v] = {f.constant.data(), &f.constant.dims(), nullptr, f.constant.dtype()};
    }
    for (const Program::Released& r : p.released)
      slots[static_cast<size_t>(r.value)] = {nullptr, &r.dims, nullptr, r.dtype};
  }
  const Slot& slot(ValueId v) const override { return slots[static_cast<size_t>(v)]; }
  const Value* object(ValueId v) const override { return slots[static_cast<size_t>(v)].value; }

  Status reserve(BufferPtr& b, size_t bytes) {
    if (b && b->bytes() >= bytes) return {};
    b.reset();
    SDX_TRY(b, Buffer::heap(bytes));
    return {};
  }

  std::vector<Slot> slots;
  std::unordered_map<ValueId, Value> objects;
  std::vector<PlanPtr> chain;      // the plans of the last run, by depth
  std::vector<BufferPtr> blocks;   // arena block of each depth
  std::vector<uint8_t> delivered;  // per graph output: already in the caller's buffer
  std::vector<int64_t> key;
  bool replace_misfits = false;
  BufferPtr scratch, thread_scratch;
};

class Executor::Lease {
 public:
  explicit Lease(const Executor& e) : executor_(e) {
    std::lock_guard lock(e.mutex_);
    if (!e.idle_.empty()) {
      context_ = std::move(e.idle_.back());
      e.idle_.pop_back();
    }
  }
  ~Lease() {
    if (!context_) return;
    for (auto& [v, object] : context_->objects) object = Value();
    std::lock_guard lock(executor_.mutex_);
    if (completed_) {
      executor_.idle_.push_back(std::move(context_));  // room was made when it was
    } else {
      --executor_.contexts_;
    }
  }
  // A context that was left half-way may be bound to parts of two plans: it is not used again.
  void complete() { completed_ = true; }
  Context& get() {
    if (!context_) {
      auto made = std::make_unique<Context>(executor_.program());
      std::lock_guard lock(executor_.mutex_);
      executor_.idle_.reserve(executor_.contexts_ + 1);
      ++executor_.contexts_;
      context_ = std::move(made);
    }
    return *context_;
  }

 private:
  const Executor& executor_;
  std::unique_ptr<Context> context_;
  bool completed_ = false;
};

Executor::Executor(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Executor::~Executor() = default;

void Executor::release_idle() const {
  std::vector<std::unique_ptr<Context>> idle;
  std::lock_guard lock(mutex_);
  idle.swap(idle_);
}

namespace {

void add_to_key(std::vector<int64_t>& key, const Slot& s) {
  if (s.dims == nullptr) {
    key.push_back(-1);
    return;
  }
  key.push_back(static_cast<int64_t>(s.dims->size()));
  for (int64_t d : *s.dims) key.push_back(d);
}

}  // namespace

Result<PlanPtr> Executor::find_plan(Context& c, size_t depth, int32_t first_step, const RunEnv& params) const {
  const auto matches = [&c](const Plan& p) {
    for (const ValueDependency& d : p.depends) {
      const Slot& s = c.slots[static_cast<size_t>(d.value)];
      if (s.dims == nullptr || !(*s.dims == d.contents.dims())) return false;
      if (const size_t n = d.contents.bytes(); n != 0 && std::memcmp(s.data, d.contents.data(), n) != 0) return false;
    }
    return true;
  };
  if (depth < c.chain.size()) {
    const PlanPtr& last = c.chain[depth];
    if (last->first_step == first_step && last->key == c.key && matches(*last)) return last;
  }
  const PlanCache& cache = depth == 0 ? roots_ : c.chain[depth - 1]->next;
  if (PlanPtr p = cache.find(c.key, matches)) return p;
  const int64_t begin = params.observer ? now_ns() : 0;
  SDX_TRY(PlanPtr made, make_plan(*program_, first_step, c.key, c, params.pool));
  if (params.observer) params.observer->planned(*program_, *made, begin, now_ns());
  cache.insert(made);
  note_arena(*made);
  return made;
}

void Executor::note_arena(const Plan& plan) const {
  size_t peak = arena_peak_.load(std::memory_order_relaxed);
  while (plan.arena_bytes > peak && !arena_peak_.compare_exchange_weak(peak, plan.arena_bytes)) {
  }
}

Status Executor::prepare_segment(Context& c, size_t depth, int32_t first_step, std::span<Value> outputs,
                                 RunEnv& params) const {
  SDX_TRY(PlanPtr plan, find_plan(c, depth, first_step, params));
  const bool same_plan = depth < c.chain.size() && c.chain[depth] == plan;
  if (!same_plan) {
    c.chain.resize(depth);
    c.chain.push_back(plan);
  }
  if (c.blocks.size() <= depth) c.blocks.resize(depth + 1);
  const void* before = c.blocks[depth] ? c.blocks[depth]->data() : nullptr;
  SDX_RETURN_IF_ERROR(c.reserve(c.blocks[depth], plan->arena_bytes));
  SDX_RETURN_IF_ERROR(c.reserve(c.scratch, plan->scratch));
  const size_t threads = params.pool ? static_cast<size_t>(params.pool->threads()) : 1;
  SDX_RETURN_IF_ERROR(c.reserve(c.thread_scratch, plan->thread_scratch * threads));
  if (params.poison)
    for (const BufferPtr& b : {c.blocks[depth], c.scratch, c.thread_scratch}) std::memset(b->data(), 0xFF, b->bytes());
  return bind(c, depth, same_plan && before == c.blocks[depth]->data(), outputs);
}

Status Executor::bind(Context& c, size_t depth, bool same, std::span<Value> outputs) const {
  const Plan& plan = *c.chain[depth];
  std::byte* base = static_cast<std::byte*>(c.blocks[depth]->data());
  for (const Bind& b : plan.binds) {
    if (same && (b.where == Bind::Where::kArena || b.where == Bind::Where::kConstant)) continue;
    Slot& s = c.slots[static_cast<size_t>(b.value)];
    s.dtype = b.dtype;
    s.dims = b.has_dims ? &b.dims : nullptr;
    s.value = nullptr;
    switch (b.where) {
      case Bind::Where::kArena: s.data = base + b.offset; break;
      case Bind::Where::kConstant: s.data = b.constant.data(); break;
      case Bind::Where::kShared: {
        const Slot& from = c.slots[static_cast<size_t>(b.other)];
        s.data = static_cast<std::byte*>(from.data) + b.offset;
        if (!b.has_dims) s.value = from.value;
        break;
      }
      case Bind::Where::kOutput: {
        Value& out = outputs[static_cast<size_t>(b.other)];
        const size_t k = static_cast<size_t>(b.other);
        if (b.value == graph().outputs[k] && !c.delivered[k]) {
          SDX_RETURN_IF_ERROR(fit_output(c, b.dtype, b.dims, k, out));
          c.delivered[k] = 1;
        }
        s.data = nullptr;  // set below, when the buffer is sure to exist
        break;
      }
      case Bind::Where::kStrings: {
        SDX_TRY(Tensor t, Tensor::make(DType::kString, b.dims));
        s.data = t.data();
        s.value = &(c.objects[b.value] = Value(std::move(t)));
        break;
      }
      case Bind::Where::kObject:
        s.data = nullptr;
        s.value = &(c.objects[b.value] = Value());
        break;
    }
  }
  for (const Bind& b : plan.binds)
    if (b.where == Bind::Where::kOutput)
      c.slots[static_cast<size_t>(b.value)].data =
          static_cast<std::byte*>(outputs[static_cast<size_t>(b.other)].tensor().data()) + b.offset;
  return {};
}

Status Executor::run_steps(Context& c, const Plan& plan, RunEnv& params) const {
  RunCtx r(params, c.slots.data());
  std::byte* scratch = static_cast<std::byte*>(c.scratch->data());
  std::byte* each = static_cast<std::byte*>(c.thread_scratch->data());
  for (const PlannedStep& p : plan.steps) {
    if (r.cancelled()) return fail(Code::kCancelled, "the run was stopped by its caller");
    const Step& step = program_->steps[static_cast<size_t>(p.step)];
    const Node& n = graph().node(step.node);
    r.bind(n.inputs, n.outputs, p.work, p.tasks, p.grain, scratch, each, p.thread_scratch);
    const int64_t begin = params.observer ? now_ns() : 0;
    if (Status s = step.kernel->run(r); !s.ok()) return std::move(s).at_origin(graph().origin(step.node));
    if (params.observer) params.observer->step(*program_, p.step, begin, now_ns());
  }
  if (r.cancelled()) return fail(Code::kCancelled, "the run was stopped by its caller");  // during the last step
  return {};
}

// Tensors whose extents only their step knew get their slots now.
void Executor::adopt_objects(Context& c, const Plan& plan) const {
  for (const Bind& b : plan.binds) {
    if (b.where != Bind::Where::kObject) continue;
    Slot& s = c.slots[static_cast<size_t>(b.value)];
    if (s.value == nullptr || !s.value->is_tensor() || b.dtype == DType::kUndefined) continue;
    s.data = s.value->tensor().data();
    s.dims = &s.value->tensor().dims();
    s.dtype = s.value->tensor().dtype();
  }
}

Status Executor::run(std::span<const Value> inputs, std::span<Value> outputs, RunEnv& params,
                     bool replace_misfits) const {
  Lease lease(*this);
  Context& c = lease.get();
  c.replace_misfits = replace_misfits;
  const Graph& g = graph();
  SDX_CHECK(inputs.size() == g.inputs.size() && outputs.size() == g.outputs.size());
  c.delivered.assign(outputs.size(), 0);
  c.key.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    Slot& s = c.slots[static_cast<size_t>(g.inputs[i])];
    if (inputs[i].is_tensor()) {
      const Tensor& t = inputs[i].tensor();
      s = {t.data(), &t.dims(), nullptr, t.dtype()};
      if (!g.fact(g.inputs[i]).type.is_tensor()) s.value = const_cast<Value*>(&inputs[i]);
    } else {
      s = {nullptr, nullptr, const_cast<Value*>(&inputs[i]), DType::kUndefined};
    }
    add_to_key(c.key, s);
  }
  int32_t step = 0;
  const int32_t end = static_cast<int32_t>(program_->steps.size());
  for (size_t depth = 0; depth == 0 || step < end; ++depth) {
    SDX_RETURN_IF_ERROR(prepare_segment(c, depth, step, outputs, params));
    const Plan& plan = *c.chain[depth];
    SDX_RETURN_IF_ERROR(run_steps(c, plan, params));
    adopt_objects(c, plan);
    step = plan.end_step;
    c.key.clear();
    for (const Bind& b : plan.binds)
      if (b.where == Bind::Where::kObject) add_to_key(c.key, c.slots[static_cast<size_t>(b.value)]);
  }
  SDX_RETURN_IF_ERROR(deliver(c, outputs));
  lease.complete();
  return {};
}

Status Executor::fit_output(const Context& c, DType type, const Extents& dims, size_t k, Value& out) const {
  if (out.is_tensor() && out.tensor().dtype() == type && out.tensor().dims() == dims) return {};
  if (out.is_tensor() && !c.replace_misfits)
    return fail(Code::kShape, "output ", quoted(graph().value(graph().outputs[k]).name), " is ", dtype_name(type),
                to_string(dims), " but the given buffer is ", dtype_name(out.tensor().dtype()),
                to_string(out.tensor().dims()));
  SDX_TRY(Tensor t, Tensor::make(type, dims));
  out = Value(std::move(t));
  return {};
}

Status Executor::give_output(const Context& c, const Slot& s, Value& out, size_t k) const {
  if (s.value && !s.value->none() && !s.value->is_tensor()) {
    out = *s.value;
    return {};
  }
  if (s.dims == nullptr) {
    out = s.value ? *s.value : Value();
    return {};
  }
  if ((!out.is_tensor() || c.replace_misfits) && s.value && s.value->is_tensor() &&
      s.value->tensor().data() == s.data) {
    out = Value(s.value->tensor().reshaped(*s.dims));
    return {};
  }
  SDX_RETURN_IF_ERROR(fit_output(c, s.dtype, *s.dims, k, out));
  const Tensor& t = out.tensor();
  if (s.dtype == DType::kString) {
    const std::string* from = static_cast<const std::string*>(s.data);
    std::copy(from, from + t.count(), t.as<std::string>());
  } else if (const size_t n = t.bytes(); n != 0 && t.data() != s.data) {
    std::memcpy(t.data(), s.data, n);
  }
  return {};
}

Status Executor::deliver(Context& c, std::span<Value> outputs) const {
  for (size_t k = 0; k < outputs.size(); ++k) {
    if (c.delivered[k]) continue;
    SDX_RETURN_IF_ERROR(give_output(c, c.slots[static_cast<size_t>(graph().outputs[k])], outputs[k], k));
  }
  return {};
}

Status Executor::plan_ahead(std::span<const Extents> dims, ThreadPool* pool) const {
  Lease lease(*this);
  Context& c = lease.get();
  c.key.clear();
  for (size_t i = 0; i < dims.size(); ++i) {
    Slot& s = c.slots[static_cast<size_t>(graph().inputs[i])];
    s = {nullptr, &dims[i], nullptr, graph().fact(graph().inputs[i]).dtype()};
    add_to_key(c.key, s);
  }
  auto plan = make_plan(*program_, 0, c.key, c, pool);
  if (plan.status().code() == Code::kDeferred)
    return {};  // the inputs' contents shape the plan: it is made when they are there
  if (!plan.ok()) return plan.take_status();
  roots_.insert(*plan);
  note_arena(**plan);
  lease.complete();
  return {};
}

namespace {

class Body final : public BodyRunner {
 public:
  explicit Body(std::unique_ptr<Program> p) : executor_(std::move(p)) {}
  int inputs() const override { return static_cast<int>(executor_.graph().inputs.size()); }
  int outputs() const override { return static_cast<int>(executor_.graph().outputs.size()); }
  Status run(std::span<const Value> in, std::span<Value> out, RunCtx& parent) const override {
    RunEnv params(parent.env());
    return executor_.run(in, out, params, true);
  }

  const Executor& executor() const { return executor_; }

 private:
  Executor executor_;
};

}  // namespace

const Executor* executor_of(const BodyRunner& body) {
  const auto* made_here = dynamic_cast<const Body*>(&body);
  return made_here == nullptr ? nullptr : &made_here->executor();
}

std::vector<PlanPtr> Executor::latest_plans() const {
  std::vector<PlanPtr> plans;
  for (PlanPtr p = roots_.latest(); p != nullptr; p = p->next.latest()) plans.push_back(p);
  return plans;
}

Result<std::shared_ptr<const BodyRunner>> compile_body(std::unique_ptr<Graph> body, const LowerOptions& options) {
  SDX_TRY(std::unique_ptr<Program> program, lower(std::move(body), options));
  return std::shared_ptr<const BodyRunner>(std::make_shared<Body>(std::move(program)));
}

}  // namespace sardonyx
