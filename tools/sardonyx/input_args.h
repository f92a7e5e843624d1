// Where the inputs of a run come from: files, random numbers, or a folder of reference data.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "exec/session.h"

namespace sardonyx {

struct InputArgs {
  std::vector<std::string> inputs;  // "image=cat.png", "ids=random", "rate=16000"
  bool random = false;              // fill inputs that are not named
  std::string data;                 // folder with input_0.pb, …: all inputs come from it
  std::string mean, deviation;      // for pictures: one number, or one per channel, separated by commas
};

// One value per input of the session, in its order. Inputs that nothing provides are an error that names them, except
// optional ones. Symbolic extents of random inputs become 1, which is said on standard error.
// A folder of data may be named relative to the model's own.
Result<std::vector<Value>> make_inputs(const Session& session, const InputArgs& args, const std::string& model);
std::string data_folder(const std::string& folder, const std::string& model);

// Input files, by ending: .npy, .pb, .json, and pictures (.png, .jpg, .jpeg, .bmp, .ppm).
Result<Value> read_input(const std::string& path, const Port& port, const InputArgs& args);
// A picture as [n,c,h,w], [n,h,w,c], [c,h,w] or [h,w,c], resized to the extents that the model states. Floats are
// (pixel / 255 - mean) / deviation, uint8 the pixels themselves.
Result<Tensor> read_picture_input(const std::string& path, const Port& port, const InputArgs& args);
// Nested lists of numbers, booleans or strings; the nesting gives the extents.
Result<Tensor> read_json_input(const std::string& path, const Port& port);
// The same written on the command line: "16000", "[[1,2,3]]", "[\"a\"]"; nullopt if the text is no such thing. A single
// value gets as many extents of 1 as the model declares.
std::optional<Result<Tensor>> json_value(const std::string& text, const Port& port);

}  // namespace sardonyx
