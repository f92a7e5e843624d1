// Types, extents and constants of the text format: `float[N,3,?]`, `seq(int64)`, `float[2] {1, 2}`.
#pragma once
#include "ir/fact.h"
#include "ir/text_lexer.h"

namespace sardonyx {

inline constexpr int kMaxTextDepth = 64;  // of nested graphs, types and parentheses together

// True if the next identifier begins a type rather than naming a value.
bool at_type(Lexer& lex);
// float[N,2*M,?] has extents, float[] an unknown rank, float is a scalar; ? is an unknown type. Each `?` extent is a
// symbol of its own.
Result<Fact> parse_type(Lexer& lex, SymbolTable& sym, int depth = 0);
// N, 3, ?, "odd name", 2*N+1, (N-1)/2, N%4, min(N,8), max(…), ceil_div(…).
Result<Dim> parse_dim(Lexer& lex, SymbolTable& sym, int depth = 0);
// The elements of a constant, in braces: {1, 2, 3}. Complex elements are written as two numbers.
Result<Tensor> parse_elements(Lexer& lex, DType type, const Shape& shape);

// The inverse of parse_elements; at most `limit` elements, then "…".
std::string print_elements(const Tensor& t, int64_t limit);
// One element of a number or string tensor.
std::string print_element(const Tensor& t, int64_t i);
// A float so that reading gives it back and it is seen to be one: "1.0", "0.1", "inf".
std::string print_float(float v);
// "text" with escapes.
std::string print_string(std::string_view s);
// The name itself if it is an identifier, else as a string.
std::string print_name(std::string_view name);
// Type and extents as parse_type reads them.
std::string print_fact(const Fact& f, const SymbolTable& sym);

}  // namespace sardonyx
