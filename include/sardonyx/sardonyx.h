// Sardonyx: open an ONNX model and run it.
//
//   #include <sardonyx/sardonyx.h>
//   sdx::Session session("model.onnx");
//   auto outputs = session.run({{"x", sdx::Value::copy<float>({1, 3}, {1, 2, 3})}});
//   for (float v : outputs[0].span<float>()) …
//
// Every function that can fail has a form that throws sdx::Error (constructors, run) and one that returns sdx::Result
// (open, try_run). Threads: a Session may be run by any number of threads at once. A Value may be read by many threads;
// writing into its elements is the caller's to order. Everything else belongs to one thread at a time.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace sdx {

// Element types, numbered as in ONNX's TensorProto.DataType.
enum class Type : int {
  undefined = 0,
  float32 = 1,
  uint8 = 2,
  int8 = 3,
  uint16 = 4,
  int16 = 5,
  int32 = 6,
  int64 = 7,
  string = 8,
  boolean = 9,
  float16 = 10,
  float64 = 11,
  uint32 = 12,
  uint64 = 13,
  complex64 = 14,
  complex128 = 15,
  bfloat16 = 16,
  float8e4m3fn = 17,
  float8e4m3fnuz = 18,
  float8e5m2 = 19,
  float8e5m2fnuz = 20,
  uint4 = 21,
  int4 = 22,
  float4e2m1 = 23,
  float8e8m0 = 24,
  uint2 = 25,
  int2 = 26,
};
// "float", "int64", …: ONNX's names.
std::string_view name(Type type);

// What went wrong, where, what was expected. code is one of "SDX_E_FILE", "SDX_E_SHAPE", … (src/base/status.h lists
// them).
struct Failure {
  std::string code, message;
};
class Error : public std::runtime_error {
 public:
  explicit Error(Failure f) : std::runtime_error(f.code + " " + f.message), failure_(std::move(f)) {}
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};
// A T or a Failure.
template <class T>
class Result {
 public:
  Result(T value) : v_(std::move(value)) {}
  Result(Failure failure) : v_(std::move(failure)) {}
  explicit operator bool() const { return v_.index() == 0; }
  T& operator*() { return std::get<0>(v_); }
  const T& operator*() const { return std::get<0>(v_); }
  T* operator->() { return &std::get<0>(v_); }
  const Failure& failure() const { return std::get<1>(v_); }
  // The value, or throws the failure as Error.
  T value() && {
    if (v_.index() == 1) throw Error(std::move(std::get<1>(v_)));
    return std::move(std::get<0>(v_));
  }

 private:
  std::variant<T, Failure> v_;
};

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, float>)
    return Type::float32;
  else if constexpr (std::is_same_v<T, double>)
    return Type::float64;
  else if constexpr (std::is_same_v<T, bool>)
    return Type::boolean;
  else if constexpr (std::is_same_v<T, int8_t>)
    return Type::int8;
  else if constexpr (std::is_same_v<T, uint8_t>)
    return Type::uint8;
  else if constexpr (std::is_same_v<T, int16_t>)
    return Type::int16;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return Type::uint16;
  else if constexpr (std::is_same_v<T, int32_t>)
    return Type::int32;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return Type::uint32;
  else if constexpr (std::is_same_v<T, int64_t>)
    return Type::int64;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return Type::uint64;
  else if constexpr (std::is_same_v<T, std::string>)
    return Type::string;
  else
    static_assert(sizeof(T) == 0, "no ONNX element type has this C++ type");
}

// A tensor (contiguous, row-major), a sequence, a map, or nothing (an empty optional). Copying shares the contents.
class Value {
 public:
  enum class Kind { none, tensor, sequence, map };
  using Shape = std::vector<int64_t>;

  Value();
  // A tensor of its own memory, contents undefined (strings are empty). Throws Error on impossible shapes or lack of
  // memory.
  static Value make(Type type, const Shape& shape);
  // A tensor over memory of the caller, which must outlive every use of it. `bytes` must be exactly what type and shape
  // need.
  static Value borrow(Type type, const Shape& shape, void* data, size_t bytes);
  // A tensor with a copy of the elements; their number must fit the shape.
  template <class T>
  static Value copy(const Shape& shape, const std::vector<T>& elements) {
    Value v = make(type_of<T>(), shape);
    if (static_cast<size_t>(v.count()) != elements.size())
      throw Error({"SDX_E_SHAPE", "the elements do not fit the shape"});
    T* to = v.span<T>().data();
    for (size_t i = 0; i < elements.size(); ++i) to[i] = elements[i];
    return v;
  }
  static Value sequence(std::vector<Value> items);

  Kind kind() const;
  // Of tensors:
  Type type() const;
  Shape shape() const;
  int64_t count() const;
  void* data() const;
  size_t bytes() const;
  // The elements; throws Error if T is not the element type.
  template <class T>
  std::span<T> span() const {
    require(type_of<T>());
    return {static_cast<T*>(data()), static_cast<size_t>(count())};
  }
  // Of sequences:
  size_t size() const;
  Value item(size_t i) const;
  // Of maps: 1-D tensors of equal length.
  Value keys() const;
  Value values() const;

  struct Impl;
  explicit Value(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  const Impl* impl() const { return impl_.get(); }

 private:
  void require(Type type) const;
  std::shared_ptr<Impl> impl_;
};

enum class Level { disable_all, basic, extended, all };

// How much is said while a session is opened and runs: information (how long it took) and verbose (which kernel runs
// each node, every new plan). Errors are thrown or returned, not logged.
enum class Severity { verbose, info, warning, error, fatal };
// Takes one message; `where` is the function that speaks. May be called from any thread, also at once, and must not
// throw.
using LogSink = std::function<void(Severity, std::string_view where, std::string_view message)>;

struct Options {
  Level level = Level::all;
  int threads = 0;                                    // 0: the process's shared pool; n: a pool of n threads (1: none)
  std::vector<std::pair<std::string, int64_t>> dims;  // extents for symbolic dimensions, by name
  std::vector<std::string> passes_off;                // optimisation passes to leave out, by name
  std::string external_data_folder;                   // where external weights lie, if not beside the model
  Severity log_level = Severity::warning;             // the least severe messages that are kept
  LogSink log = {};                                   // where they go; stderr if empty
};

struct RunOptions {
  // Set to true from another thread to stop the run between two nodes; it then fails with SDX_E_CANCELLED.
  const std::atomic<bool>* cancel = nullptr;
  std::optional<Severity> log_level = std::nullopt;  // in place of the session's
};

// An input or output of a model. dims are -1 where symbolic; dim_names then say how.
struct Port {
  std::string name, type;  // "float", "seq(map(int64,float))", …
  bool has_rank = false;
  std::vector<int64_t> dims;
  std::vector<std::string> dim_names;
};

struct Metadata {
  std::string producer, producer_version, domain, description, graph_name;
  int64_t version = 0;
  std::vector<std::pair<std::string, std::string>> custom;
};

using NamedValue = std::pair<std::string, Value>;

class Session {
 public:
  // From a file, or from bytes (copied as far as needed).
  explicit Session(const std::string& path, const Options& options = {});
  Session(const void* model, size_t bytes, const Options& options = {});
  static Result<Session> open(const std::string& path, const Options& options = {});
  static Result<Session> open(const void* model, size_t bytes, const Options& options = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  const std::vector<Port>& inputs() const;
  const std::vector<Port>& outputs() const;
  const Metadata& metadata() const;

  // By name. All outputs in the model's order, or those named, in that order.
  std::vector<Value> run(const std::vector<NamedValue>& inputs, const std::vector<std::string>& outputs = {},
                         const RunOptions& options = {}) const;
  Result<std::vector<Value>> try_run(const std::vector<NamedValue>& inputs,
                                     const std::vector<std::string>& outputs = {},
                                     const RunOptions& options = {}) const;
  // By position. A tensor already in `outputs` is filled in place and must fit; an empty Value is replaced.
  void run(std::span<const Value> inputs, std::span<Value> outputs, const RunOptions& options = {}) const;

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// "0.1.0".
std::string_view version();

}  // namespace sdx
