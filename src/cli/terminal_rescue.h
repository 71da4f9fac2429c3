// Puts the terminal back when a signal ends seep while the whole screen is seep's: a crash, or a
// second Ctrl-C, which does not wait for anything. The first Ctrl-C goes on to whoever handled it
// before (round_timer.h).
#pragma once

#include <termios.h>

#include <array>
#include <csignal>
#include <string_view>

#include "base/result.h"

namespace seep::cli {

/// One at a time. Restores what handled the signals before.
class TerminalRescue {
 public:
  /// `before` is how the terminal is to be left.
  explicit TerminalRescue(const termios& before);
  ~TerminalRescue();
  TerminalRescue(const TerminalRescue&) = delete;
  TerminalRescue& operator=(const TerminalRescue&) = delete;

  /// What the terminal must be told to become as it was; at most 256 bytes. Nothing at first.
  void leave_by(std::string_view sequence);

 private:
  static constexpr std::size_t kSignals = 9;
  std::array<struct sigaction, kSignals> before_{};
};

}  // namespace seep::cli
