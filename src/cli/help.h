// Help and shell completion, both made from the rows of commands.cc.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command.h"

namespace seep::cli {

/// Of seep as a whole.
std::string help_text(const std::vector<Command>& commands);
/// Of one command.
std::string help_text(const Command& command);

/// For bash, zsh or fish.
Result<std::string> completion_script(const std::vector<Command>& commands,
                                      const std::string& shell);

}  // namespace seep::cli
