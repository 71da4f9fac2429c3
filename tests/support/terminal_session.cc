#include "support/terminal_session.h"

#include <functional>
#include <thread>

namespace seep::test {
namespace {

bool wait_for(const std::function<bool()>& condition) {
  auto deadline = std::chrono::steady_clock::now() + TerminalSession::kDeadline;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  return true;
}

}  // namespace

std::string no_terminal() {
  return run_command({"tmux", "-V"}).status == 0 ? "" : "there is no tmux (tools/packages.txt)";
}

TerminalSession::TerminalSession(int width, int height, const std::vector<std::string>& environment)
    : socket_(folder_.file("tmux")) {
  std::vector<std::string> words = {"-u",
                                    "-f",
                                    "/dev/null",
                                    "new-session",
                                    "-d",
                                    "-x",
                                    std::to_string(width),
                                    "-y",
                                    std::to_string(height),
                                    "env",
                                    "-u",
                                    "NO_COLOR",
                                    "PS1=$ ",
                                    "LC_ALL=C.UTF-8"};
  words.insert(words.end(), environment.begin(), environment.end());
  words.insert(words.end(), {"sh", "-i"});
  tmux(words);
  shows("$");
}

TerminalSession::~TerminalSession() { tmux({"kill-server"}); }

std::string TerminalSession::tmux(const std::vector<std::string>& arguments) const {
  std::vector<std::string> words = {"tmux", "-S", socket_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_command(words).out;
}

void TerminalSession::run(const std::string& command) {
  tmux({"send-keys", "-l", command});
  press({"Enter"});
}

void TerminalSession::press(const std::vector<std::string>& keys) {
  std::vector<std::string> words = {"send-keys"};
  words.insert(words.end(), keys.begin(), keys.end());
  tmux(words);
}

void TerminalSession::resize(int width, int height) {
  tmux({"resize-window", "-x", std::to_string(width), "-y", std::to_string(height)});
}

std::string TerminalSession::shown() const { return tmux({"capture-pane", "-p"}); }

std::string TerminalSession::shown_with_colours() const {
  return tmux({"capture-pane", "-p", "-e"});
}

bool TerminalSession::shows(const std::string& text) const {
  return wait_for([&] { return shown().find(text) != std::string::npos; });
}

std::string TerminalSession::state(const std::string& format) const {
  std::string value = tmux({"display-message", "-p", "#{" + format + "}"});
  return value.substr(0, value.find('\n'));
}

bool TerminalSession::is_left() const {
  return wait_for([&] { return state("alternate_on") == "0"; });
}

}  // namespace seep::test
