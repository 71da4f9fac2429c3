// seep ps: the Go processes of this machine.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_ps(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
