// seep heap: who holds the memory, by holder, type, allocation site or root, and paths to roots.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_heap(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
