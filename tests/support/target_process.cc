#include "support/target_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace seep::test {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

int milliseconds_until(SteadyTime deadline) {
  std::chrono::milliseconds left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return left.count() < 0 ? 0 : static_cast<int>(left.count());
}

std::unexpected<Error> failed(const char* what) {
  return fail(ErrorKind::kIo, std::string(what) + ": " + std::strerror(errno));
}

[[noreturn]] void run_child(const std::string& program, const std::vector<std::string>& arguments,
                            const std::vector<std::string>& environment, int input, int output) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  for (const std::string& setting : environment) {
    std::size_t equals = setting.find('=');
    setenv(setting.substr(0, equals).c_str(), setting.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> words;
  words.push_back(const_cast<char*>(program.c_str()));
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  execv(program.c_str(), words.data());
  _exit(127);
}

}  // namespace

Result<TargetProcess> TargetProcess::start(const std::string& program,
                                           const std::vector<std::string>& arguments,
                                           Options options) {
  // A target that has ended must not end the test: writes to its stdin return EPIPE instead.
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  if (pipe2(input.data(), O_CLOEXEC) != 0) return failed("pipe");
  if (pipe2(output.data(), O_CLOEXEC) != 0) {
    int error = errno;
    close(input[0]);
    close(input[1]);
    errno = error;
    return failed("pipe");
  }
  pid_t child = fork();
  if (child == 0) run_child(program, arguments, options.environment, input[0], output[1]);
  close(input[0]);
  close(output[1]);
  TargetProcess target;
  target.pid_ = child;
  target.input_ = input[1];
  target.output_ = output[0];
  if (child < 0) return failed("fork");
  if (options.wait_until_ready) {
    if (Result<void> ready = target.wait_ready(options.deadline); !ready) {
      return std::unexpected(std::move(ready).error().in_context(program));
    }
  }
  return target;
}

TargetProcess::TargetProcess(TargetProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      input_(std::exchange(other.input_, -1)),
      output_(std::exchange(other.output_, -1)),
      pending_(std::move(other.pending_)),
      truth_(std::move(other.truth_)) {}

TargetProcess& TargetProcess::operator=(TargetProcess&& other) noexcept {
  if (this != &other) {
    stop();
    pid_ = std::exchange(other.pid_, -1);
    input_ = std::exchange(other.input_, -1);
    output_ = std::exchange(other.output_, -1);
    pending_ = std::move(other.pending_);
    truth_ = std::move(other.truth_);
  }
  return *this;
}

TargetProcess::~TargetProcess() { stop(); }

void TargetProcess::stop() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }
  close_stdin();
  if (output_ >= 0) close(std::exchange(output_, -1));
}

void TargetProcess::close_stdin() {
  if (input_ >= 0) close(std::exchange(input_, -1));
}

Result<void> TargetProcess::tell(std::string_view command) {
  std::string line = std::string(command) + "\n";
  ssize_t written = write(input_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) return failed("writing to the target");
  return {};
}

Result<std::string> TargetProcess::read_line(std::chrono::seconds deadline) {
  SteadyTime until = std::chrono::steady_clock::now() + deadline;
  std::array<char, 65536> buffer;
  std::size_t searched = 0;
  for (;;) {
    std::size_t end = pending_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = pending_.substr(0, end);
      pending_.erase(0, end + 1);
      return line;
    }
    searched = pending_.size();
    pollfd file{output_, POLLIN, 0};
    int ready = poll(&file, 1, milliseconds_until(until));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0)
      return fail(ErrorKind::kCancelled, "the target said nothing until the deadline");
    ssize_t count = ready < 0 ? -1 : read(output_, buffer.data(), buffer.size());
    if (count < 0) return failed("reading from the target");
    if (count == 0) return fail(ErrorKind::kTargetGone, "the target closed its output");
    pending_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<void> TargetProcess::wait_ready(std::chrono::seconds deadline) {
  SteadyTime until = std::chrono::steady_clock::now() + deadline;
  std::string said;
  for (;;) {
    std::chrono::seconds left(milliseconds_until(until) / 1000 + 1);
    Result<std::string> line = read_line(left);
    if (!line) return std::unexpected(std::move(line).error().in_context("waiting for READY"));
    if (*line == "READY") break;
    if (!said.empty()) said += '\n';
    said += *line;
  }
  truth_ = std::move(said);
  return {};
}

Result<void> TargetProcess::step(std::string_view command, std::chrono::seconds deadline) {
  if (Result<void> told = tell(command); !told) return told;
  return wait_ready(deadline);
}

Result<int> TargetProcess::wait_exit(std::chrono::seconds deadline) {
  SteadyTime until = std::chrono::steady_clock::now() + deadline;
  for (;;) {
    int status = 0;
    pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      pid_ = -1;
      return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    if (ended < 0 && errno != EINTR) return failed("waiting for the target");
    if (milliseconds_until(until) == 0) {
      return fail(ErrorKind::kCancelled, "the target runs on after the deadline");
    }
    poll(nullptr, 0, 5);
  }
}

bool TargetProcess::alive() const {
  if (pid_ <= 0) return false;
  siginfo_t info{};
  int done = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return done == 0 && info.si_pid == 0;
}

}  // namespace seep::test
