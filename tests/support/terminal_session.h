// A shell on a real terminal, which is tmux's, in a server of its own: keys go in, and what a
// person would see comes out.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "support/seep_command.h"

namespace seep::test {

/// Why there can be none; empty if there can.
std::string no_terminal();

class TerminalSession {
 public:
  static constexpr std::chrono::seconds kDeadline{60};

  /// A terminal of this size with a shell; `environment` is "NAME=value" or "NAME=" to unset it.
  TerminalSession(int width, int height, const std::vector<std::string>& environment = {});
  ~TerminalSession();
  TerminalSession(const TerminalSession&) = delete;
  TerminalSession& operator=(const TerminalSession&) = delete;

  /// Types a command and enter.
  void run(const std::string& command);
  /// tmux's names: "Enter", "Down", "Escape", "C-c", or letters.
  void press(const std::vector<std::string>& keys);
  void resize(int width, int height);

  /// What the terminal shows, a line each without spaces at their ends.
  std::string shown() const;
  /// The same with the escape sequences of its colours.
  std::string shown_with_colours() const;
  /// Waits until it shows a text. False after the deadline.
  bool shows(const std::string& text) const;
  /// "alternate_on", "cursor_flag": formats of tmux.
  std::string state(const std::string& format) const;
  /// Waits until a full-screen program has given the screen back.
  bool is_left() const;

 private:
  std::string tmux(const std::vector<std::string>& arguments) const;

  TemporaryFolder folder_;
  std::string socket_;
};

}  // namespace seep::test
