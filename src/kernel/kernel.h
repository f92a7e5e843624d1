// The contract between plan and compute. A KernelDef is a static row: how good the kernel is, whether it takes a node
// (with the reason if not), how to make it. A Kernel is made once per node with its weights packed, and immutable: all
// threads and runs share it. prepare() is called once per plan, when every extent is a number: sizes, tasks, scratch
// and aliasing go into the plan. run() is called once per run, with pointers bound: no allocation (except for
// data-dependent outputs), no logging.
// The rank of an input may still be unknown when the kernel is made; dtypes never are. Normalise axes in prepare.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <type_traits>

#include "base/status.h"
#include "ir/graph.h"
#include "parallel/thread_pool.h"
#include "tensor/value.h"

namespace sardonyx {

class Kernel;
using KernelPtr = std::unique_ptr<Kernel>;

// Why a kernel declines; empty text means it accepts. Static text only.
using Reason = std::string_view;
inline constexpr Reason kAccept = {};

// Runs a body of a control-flow node. Thread-safe.
class BodyRunner {
 public:
  virtual ~BodyRunner() = default;
  virtual int inputs() const = 0;  // formal inputs, then captures
  virtual int outputs() const = 0;
  // inputs.size() == inputs(). A tensor already in outputs is filled in place if it fits; otherwise a new value
  // replaces it.
  virtual Status run(std::span<const Value> inputs, std::span<Value> outputs, class RunCtx& parent) const = 0;
};

// A process-wide store of packed weights, keyed by content, so that sessions over the same model share them.
class PackedStore {
 public:
  virtual ~PackedStore() = default;
  // The packed form of `weights` under `layout` (names the layout and everything it depends on); made by `pack` if not
  // there yet.
  virtual Result<BufferPtr> get(const Tensor& weights, std::string_view layout, size_t bytes,
                                const std::function<void(void*)>& pack) = 0;
};

// What refuse() and make() may ask about a node.
class KernelQuery {
 public:
  KernelQuery(const Graph& graph, NodeId id, ThreadPool* pool, PackedStore* store,
              std::function<Result<std::shared_ptr<const BodyRunner>>(int)> body)
      : graph_(graph), id_(id), pool_(pool), store_(store), body_(std::move(body)) {}
  const Graph& graph() const { return graph_; }
  const Node& node() const { return graph_.node(id_); }
  const OpDef& op() const { return *node().op; }
  int inputs() const { return node().formal_inputs(); }
  int outputs() const { return static_cast<int>(node().outputs.size()); }
  bool has(int i) const { return i < inputs() && node().inputs[static_cast<size_t>(i)] != kNone; }
  bool wants(int o) const { return o < outputs() && node().outputs[static_cast<size_t>(o)] != kNone; }
  const Fact& in(int i) const { return graph_.fact(node().inputs[static_cast<size_t>(i)]); }
  const Fact& out(int o) const { return graph_.fact(node().outputs[static_cast<size_t>(o)]); }
  DType dtype(int i) const { return has(i) ? in(i).dtype() : DType::kUndefined; }
  DType out_dtype(int o) const { return wants(o) ? out(o).dtype() : DType::kUndefined; }
  int rank(int i) const { return has(i) && in(i).has_rank ? static_cast<int>(in(i).shape.size()) : -1; }
  const Tensor* constant(int i) const { return has(i) && in(i).constant.valid() ? &in(i).constant : nullptr; }
  bool has_attr(std::string_view name) const { return node().find_attr(name) != nullptr; }
  const Attr* attr(std::string_view name) const { return node().find_attr(name); }
  int64_t attr_int(std::string_view name) const;
  float attr_float(std::string_view name) const;
  std::string attr_string(std::string_view name) const;
  std::vector<int64_t> attr_ints(std::string_view name) const;
  std::vector<float> attr_floats(std::string_view name) const;
  // make() only:
  ThreadPool* pool() const { return pool_; }
  // Packs a constant input; the kernel's run() must then not read that input, whose contents may be gone.
  Result<BufferPtr> pack(int input, std::string_view layout, size_t bytes,
                         const std::function<void(void*)>& pack) const;
  uint64_t packed_inputs() const { return packed_inputs_; }  // a bit each
  Result<std::shared_ptr<const BodyRunner>> body(int i) const { return body_(i); }

 private:
  const Graph& graph_;
  NodeId id_;
  ThreadPool* pool_;
  PackedStore* store_;
  std::function<Result<std::shared_ptr<const BodyRunner>>(int)> body_;
  mutable uint64_t packed_inputs_ = 0;
};

// What one value looks like in a plan.
struct PlanValue {
  DType dtype = DType::kUndefined;
  bool tensor = true;  // false: sequence, map, optional (a Value object at run time)
  bool known = true;   // extents are known before the step runs
  Extents dims;
  Tensor constant;  // valid() if the contents are known in this plan
};

class PrepareCtx {
 public:
  PrepareCtx(std::span<const PlanValue* const> in, std::span<PlanValue* const> out, int threads)
      : in_(in), out_(out), threads_(threads) {}

  int inputs() const { return static_cast<int>(in_.size()); }
  int outputs() const { return static_cast<int>(out_.size()); }
  bool has(int i) const { return i < inputs() && in_[static_cast<size_t>(i)] != nullptr; }
  bool wants(int o) const { return o < outputs() && out_[static_cast<size_t>(o)] != nullptr; }
  const Extents& in_dims(int i) const { return in_[static_cast<size_t>(i)]->dims; }
  const Extents& out_dims(int o) const { return out_[static_cast<size_t>(o)]->dims; }
  int rank(int i) const { return static_cast<int>(in_dims(i).size()); }
  DType dtype(int i) const { return has(i) ? in_[static_cast<size_t>(i)]->dtype : DType::kUndefined; }
  DType out_dtype(int o) const { return out_[static_cast<size_t>(o)]->dtype; }
  int64_t in_count(int i) const { return elements(in_dims(i)); }
  int64_t out_count(int o) const { return elements(out_dims(o)); }
  // Whether the extents of output o are known before running; else run() makes it.
  bool out_known(int o) const { return out_[static_cast<size_t>(o)]->known; }
  // Contents known at plan time (constants, and everything infer() asked for), else null.
  const Tensor* value(int i) const {
    return has(i) && in_[static_cast<size_t>(i)]->constant.valid() ? &in_[static_cast<size_t>(i)]->constant : nullptr;
  }
  Result<SmallVec<int64_t, 8>> ints(int i) const;  // the same as integers; kInternal if not known
  int threads() const { return threads_; }

  // A trivially copyable, zero-initialised T that lives in the plan and is handed to run().
  template <class T>
  T& work() {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 16);
    return *new (work_bytes(sizeof(T))) T{};
  }
  // An array behind it, for things whose number depends on the extents. Call before work<T>() refers to it; the pointer
  // stays valid.
  template <class T>
  T* array(size_t n) {
    static_assert(std::is_trivially_copyable_v<T>);
    return static_cast<T*>(array_bytes(n * sizeof(T)));
  }
  // Work is cut into n tasks costing about `cost` scalar operations each; run() sees ranges of them through parallel().
  void tasks(int64_t n, double cost) {
    task_count = n;
    task_cost = cost;
  }
  void scratch(size_t bytes) { scratch_shared = bytes; }
  void scratch_per_thread(size_t bytes) { scratch_thread = bytes; }
  // Output o may live in input i's bytes if i is not needed afterwards. Element i is read before element i of the
  // output is written.
  void may_reuse(int i, int o) {
    if (reuse.size() < 8) reuse.push_back({i, o});
  }
  // Output o is input i's bytes from byte offset on: run() need not touch it.
  void alias(int i, int o) { aliases.push_back({i, o}); }

  struct Pair {
    int in, out;
  };
  int64_t task_count = 1;
  double task_cost = 0;
  size_t scratch_shared = 0, scratch_thread = 0;
  SmallVec<Pair, 8> reuse, aliases;
  std::shared_ptr<std::byte[]> work_blob;            // moved into the plan
  std::vector<std::unique_ptr<std::byte[]>> arrays;  // moved into the plan

 private:
  void* work_bytes(size_t n);
  void* array_bytes(size_t n);
  std::span<const PlanValue* const> in_;
  std::span<PlanValue* const> out_;
  int threads_;
};

// One input or output at run time.
struct Slot {
  void* data = nullptr;  // tensor bytes; null for objects and for tensors of no elements
  const Extents* dims = nullptr;
  Value* value = nullptr;  // object slots and data-dependent outputs
  DType dtype = DType::kUndefined;
};

struct RunEnv {  // what all steps of one run share
  ThreadPool* pool = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
  class StepObserver* observer = nullptr;  // exec/executor.h; null unless profiling
  bool poison = false;                     // tests: fill arenas and scratch with NaN bytes before use
};

class RunCtx {
 public:
  RunCtx(RunEnv& env, Slot* slots) : env_(env), slots_(slots) {}

  int inputs() const { return static_cast<int>(in_.size()); }
  int outputs() const { return static_cast<int>(out_.size()); }
  bool has(int i) const { return i < inputs() && in_[static_cast<size_t>(i)] != kNone; }
  bool wants(int o) const { return o < outputs() && out_[static_cast<size_t>(o)] != kNone; }
  // Pointers; null when absent.
  template <class T = void>
  const T* in(int i) const {
    return has(i) ? static_cast<const T*>(slot_in(i).data) : nullptr;
  }
  template <class T = void>
  T* out(int o) const {
    return wants(o) ? static_cast<T*>(slot_out(o).data) : nullptr;
  }
  const Extents& in_dims(int i) const { return *slot_in(i).dims; }
  const Extents& out_dims(int o) const { return *slot_out(o).dims; }
  bool out_known(int o) const { return slot_out(o).dims != nullptr; }
  DType dtype(int i) const { return has(i) ? slot_in(i).dtype : DType::kUndefined; }
  DType out_dtype(int o) const { return slot_out(o).dtype; }
  int64_t in_count(int i) const { return elements(in_dims(i)); }
  int64_t out_count(int o) const { return elements(out_dims(o)); }

  // Any input as a Value: objects as they are, tensors as a view that is valid during this call only.
  Value value(int i) const;
  // An input as a Value that may be kept (tensors in planned memory are copied).
  Result<Value> owned(int i) const;
  // Sets an object output, or a tensor output whose extents only now are known.
  void set_value(int o, Value v) { *slot_out(o).value = std::move(v); }
  // Allocates data-dependent output o and sets it.
  Result<Tensor> make_out(int o, std::span<const int64_t> dims);

  template <class T>
  const T& work() const {
    return *reinterpret_cast<const T*>(work_);
  }
  std::byte* scratch() const { return scratch_; }
  std::byte* scratch(int thread) const { return thread_scratch_ + static_cast<size_t>(thread) * thread_stride_; }

  // fn(Range tasks, int thread), over the tasks booked in prepare().
  template <class F>
  void parallel(F&& fn) const {
    if (grain_ >= tasks_ || env_.pool == nullptr) {
      if (tasks_ > 0) fn(Range{0, tasks_}, 0);
      return;
    }
    env_.pool->parallel_for(tasks_, grain_, std::forward<F>(fn));
  }
  ThreadPool* pool() const { return env_.pool; }
  bool cancelled() const { return env_.cancelled && env_.cancelled->load(std::memory_order_relaxed); }
  RunEnv& env() const { return env_; }

  // For the executor.
  void bind(std::span<const int32_t> in, std::span<const int32_t> out, const std::byte* work, int64_t tasks,
            int64_t grain, std::byte* scratch, std::byte* thread_scratch, size_t thread_stride) {
    in_ = in, out_ = out, work_ = work, tasks_ = tasks, grain_ = grain;
    scratch_ = scratch, thread_scratch_ = thread_scratch, thread_stride_ = thread_stride;
  }

 private:
  const Slot& slot_in(int i) const { return slots_[in_[static_cast<size_t>(i)]]; }
  Slot& slot_out(int o) const { return slots_[out_[static_cast<size_t>(o)]]; }
  RunEnv& env_;
  Slot* slots_;
  std::span<const int32_t> in_, out_;
  const std::byte* work_ = nullptr;
  int64_t tasks_ = 1, grain_ = 1;
  std::byte *scratch_ = nullptr, *thread_scratch_ = nullptr;
  size_t thread_stride_ = 0;
};

class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual Status prepare(PrepareCtx&) const { return {}; }
  virtual Status run(RunCtx&) const = 0;
};

struct KernelDef {
  int priority = 0;                                // higher first
  Reason (*refuse)(const KernelQuery&) = nullptr;  // null accepts everything the schema allows
  Result<KernelPtr> (*make)(const KernelQuery&) = nullptr;
};

// One row of the table generated from the sources.
struct KernelEntry {
  std::string_view provider, op, variant;  // op is the symbol of the SDX_OP
  const KernelDef* def;
};

// In a cpu/ file, at namespace sardonyx scope: SDX_KERNEL(cpu, Softmax, f32) = {.priority = …};
#define SDX_KERNEL(provider, Op, variant)                                  \
  extern const ::sardonyx::KernelDef kernel_##provider##_##Op##_##variant; \
  constinit const ::sardonyx::KernelDef kernel_##provider##_##Op##_##variant

// make() for kernels whose constructor takes the query.
template <class K>
Result<KernelPtr> make_kernel(const KernelQuery& q) {
  if constexpr (std::is_constructible_v<K, const KernelQuery&>)
    return KernelPtr(new K(q));
  else
    return KernelPtr(new K());
}

}  // namespace sardonyx
