// Value: what crosses the API and flows between nodes: a tensor, a sequence, a map, or the absence of one (an empty
// optional). A non-empty optional is just its content. Copying shares; containers are immutable once made, so sharing
// is safe across threads.
#pragma once
#include <memory>
#include <vector>

#include "tensor/tensor.h"

namespace sardonyx {

class Value;

// Elements of one type. `element` names the tensor element type (kUndefined for sequences of maps or sequences).
struct SequenceData {
  DType element = DType::kUndefined;
  std::vector<Value> items;
};

// Keys (1-D tensor of integers or strings) and values (1-D tensor of the same length); keys ascend and are unique.
struct MapData {
  Tensor keys, values;
};

// Sparse tensor: `values` [nnz] and `indices` in the layout of the format.
struct SparseData {
  enum class Format : uint8_t { kCoo, kCsr, kBlockSparse } format = Format::kCoo;
  Extents dims;
  Tensor values, indices, inner_indices;  // CSR: indices = outer, inner_indices = columns
};

class Value {
 public:
  enum class Kind : uint8_t { kNone, kTensor, kSequence, kMap, kSparse };
  Value() = default;
  Value(Tensor t) : kind_(t.valid() ? Kind::kTensor : Kind::kNone), tensor_(std::move(t)) {}
  Value(std::shared_ptr<const SequenceData> s) : kind_(Kind::kSequence), object_(std::move(s)) {}
  Value(std::shared_ptr<const MapData> m) : kind_(Kind::kMap), object_(std::move(m)) {}
  Value(std::shared_ptr<const SparseData> s) : kind_(Kind::kSparse), object_(std::move(s)) {}

  Kind kind() const { return kind_; }
  bool none() const { return kind_ == Kind::kNone; }
  bool is_tensor() const { return kind_ == Kind::kTensor; }
  const Tensor& tensor() const { return tensor_; }
  const SequenceData& sequence() const { return *static_cast<const SequenceData*>(object_.get()); }
  const MapData& map() const { return *static_cast<const MapData*>(object_.get()); }
  const SparseData& sparse() const { return *static_cast<const SparseData*>(object_.get()); }

 private:
  Kind kind_ = Kind::kNone;
  Tensor tensor_;
  std::shared_ptr<const void> object_;
};

}  // namespace sardonyx
