#include "cli/terminal_type.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <term.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace seep::cli {
namespace {

/// Of the terminal that was set up last; null where it has none such.
const char* capability(const char* name) {
  const char* value = tigetstr(name);
  return value == reinterpret_cast<char*>(-1) ? nullptr : value;
}

}  // namespace

Result<void> check_terminal() {
  if (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)
    return fail(ErrorKind::kUnsupported, "input or output is not a terminal");
  const char* term = std::getenv("TERM");
  std::string type = term == nullptr ? "" : term;
  if (type.empty()) return fail(ErrorKind::kUnsupported, "TERM does not say what terminal this is");
  int error = 0;
  if (setupterm(nullptr, STDOUT_FILENO, &error) != OK)
    return fail(ErrorKind::kUnsupported, "a terminal of type \"" + type + "\" is not known here");
  bool places_cursor = capability("cup") != nullptr;
  del_curterm(cur_term);
  if (!places_cursor)
    return fail(ErrorKind::kUnsupported,
                "a terminal of type \"" + type + "\" cannot place its cursor");
  return {};
}

std::string leave_sequence() {
  std::string sequence;
  for (const char* name : {"rmkx", "sgr0", "cnorm", "rmcup"}) {
    const char* one = capability(name);
    // Delays, which would have to be carried out, are of hardware that is gone.
    if (one != nullptr && std::strstr(one, "$<") == nullptr) sequence += one;
  }
  return sequence;
}

}  // namespace seep::cli
