#include "cli/run.h"

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/hints.h"
#include "cli/output.h"

namespace seep::cli {
namespace {

CallResult failed(const Error& error) {
  return {.out = "", .err = error_line(error), .status = ExitStatus::kNotAnswered};
}

CallResult said(std::string text) {
  return {.out = std::move(text), .err = "", .status = ExitStatus::kNothingFound};
}

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

}  // namespace

CallResult call(const std::vector<std::string>& words, const Terminal& terminal) {
  const std::vector<Command>& commands = all_commands();
  if (words.empty())
    return failed({ErrorKind::kInvalidArgument,
                   "no command given; try: seep diagnose PID, or see: seep help"});
  if (words[0] == "--version" || words[0] == "-V") return said(version_text());
  if (words[0] == "--help" || words[0] == "-h") return said(help_text(commands));

  auto command = std::find_if(commands.begin(), commands.end(),
                              [&](const Command& row) { return row.name == words[0]; });
  if (command == commands.end())
    return failed(
        {ErrorKind::kInvalidArgument, "there is no command \"" + words[0] + "\"; see: seep help"});
  std::vector<std::string> rest(words.begin() + 1, words.end());
  if (words[0] == "help" && rest.size() == 1) {
    auto subject = std::find_if(commands.begin(), commands.end(),
                                [&](const Command& row) { return row.name == rest[0]; });
    if (subject != commands.end()) return said(help_text(*subject));
  }
  if (asks_for_help(rest)) return said(help_text(*command));

  Result<Arguments> arguments = parse_arguments(*command, rest);
  if (!arguments) {
    arguments.error().message += "; see: seep " + command->name + " --help";
    return failed(arguments.error());
  }
  Result<CommandOutput> output = command->run(*arguments, terminal);
  if (!output) return failed(output.error());
  return {.out = std::move(output->text), .err = std::move(output->note), .status = output->status};
}

int run_main(int argc, char** argv) {
  // A reader that went away is an error of write(), not a signal that ends seep half-way.
  std::signal(SIGPIPE, SIG_IGN);
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  CallResult result = call(words, detect_terminal());
  Result<void> written = write_all(STDOUT_FILENO, result.out);
  if (!written) {
    // One line says why there is no answer; notes to an answer that nobody got would hide it.
    static_cast<void>(write_all(STDERR_FILENO, error_line(written.error())));
    return static_cast<int>(ExitStatus::kNotAnswered);
  }
  if (!result.err.empty()) static_cast<void>(write_all(STDERR_FILENO, result.err));
  return static_cast<int>(result.status);
}

}  // namespace seep::cli
