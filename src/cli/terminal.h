// What seep may do on the screen it writes to.
#pragma once

#include <cstddef>

namespace seep::cli {

struct Terminal {
  bool colour = false;    ///< standard output is a terminal and NO_COLOR is not set
  bool bars = false;      ///< standard output is a terminal
  bool progress = false;  ///< standard error is a terminal
  std::size_t width = 100;
};

/// Reads the environment and the two streams.
Terminal detect_terminal();

}  // namespace seep::cli
