#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace seep::cli {
namespace {

constexpr std::size_t kWidest = 100;
constexpr std::size_t kNarrowest = 40;

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal detect_terminal() {
  Terminal terminal;
  terminal.bars = isatty(STDOUT_FILENO) == 1;
  const char* term = std::getenv("TERM");
  bool dumb = term != nullptr && std::strcmp(term, "dumb") == 0;
  // https://no-color.org: set and not empty means no colour.
  terminal.colour = terminal.bars && !dumb && !is_set("NO_COLOR");
  terminal.progress = isatty(STDERR_FILENO) == 1 && !dumb;
  terminal.width = kWidest;
  winsize size{};
  if (terminal.bars && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    terminal.width = std::clamp<std::size_t>(size.ws_col, kNarrowest, kWidest);
  return terminal;
}

}  // namespace seep::cli
