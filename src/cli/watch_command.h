// seep watch [TARGET…]: samples processes over time.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_watch(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
