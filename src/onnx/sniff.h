// What a file that is not an ONNX model seems to be, for one clear line to the user.
#pragma once
#include <string>
#include <string_view>

namespace sardonyx {

// For example `it begins with "<html": a web page was saved instead of the file`. Never empty.
std::string describe_foreign_bytes(std::string_view bytes);

}  // namespace sardonyx
