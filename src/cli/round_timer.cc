#include "cli/round_timer.h"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

namespace seep::cli {
namespace {

constexpr std::array<int, 3> kSignals = {SIGINT, SIGTERM, SIGWINCH};

volatile sig_atomic_t stop_wanted = 0;
volatile sig_atomic_t signal_came = 0;

void note_stop(int) { stop_wanted = 1; }
void note_signal(int) { signal_came = 1; }

/// Nothing is lost between looking at the flags and waiting: signals are let in only while waiting.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : kSignals) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  const sigset_t& before() const { return before_; }

 private:
  sigset_t before_{};
};

}  // namespace

RoundTimer::RoundTimer(int timer) : timer_(timer) {
  stop_wanted = 0;
  signal_came = 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action{};
    bool stops = kSignals[i] != SIGWINCH;
    action.sa_handler = stops ? note_stop : note_signal;
    action.sa_flags = stops ? static_cast<int>(SA_RESTART | SA_RESETHAND) : SA_RESTART;
    sigaction(kSignals[i], &action, &before_[i]);
  }
}

Result<RoundTimer> RoundTimer::make() {
  int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
  if (timer < 0)
    return fail(ErrorKind::kIo, std::string("cannot make a timer: ") + std::strerror(errno));
  return RoundTimer(timer);
}

RoundTimer::RoundTimer(RoundTimer&& other) noexcept : timer_(std::exchange(other.timer_, -1)) {
  std::copy(std::begin(other.before_), std::end(other.before_), before_);
}

RoundTimer::~RoundTimer() {
  if (timer_ < 0) return;
  close(timer_);
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
}

WaitEnd RoundTimer::wait_until(std::int64_t boot_ns, int input) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  itimerspec at{};
  at.it_value.tv_sec = boot_ns / kSecond;
  at.it_value.tv_nsec = boot_ns % kSecond;
  timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
  BlockedSignals blocked;
  while (true) {
    if (stop_wanted != 0) return WaitEnd::kStop;
    if (signal_came != 0) {
      signal_came = 0;
      return WaitEnd::kSignal;
    }
    std::array<pollfd, 2> files = {{{timer_, POLLIN, 0}, {input, POLLIN, 0}}};
    int ready = ppoll(files.data(), files.size(), nullptr, &blocked.before());
    if (ready < 0 && errno != EINTR) return WaitEnd::kStop;
    if (ready <= 0) continue;
    if (files[1].revents != 0) return WaitEnd::kInput;
    if (files[0].revents != 0) return WaitEnd::kTime;
  }
}

}  // namespace seep::cli
