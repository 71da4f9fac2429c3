// The terminal's abilities as the renderers want them.
#pragma once

#include "cli/terminal.h"
#include "report/text_layout.h"

namespace seep::cli {

inline report::TextStyle text_style_of(const Terminal& terminal) {
  return {.colour = terminal.colour, .bars = terminal.bars, .width = terminal.width};
}

}  // namespace seep::cli
