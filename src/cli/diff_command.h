// seep diff: what grew between two snapshots, or differs between two processes.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_diff(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
