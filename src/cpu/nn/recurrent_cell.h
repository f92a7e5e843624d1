// One step of an RNN, LSTM or GRU cell on rows of gates: the element-wise part between the matrix products. f32.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "simd/eltwise_unary.h"

namespace sardonyx {

// One of the activations that recurrent operators may name, with its parameters.
struct CellActivation {
  enum class Kind : uint8_t { kUnary, kAffine, kScaledTanh } kind = Kind::kUnary;
  simd::UnaryFn fn = nullptr;
  simd::UnaryParams params;
  void operator()(float* x, int64_t n) const;
};

// By ONNX's name (any case); alpha and beta as given, or the name's defaults. False if there is no such activation.
bool find_cell_activation(const std::string& name, const float* alpha, const float* beta, CellActivation& out);

struct CellRule {
  std::vector<CellActivation> activations;  // f, g, h as the operator's text numbers them
  float clip = 0;                           // 0: none
  bool input_forget = false;                // LSTM: forget = 1 - input
  int64_t hidden = 0;
};

void clip_cell(const CellRule& r, float* x, int64_t n);
// gates [4H] in the order i, o, f, c; peepholes [3H] in the order i, o, f or null; h and c are updated.
void lstm_cell(const CellRule& r, float* gates, const float* peepholes, float* h, float* c, float* spare);
// gates [H].
void rnn_cell(const CellRule& r, float* gates, float* h);
// z and r of gates [3H] become final; the candidate's input part stays. Then the candidate and h.
void gru_gates(const CellRule& r, float* gates);
void gru_finish(const CellRule& r, const float* z, float* candidate, float* h);

}  // namespace sardonyx
