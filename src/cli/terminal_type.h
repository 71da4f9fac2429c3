// What the description of the terminal's type (terminfo) says. Apart from the rest, because its
// header turns "lines" and "columns" into macros.
#pragma once

#include <string>

#include "base/result.h"

namespace seep::cli {

/// Whether there is a terminal at both ends whose cursor can be placed; the error says what is
/// missing. Nothing is written to it.
Result<void> check_terminal();

/// What puts the terminal back without ncurses, once ncurses has set it up.
std::string leave_sequence();

}  // namespace seep::cli
