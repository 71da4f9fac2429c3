// What seep's exit status says; part of the contract in docs/interface.md.
#pragma once

namespace seep::cli {

enum class ExitStatus : int {
  kNothingFound = 0,
  kFound = 1,  ///< diagnose: a finding that is likely or proven
  kNotAnswered =
      2  ///< bad usage, no such process, no permission, unreadable file, output not written
};

}  // namespace seep::cli
