#include "cli/terminal_rescue.h"

#include <unistd.h>

#include <cstring>

namespace seep::cli {
namespace {

// The first two are those that are obeyed once and end seep the second time.
constexpr std::size_t kPolite = 2;
constexpr std::array<int, 9> kNumbers = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGSEGV,
                                         SIGBUS, SIGFPE,  SIGILL, SIGABRT};

// A handler is called without a context, so what it needs is here and nowhere else. It calls only
// what signal-safety(7) allows.
struct HandlerState {
  volatile std::sig_atomic_t asked = 0;
  void (*asked_before[kPolite])(int) = {};
  termios before{};
  char leave[256] = {};
  std::size_t leave_bytes = 0;
};
HandlerState handler_state;

void end_at_once(int number) {
  static_cast<void>(!write(STDOUT_FILENO, handler_state.leave, handler_state.leave_bytes));
  tcsetattr(STDIN_FILENO, TCSANOW, &handler_state.before);
  std::signal(number, SIG_DFL);
  raise(number);
}

void pass_on(int number) {
  void (*handler)(int) = handler_state.asked_before[number == SIGINT ? 0 : 1];
  if (handler_state.asked != 0 || handler == SIG_DFL) return end_at_once(number);
  handler_state.asked = 1;
  handler(number);
}

}  // namespace

TerminalRescue::TerminalRescue(const termios& before) {
  static_assert(kNumbers.size() == kSignals);
  handler_state.asked = 0;
  handler_state.before = before;
  handler_state.leave_bytes = 0;
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    sigaction(kNumbers[i], nullptr, &before_[i]);
    if (i < kPolite) handler_state.asked_before[i] = before_[i].sa_handler;
    if (before_[i].sa_handler == SIG_IGN) continue;
    struct sigaction action{};
    action.sa_handler = i < kPolite ? pass_on : end_at_once;
    action.sa_flags = i < kPolite ? SA_RESTART : 0;
    sigaction(kNumbers[i], &action, nullptr);
  }
}

TerminalRescue::~TerminalRescue() {
  for (std::size_t i = 0; i < kNumbers.size(); ++i) sigaction(kNumbers[i], &before_[i], nullptr);
}

void TerminalRescue::leave_by(std::string_view sequence) {
  if (sequence.size() > sizeof(handler_state.leave)) return;
  std::memcpy(handler_state.leave, sequence.data(), sequence.size());
  handler_state.leave_bytes = sequence.size();
}

}  // namespace seep::cli
