// From the command line to the exit status.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace seep::cli {

/// What a call is to print and how it is to end.
struct CallResult {
  std::string out;  ///< for standard output
  std::string err;  ///< for standard error
  ExitStatus status = ExitStatus::kNothingFound;
};

/// Runs one call; `words` are those after the program's name. Writes nothing but progress.
CallResult call(const std::vector<std::string>& words, const Terminal& terminal);

/// The whole of main: output that cannot be written makes the status 2.
int run_main(int argc, char** argv);

}  // namespace seep::cli
