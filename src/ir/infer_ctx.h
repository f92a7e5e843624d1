// InferCtx: what an operator's infer() sees: input facts in, output facts out. The same function runs at load (Dims may
// be symbolic) and at plan time (Dims are integers; an output extent that is still symbolic then is one that only
// running can tell). Functions that return kDeferred mean "not known yet": pass it on with SDX_TRY; the outputs then
// keep their type and lose their rank.
#pragma once
#include <span>

#include "ir/graph.h"

namespace sardonyx {

class InferCtx {
 public:
  // Reads the contents of input i when facts do not have them (plan time); null when it cannot.
  struct Reader {
    virtual ~Reader() = default;
    virtual const Tensor* read(int input) = 0;
  };

  InferCtx(const Node& node, std::span<const Fact* const> in, std::span<Fact> out, SymbolTable& sym,
           Reader* reader = nullptr)
      : node_(node), in_(in), out_(out), sym_(sym), reader_(reader) {}

  const Node& node() const { return node_; }
  SymbolTable& sym() const { return sym_; }
  int inputs() const { return static_cast<int>(in_.size()); }  // formal inputs given, absent ones inside included
  int outputs() const { return static_cast<int>(out_.size()); }
  bool has(int i) const { return i < inputs() && in_[static_cast<size_t>(i)] != nullptr; }
  bool wants(int o) const { return o < outputs(); }
  const Fact& in(int i) const { return *in_[static_cast<size_t>(i)]; }
  Fact& out(int o) { return out_[static_cast<size_t>(o)]; }

  DType dtype(int i) const { return has(i) ? in(i).dtype() : DType::kUndefined; }
  Result<Shape> shape(int i) const;  // kDeferred if the rank is unknown
  Result<int> rank(int i) const;
  // Integer contents of input i (rank 0 or 1): constants, symbolic values, or read at plan time; else kDeferred.
  // Numbers below what a Dim can hold are raised to Dim::kLeast.
  Result<Dims> ints(int i);
  // The constant (or plan-time) contents of input i, or null.
  const Tensor* value(int i);

  // Attributes; a missing one gives the schema's default (0, "", empty if it has none).
  bool has_attr(std::string_view name) const;
  int64_t attr_int(std::string_view name) const;
  float attr_float(std::string_view name) const;
  std::string_view attr_string(std::string_view name) const;
  std::span<const int64_t> attr_ints(std::string_view name) const;
  std::span<const float> attr_floats(std::string_view name) const;
  const Attr* attr(std::string_view name) const { return node_.find_attr(name); }
  DType attr_dtype(std::string_view name) const { return static_cast<DType>(attr_int(name)); }

  // -rank <= axis < rank, made non-negative; kRange otherwise.
  Result<int> axis(int64_t axis, int rank, std::string_view what = "axis") const;
  // The same for a list; repeated axes are kRange. Sorted ascending if `sorted`.
  Result<SmallVec<int, 8>> axes(std::span<const int64_t> axes, int rank, bool sorted = true) const;
  // Axes given as input i (known values only; else kDeferred).
  Result<SmallVec<int, 8>> axes_of(int i, int rank, bool sorted = true);

  // ONNX multidirectional broadcasting. kShape when two known extents differ and neither is 1.
  Result<Shape> broadcast(const Shape& a, const Shape& b) const;
  Result<Dim> broadcast_dim(Dim a, Dim b) const;
  // Equal for sure or possibly; kShape if certainly different. Returns the more informative one.
  Result<Dim> must_equal(Dim a, Dim b, std::string_view what) const;
  Dim fresh() const { return sym_.fresh(); }

  Status set(int o, DType t, Shape s);
  Status set_unknown_rank(int o, DType t);
  Status set_type(int o, Type t);
  Status copy(int o, int i);  // the whole fact without constants
  // Known contents (rank 0 if scalar, else rank 1); output o's fact must be set first.
  Status set_ints(int o, Dims values);

  // Errors without origin (the caller adds it).
  template <class... T>
  Status shape_error(const T&... pieces) const {
    return fail(Code::kShape, pieces...);
  }
  std::string text(const Shape& s) const { return sym_.to_string(s); }
  std::string text(Dim d) const { return sym_.to_string(d); }

 private:
  const Node& node_;
  std::span<const Fact* const> in_;
  std::span<Fact> out_;
  SymbolTable& sym_;
  Reader* reader_;
};

inline Status deferred() { return Status(Code::kDeferred, "not known yet"); }

// Checks a node against its schema (counts, types, attributes), gives outputs their types, then calls infer().
// kDeferred from infer() becomes outputs of unknown rank. With `was_deferred`, says whether that happened.
Status infer_node(const Node& node, std::span<const Fact* const> in, std::span<Fact> out, SymbolTable& sym,
                  InferCtx::Reader* reader = nullptr, bool* was_deferred = nullptr);
// The part of infer_node before infer(): counts, types, attributes.
Status check_schema(const Node& node, std::span<const Fact* const> in, std::span<Fact> out);

}  // namespace sardonyx
