#include "support/case_pool.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <new>
#include <sstream>
#include <thread>

namespace seep::test {
namespace {

constexpr std::size_t kMostChildren = 16;
constexpr std::size_t kMostFailures = 50;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kSanitized = true;  // its shadow is terabytes of address space
#else
constexpr bool kSanitized = false;
#endif

std::int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// What a child tells its parent, also when it dies.
struct Slot {
  std::atomic<std::uint64_t> seed;
  std::atomic<std::int64_t> began_ns;  ///< of the case; 0: between cases
};

struct Shared {
  std::atomic<std::uint64_t> next;
  std::atomic<std::uint64_t> refused;
  std::array<Slot, kMostChildren> slots;
  // Written by one child at a time.
  std::atomic_flag busy;
  double slowest_s;
  std::uint64_t slowest_seed;
  std::uint64_t largest_bytes;
  std::uint64_t largest_seed;
  std::uint64_t failures;
  struct {
    std::uint64_t seed;
    std::array<char, 500> what;
  } failure[kMostFailures];

  void lock() {
    while (busy.test_and_set()) std::this_thread::yield();
  }
  void unlock() { busy.clear(); }
  void fail(std::uint64_t seed, const std::string& what) {
    if (failures == kMostFailures) return;
    failure[failures].seed = seed;
    what.copy(failure[failures].what.data(), failure[failures].what.size() - 1);
    ++failures;
  }
};

// The highest resident size since the mark was last reset.
std::uint64_t peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6)) * 1024;
  }
  return 0;
}

void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

std::uint64_t address_space_bytes() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * 4096;
}

class Child {
 public:
  Child(Shared& shared, Slot& slot, std::uint64_t end, const CaseBounds& bounds)
      : shared_(shared), slot_(slot), end_(end), bounds_(bounds) {}

  // An exception that nobody caught ends the child here, as it would end seep.
  [[noreturn]] void run(const std::function<CaseOutcome(std::uint64_t)>& run_one) noexcept {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (bounds_.address_bytes != 0 && !kSanitized) {
      rlim_t most = address_space_bytes() + bounds_.address_bytes;
      rlimit limit{most, most};
      setrlimit(RLIMIT_AS, &limit);
    }
    reset_peak();
    std::uint64_t at_first = peak_bytes();
    for (;;) {
      std::uint64_t seed = shared_.next.fetch_add(1);
      if (seed >= end_) _exit(0);
      reset_peak();
      slot_.seed = seed;
      slot_.began_ns = now_ns();
      double at_begin = processor_seconds();
      CaseOutcome outcome = run_one(seed);
      double seconds = processor_seconds() - at_begin;
      slot_.began_ns = 0;
      std::uint64_t peak = peak_bytes();
      note(seed, outcome, seconds, peak > at_first ? peak - at_first : 0);
    }
  }

 private:
  void note(std::uint64_t seed, const CaseOutcome& outcome, double seconds, std::uint64_t bytes) {
    shared_.lock();
    if (outcome.refused) ++shared_.refused;
    if (seconds > shared_.slowest_s) {
      shared_.slowest_s = seconds;
      shared_.slowest_seed = seed;
    }
    if (bytes > shared_.largest_bytes) {
      shared_.largest_bytes = bytes;
      shared_.largest_seed = seed;
    }
    if (!outcome.wrong.empty()) shared_.fail(seed, outcome.wrong);
    if (seconds > static_cast<double>(bounds_.time.count())) {
      shared_.fail(seed, "took " + std::to_string(seconds) + " s");
    }
    if (bytes > bounds_.memory_bytes) {
      shared_.fail(seed, "needed " + std::to_string(bytes >> 20) + " MiB");
    }
    shared_.unlock();
  }

  Shared& shared_;
  Slot& slot_;
  std::uint64_t end_;
  CaseBounds bounds_;
};

std::string death_text(int status) {
  if (WIFSIGNALED(status)) {
    return std::string("died: ") + strsignal(WTERMSIG(status));
  }
  return "ended itself with status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

CaseReport run_cases(std::uint64_t first, std::uint64_t count, unsigned children,
                     const CaseBounds& bounds,
                     const std::function<CaseOutcome(std::uint64_t seed)>& run) {
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return {.failures = {{first, "no memory to share with children"}}};
  Shared& shared = *new (memory) Shared{};
  shared.next = first;
  children = std::clamp<unsigned>(children, 1, kMostChildren);
  std::array<pid_t, kMostChildren> pids{};
  auto start = [&](std::size_t i) {
    shared.slots[i].began_ns = 0;
    std::fflush(nullptr);
    pids[i] = fork();
    if (pids[i] == 0) Child(shared, shared.slots[i], first + count, bounds).run(run);
  };
  for (std::size_t i = 0; i < children; ++i) start(i);

  for (std::size_t running = children; running > 0;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (std::size_t i = 0; i < children; ++i) {
      if (pids[i] <= 0) continue;
      Slot& slot = shared.slots[i];
      std::int64_t began = slot.began_ns;
      bool late = began != 0 && now_ns() - began > bounds.deadline / std::chrono::nanoseconds(1);
      if (late) kill(pids[i], SIGKILL);
      int status = 0;
      if (waitpid(pids[i], &status, late ? 0 : WNOHANG) != pids[i]) continue;
      pids[i] = 0;
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        --running;
        continue;
      }
      // One that died while it told of a case left the lock behind.
      shared.unlock();
      shared.fail(slot.seed,
                  late ? "did not end in " + std::to_string(bounds.deadline.count()) + " s"
                       : death_text(status));
      start(i);
    }
  }

  CaseReport report{.cases = count,
                    .refused = shared.refused,
                    .slowest_s = shared.slowest_s,
                    .slowest_seed = shared.slowest_seed,
                    .largest_bytes = shared.largest_bytes,
                    .largest_seed = shared.largest_seed,
                    .failures = {}};
  for (std::size_t i = 0; i < shared.failures; ++i) {
    report.failures.push_back({shared.failure[i].seed, shared.failure[i].what.data()});
  }
  munmap(memory, sizeof(Shared));
  return report;
}

std::string CaseReport::text() const {
  std::ostringstream out;
  out << cases << " cases: " << cases - std::min(cases, refused) << " answered, " << refused
      << " refused; slowest " << slowest_s << " s (seed " << slowest_seed << "), largest "
      << (largest_bytes >> 20) << " MiB (seed " << largest_seed << "); " << failures.size()
      << " failed";
  for (const CaseFailure& failure : failures) {
    out << "\n  seed " << failure.seed << ": " << failure.what;
  }
  return out.str();
}

}  // namespace seep::test
