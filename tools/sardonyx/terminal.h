// Drawing with text: small grey pictures and bars, in colours and block characters where the terminal has them.
#pragma once
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

namespace sardonyx {

struct TerminalStyle {
  bool colours = false;  // 256-colour escape sequences
  bool blocks = false;   // UTF-8 block characters; otherwise ASCII
  // Colours only on a terminal and without NO_COLOR; blocks unless the locale names another encoding than UTF-8.
  static TerminalStyle of(std::FILE* out);
};

// Lines of `width` cells, two pixel rows each (0 is black). The last line of an odd height ends in black.
std::vector<std::string> draw_grey(std::span<const uint8_t> pixels, int width, int height, TerminalStyle style);

// `cells` cells, the given share of them filled from the left.
std::string bar(double share, int cells, TerminalStyle style);

// The text in bold green, or as it is.
std::string emphasised(const std::string& text, TerminalStyle style);

}  // namespace sardonyx
