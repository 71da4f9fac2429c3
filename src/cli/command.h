// A command of seep as a row of data, and what a person wrote when calling it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/exit_status.h"
#include "cli/terminal.h"

namespace seep::cli {

struct Flag {
  std::string name;   ///< "--top"
  std::string value;  ///< "N"; empty for a flag without value
  std::string help;
  std::vector<std::string> choices{};  ///< if not empty, one of these
  std::string short_name{};            ///< "-o"
  bool required = false;
};

/// The words after the command's name.
class Arguments {
 public:
  Arguments() = default;
  Arguments(std::vector<std::string> positional, std::map<std::string, std::string> flags)
      : positional_(std::move(positional)), flags_(std::move(flags)) {}

  bool has(const std::string& flag) const { return flags_.contains(flag); }
  /// Value of a flag, or `otherwise` if it was not given.
  std::string value(const std::string& flag, const std::string& otherwise = "") const {
    auto found = flags_.find(flag);
    return found == flags_.end() ? otherwise : found->second;
  }
  /// A whole number of at least one.
  Result<std::uint64_t> count(const std::string& flag, std::uint64_t otherwise) const;
  /// "30s", "10m", "1h30m", "0": as Go's time.ParseDuration for whole units. In seconds.
  Result<double> duration(const std::string& flag, double otherwise) const;

  const std::vector<std::string>& positional() const { return positional_; }

 private:
  std::vector<std::string> positional_;
  std::map<std::string, std::string> flags_;
};

/// What a command says, and how seep is to end.
struct CommandOutput {
  std::string text;
  ExitStatus status = ExitStatus::kNothingFound;
  std::string note{};  ///< for standard error; ends with a newline if not empty
};

using RunCommand = Result<CommandOutput> (*)(const Arguments&, const Terminal&);

struct Command {
  std::string name;
  std::vector<std::string> operands;  ///< "TARGET": all are needed
  std::string summary;                ///< one line
  std::vector<Flag> flags;
  RunCommand run;
  std::vector<std::string> operand_choices{};  ///< of the only operand, if not empty
  std::string more_operands{};                 ///< "TARGET": any number behind the others
};

}  // namespace seep::cli
