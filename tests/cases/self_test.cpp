#include "cases/self_test.h"

#include <cstdio>

#include "cases/case_values.h"
#include "cases/runner.h"

namespace sardonyx::cases {
namespace {

struct Expectation {
  std::string_view text;
  std::string_view finding;  // "" if the case holds; <*> allowed
};

constexpr Expectation kExpectations[] = {
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y = [-1, -2]\n", ""},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y = [-1, 2]\n",
     "output \"y\" 1 of 2 elements differ; element 1 is -2.0, expected 2.0"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y = [-1, -2.0001]\n",
     "output \"y\" 1 of 2 elements differ<*>"},
    {"case a rtol 1e-3\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y = [-1, -2.0001]\n", ""},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, nan]\n y = [-1, 0]\n",
     "output \"y\" 1 of 2 elements differ; element 1 is nan, expected 0.0"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y : double[2] = [-1, -2]\n",
     "output \"y\" is float, expected double, expected double[2]"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n y : float[1,2]\n",
     "output \"y\" has extents [2], expected float[1,2]"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2]\n", "the output \"y\" is not checked"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n y = [1, 2]\n", "the input \"x\" has no value"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2] y = [-1, -2] z = 3\n",
     "\"z\" is neither an input nor an output of the graph"},
    {"case a\n graph (float[2] x) => (y) { y = Neg(x) }\n x = [1, 2, 3] y = [-1, -2]\n",
     "input \"x\": 3 elements are written, the extents are [2]"},
    {"case a\n graph (float[2,2] x) => (y) { y = Neg(x) }\n x = [[1, 2, 3, 4]] y = [-1, -2, -3, -4]\n",
     "input \"x\": the lists have extents [1,4], the type says [2,2]"},
    {"case a\n graph (int8[2] x) => (y) { y = Neg(x) }\n x = [1, 200] y = [-1, -2]\n",
     "input \"x\": element 1 is not a value of type int8"},
    {"case a\n graph (float[N] x) => (y) { y = Neg(x) }\n x = iota y = iota\n",
     "input \"x\": the extents are not known<*>"},
    {"case a\n graph (float[N] x) => (y) { y = Neg(x) }\n x : float[3] = iota y = iota(0, -1)\n",
     "output \"y\": the extents are not known<*>"},
    {"case a\n graph (float[N] x) => (y) { y = Neg(x) }\n x : float[3] = iota y : float[3] = iota(0, -1)\n", ""},
    {"case a\n graph (float[2] x) => (y) { y = Nag(x) }\n x = iota y = iota\n", "SDX_E_OP_UNKNOWN Nag \"y\": <*>"},
    {"facts a\n graph (float[N,2] x) => (y) { y = Neg(x) }\n y : float[N,2]\n", ""},
    {"facts a\n graph (float[N,2] x) => (y) { y = Neg(x) }\n y : float[2,N]\n",
     "\"y\" is float[N,2], expected float[2,N]"},
    {"facts a\n graph (float[N,2] x) => (y) { y = Neg(x) }\n y : float[?,2]\n", ""},
    {"facts a\n graph (float[N,2] x) => (y) { y = Neg(x) }\n y : float[N,?]\n",
     "\"y\" is float[N,2], expected float[N,?]"},
    {"facts a\n graph (float[N,2] x) => (y) { y = Neg(x) }\n y : float[]\n", "\"y\" is float[N,2], expected float[]"},
    {"facts a\n graph (float[N] x) => (y) { y = Neg(x) }\n y = [N]\n",
     "nothing is known of the contents of \"y\", expected [N]"},
    {"facts a\n graph (float[N] x) => (y) { y = Neg(x) }\n", "no fact is expected"},
    {"error a\n graph (float[2] x) => (y) { y = Nag(x) }\n SDX_E_OP_UNKNOWN  Nag \"y\":\n  domain <*>\n", ""},
    {"error a\n graph (float[2] x) => (y) { y = Neg(x) }\n SDX_E_SHAPE Neg\n", "no error, expected SDX_E_SHAPE Neg"},
    {"error a\n graph (float[2] x) => (y) { y = Nag(x) }\n SDX_E_SHAPE Neg\n", "the error is<*>"},
};

constexpr std::pair<std::string_view, std::string_view> kFiles[] = {
    {"", "the file has no case"},
    {"x\ncase a\n", "1:1: expected \"case\", \"facts\" or \"error\""},
    {"# x\ncase a\n", "2:7: expected \"graph\", got the end of the text"},
    {"case a opset\n graph () => () {}\n", "1:13: expected a version, got the end of the text"},
    {"case a speed 3\n graph () => () {}\n", "1:8: expected opset, ml_opset, rtol, atol or static_extents"},
    {"case a\n graph () => () {\n", "2:7: the graph has no end"},
    {"case a\n graph () => () {}\n x\n",
     "3:3: expected \":\" and a type, or \"=\" and a value, got the end of the text"},
    {"case a\n graph () => () {}\n x = foo\n", "3:6: expected a value<*>"},
    {"error a\n graph () => () {}\n",
     "2:19: expected the expected error, beginning with SDX_E_, got the end of the text"},
    {"case a\n graph () => () {}\ncase a\n graph () => () {}\n", "3:1: the name \"a\" is taken by line 1"},
};

}  // namespace

int self_test() {
  int wrong = 0;
  const auto check = [&](std::string_view text, std::string_view want, const std::string& got) {
    if (matches(want, got)) return;
    std::printf("FAILED\n%.*s  finds    %s\n  expected %.*s\n", static_cast<int>(text.size()), text.data(), got.c_str(),
                static_cast<int>(want.size()), want.data());
    ++wrong;
  };
  for (const Expectation& e : kExpectations) {
    const auto cases = parse_cases(e.text);
    check(e.text, e.finding, cases.ok() ? run_case(cases->front(), {}) : cases.status().message());
  }
  for (const auto& [text, finding] : kFiles) {
    const auto cases = parse_cases(text);
    check(text, finding, cases.ok() ? std::string("no finding") : cases.status().message());
  }
  std::printf("%zu expectations, %d failed\n", std::size(kExpectations) + std::size(kFiles), wrong);
  return wrong ? 1 : 0;
}

}  // namespace sardonyx::cases
