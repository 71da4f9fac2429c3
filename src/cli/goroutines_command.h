// seep goroutines: who runs, who waits, and who can never run again.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_goroutines(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
