// From the words of the command line to a command and its arguments.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace seep::cli {

/// Checks `words` (without the command's own name) against the row: unknown flags, missing values,
/// values outside the choices and missing operands are kInvalidArgument. `--help` is not among
/// them; the caller looks for it first.
Result<Arguments> parse_arguments(const Command& command, const std::vector<std::string>& words);

}  // namespace seep::cli
