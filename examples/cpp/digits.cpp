// Opens the digits model, classifies one blank picture and prints the probabilities. Built and run by the tests.
#include <sardonyx/sardonyx.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MODEL.onnx\n", argv[0]);
    return 2;
  }
  try {
    sdx::Session session(argv[1]);
    const sdx::Port& input = session.inputs()[0];
    std::printf("input %s: %s\n", input.name.c_str(), input.type.c_str());

    sdx::Value::Shape shape = input.dims;
    for (int64_t& d : shape)
      if (d < 0) d = 1;  // symbolic: one picture
    int64_t count = 1;
    for (int64_t d : shape) count *= d;
    sdx::Value picture = sdx::Value::copy<float>(shape, std::vector<float>(static_cast<size_t>(count), 0.5f));

    for (const sdx::Value& output : session.run({{input.name, picture}}))
      if (output.type() == sdx::Type::float32)
        for (float v : output.span<float>()) std::printf("%.4f\n", static_cast<double>(v));
    return 0;
  } catch (const sdx::Error& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}
