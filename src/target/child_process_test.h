// Small programs to freeze: a function that runs in a forked child and shares one page with the
// test.
#pragma once

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <functional>
#include <thread>

namespace seep::target {

struct SharedPage {
  std::atomic<std::int64_t> ready;
  std::atomic<std::int64_t> count;
  std::atomic<std::int64_t> errors;
  std::atomic<std::int64_t> value;
  std::atomic<std::int64_t> stop;
  std::atomic<std::int64_t> outcome;  ///< see end_with
};

inline constexpr std::int64_t kRight = 1, kWrong = 2;

/// Ends the child. Its exit status may be told to whoever freezes it at that instant, and to nobody
/// else (wait(2) under ptrace), so the outcome stands in the page too.
[[noreturn]] inline void end_with(SharedPage& shared, bool right) {
  shared.outcome = right ? kRight : kWrong;
  _exit(right ? 0 : 1);
}

/// Waits for a condition; false if it does not come.
inline bool wait_until(const std::function<bool()>& condition,
                       std::chrono::seconds patience = std::chrono::seconds(30)) {
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// Killed and waited for when it goes out of scope.
class ChildProcess {
 public:
  explicit ChildProcess(const std::function<void(SharedPage&)>& body) {
    void* page = mmap(nullptr, sizeof(SharedPage), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared_ = new (page) SharedPage{};
    pid_ = fork();
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    body(*shared_);
    _exit(0);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess() {
    if (!ended_) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    munmap(shared_, sizeof(SharedPage));
  }

  pid_t pid() const { return pid_; }
  SharedPage& shared() const { return *shared_; }
  bool wait_ready() const {
    return wait_until([this] { return shared_->ready != 0; });
  }
  /// The wait status once it has ended by itself.
  int wait_end() {
    int status = -1;
    waitpid(pid_, &status, 0);
    ended_ = true;
    return status;
  }
  bool running() const {
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0;
  }

 private:
  pid_t pid_ = -1;
  SharedPage* shared_ = nullptr;
  bool ended_ = false;
};

}  // namespace seep::target
