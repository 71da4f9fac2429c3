// Runs a program to its end and keeps what it said: for builds of test programs and for tests of
// the command line.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace seep::test {

struct CommandOptions {
  std::vector<std::string> environment;  ///< "NAME=value", over the inherited ones
  std::string directory;                 ///< empty: the current one
  std::string output_file;               ///< stdout goes there instead of CommandResult::out
  std::chrono::seconds deadline{300};
};

struct CommandResult {
  int status = -1;  ///< exit status; 128 + signal if it was killed; -1 if it could not be started
  std::string out;
  std::string err;
  bool timed_out = false;
};

/// `arguments[0]` is looked for in PATH.
CommandResult run_command(const std::vector<std::string>& arguments,
                          const CommandOptions& options = {});

/// The seep that was built together with the running test program.
std::string seep_binary();

}  // namespace seep::test
