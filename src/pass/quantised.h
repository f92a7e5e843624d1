// What the passes over quantised graphs look for: values that a DequantizeLinear made, and the QuantizeLinear after
// one.
#pragma once
#include <optional>

#include "pass/absorb.h"
#include "pass/rewriter.h"

namespace sardonyx {

// q with scale and zero point (kNone: 0), all of bytes and f32.
struct Quantised {
  ValueId q = kNone, scale = kNone, zero = kNone;
  int64_t axis = 1;
  NodeId node = kNone;     // the DequantizeLinear or QuantizeLinear
  ValueId result = kNone;  // its output
};

// v as the output of a DequantizeLinear from uint8 or int8 to f32, not in blocks.
std::optional<Quantised> dequantised(Rewriter& r, ValueId v);
// The QuantizeLinear to uint8 or int8 that is the only user of v, with one scale.
std::optional<Quantised> quantised_after(Rewriter& r, ValueId v);

bool per_tensor(Rewriter& r, const Quantised& v);
// One scale, or one per extent of this axis of q.
bool per_axis(Rewriter& r, const Quantised& v, int64_t axis);
// Certainly the same type, scale and zero point.
bool same_parameters(Rewriter& r, const Quantised& a, const Quantised& b);
// The zero point as a value; makes the constant 0 of type `type` if there is none.
ValueId zero_of(Rewriter& r, const Quantised& v, DType type);

// The numbers that an int32 or float constant, or a DequantizeLinear of one, adds per column; nullopt if v is not that
// or they are not `count` (one is repeated).
std::optional<std::vector<double>> column_numbers(Rewriter& r, ValueId v, int64_t count);
// The elements of an f32 constant.
std::optional<std::vector<double>> numbers(Rewriter& r, ValueId v);

// A product or convolution of bytes to be made.
struct ProductDraft {
  std::string op;  // QMatMul or QConv
  Quantised x = {}, w = {};
  std::vector<Attr> attrs = {};
  std::optional<std::vector<double>> bias = {};  // per column
  std::optional<Activation> act = {};
  std::optional<Quantised> y = {};  // absent: a float result
  ValueId result = kNone;           // the value to be replaced
};
// False if nothing was done: an int32 bias cannot be made.
Result<bool> emit_product(Rewriter& r, const ProductDraft& d, std::string name);

// The table that `nodes`, a chain of element-wise nodes, makes of every byte of the given type; an invalid tensor if it
// cannot be computed. rank is that of the chain's values.
Result<Tensor> table_of(Rewriter& r, std::span<const NodeId> nodes, DType type, int rank);

}  // namespace sardonyx
