// seep rss: where the resident memory of a process is, and why.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_rss(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
