// What to try next, by the kind of an error: the words that only the edge of seep knows.
#pragma once

#include <string>

#include "base/result.h"

namespace seep::cli {

/// One line for standard error: what failed and where, then what to try. Ends with a newline; line
/// breaks inside the message become spaces.
std::string error_line(const Error& error);

}  // namespace seep::cli
