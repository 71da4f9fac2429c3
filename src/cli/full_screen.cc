#include "cli/full_screen.h"

#define NCURSES_NOMACROS 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "cli/terminal.h"
#include "cli/terminal_rescue.h"
#include "cli/terminal_type.h"

namespace seep::cli {
namespace {

// How long a lone escape is waited upon, in case it begins the sequence of an arrow on a slow line.
constexpr int kEscapeMs = 60;
constexpr int kManyColours = 256;
constexpr int kPairsNeeded = 128;

// Of the 256-colour palette, for report::RssLayer from the live heap on: blues for what is heap,
// then purple, teal and greys. Red, yellow and green mean verdicts.
constexpr std::array<short, 9> kLayerColours = {-1, 26, 74, 153, 97, 139, 37, 246, 240};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

/// Whether the terminal takes UTF-8, as far as the locale says. In a container it mostly says
/// nothing; the terminal is somewhere else then and, as all are by now, of UTF-8.
bool choose_utf8() {
  bool silent =
      variable("LC_ALL").empty() && variable("LC_CTYPE").empty() && variable("LANG").empty();
  setlocale(LC_CTYPE, silent ? "C.UTF-8" : "");
  return std::strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

short colour_of(report::Ink ink) {
  switch (ink) {
    case report::Ink::kLeak:
      return COLOR_RED;
    case report::Ink::kSuspicious:
      return COLOR_YELLOW;
    case report::Ink::kRuledOut:
      return COLOR_GREEN;
    case report::Ink::kPlain:
    case report::Ink::kDetail:
    case report::Ink::kStrong:
      break;
  }
  return -1;
}

attr_t attributes_of(const report::CellStyle& style) {
  attr_t attributes = A_NORMAL;
  if (style.selected) attributes |= A_REVERSE;
  if (style.ink == report::Ink::kStrong) attributes |= A_BOLD;
  // Dim on a reversed line is hard to read.
  if (style.ink == report::Ink::kDetail && !style.selected) attributes |= A_DIM;
  return attributes;
}

report::Key key_of_code(int code) {
  switch (code) {
    case KEY_UP:
      return report::Key::kUp;
    case KEY_DOWN:
      return report::Key::kDown;
    case KEY_PPAGE:
      return report::Key::kPageUp;
    case KEY_NPAGE:
    case ' ':
      return report::Key::kPageDown;
    case KEY_HOME:
      return report::Key::kHome;
    case KEY_END:
      return report::Key::kEnd;
    case KEY_ENTER:
      return report::Key::kOpen;
    case KEY_BACKSPACE:
      return report::Key::kBack;
    default:
      return code > 0 && code < 0x80 ? report::key_of(static_cast<char>(code)) : report::Key::kNone;
  }
}

}  // namespace

struct FullScreen::State {
  SCREEN* screen = nullptr;  // freed by delscreen()
  bool ascii = false;
  bool colours = false;
  std::optional<TerminalRescue> rescue;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (screen == nullptr) return;
    endwin();
    rescue.reset();
    delscreen(screen);
  }

  void set_style(const report::CellStyle& style) const {
    short pair = 0;
    if (colours) {
      bool layered = COLORS >= kManyColours && style.layer > 0 && !style.selected;
      short front = layered ? kLayerColours.at(style.layer) : colour_of(style.ink);
      short back = layered && style.behind > 0 ? kLayerColours.at(style.behind) : short{-1};
      if (front >= 0 || back >= 0) pair = static_cast<short>(std::max(alloc_pair(front, back), 0));
    }
    attr_set(attributes_of(style), pair, nullptr);
  }
};

FullScreen::FullScreen(std::unique_ptr<State> state) : state_(std::move(state)) {}
FullScreen::FullScreen(FullScreen&&) noexcept = default;
FullScreen& FullScreen::operator=(FullScreen&&) noexcept = default;
FullScreen::~FullScreen() = default;

Result<FullScreen> FullScreen::open() {
  TRY(check_terminal());
  std::unique_ptr<State> state = std::make_unique<State>();
  state->ascii = !choose_utf8();
  termios before{};
  if (tcgetattr(STDIN_FILENO, &before) != 0)
    return fail(ErrorKind::kIo,
                std::string("the terminal cannot be asked: ") + std::strerror(errno));
  // Before ncurses sets handlers of its own, which are not safe to leave a program by.
  state->rescue.emplace(before);
  state->screen = newterm(nullptr, stdout, stdin);
  if (state->screen == nullptr)
    return fail(ErrorKind::kUnsupported, "the terminal cannot be set up");
  state->rescue->leave_by(leave_sequence());
  set_escdelay(kEscapeMs);
  cbreak();
  noecho();
  nonl();
  curs_set(0);
  keypad(stdscr, TRUE);
  nodelay(stdscr, TRUE);
  if (detect_terminal().colour && has_colors()) {
    start_color();
    use_default_colors();
    state->colours = COLOR_PAIRS > COLOR_WHITE;
  }
  return FullScreen(std::move(state));
}

ScreenAbilities FullScreen::abilities() const {
  ScreenAbilities abilities;
  abilities.width = static_cast<std::size_t>(std::max(getmaxx(stdscr), 0));
  abilities.height = static_cast<std::size_t>(std::max(getmaxy(stdscr), 0));
  abilities.ascii = state_->ascii;
  abilities.layer_colours =
      state_->colours && COLORS >= kManyColours && COLOR_PAIRS >= kPairsNeeded;
  return abilities;
}

void FullScreen::draw(const report::Screen& screen) {
  werase(stdscr);
  int row = 0;
  for (const report::Line& line : screen.lines) {
    wmove(stdscr, row++, 0);
    for (const report::Span& span : line.spans()) {
      state_->set_style(span.style);
      // The last cell of all does not fit, as ncurses sees it, and is drawn all the same.
      waddnstr(stdscr, span.text.data(), static_cast<int>(span.text.size()));
    }
  }
  attr_set(A_NORMAL, 0, nullptr);
  wrefresh(stdscr);
}

std::optional<report::Key> FullScreen::next_key() {
  int code = wgetch(stdscr);
  if (code == ERR) return std::nullopt;
  return key_of_code(code);
}

void FullScreen::fit_terminal() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) return;
  if (size.ws_row != getmaxy(stdscr) || size.ws_col != getmaxx(stdscr))
    resizeterm(size.ws_row, size.ws_col);
}

bool FullScreen::is_gone() const {
  pollfd input = {STDIN_FILENO, POLLIN, 0};
  return poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

}  // namespace seep::cli
