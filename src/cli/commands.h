// All commands of seep.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace seep::cli {

/// The rows from which calls, help and completion are made.
const std::vector<Command>& all_commands();

/// "seep 0.1.0\n".
std::string version_text();

}  // namespace seep::cli
