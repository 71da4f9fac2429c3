// seep snapshot: a live process into a file.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_snapshot(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
