#include "target/freeze.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sys/epoll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <vector>

#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/child_process_test.h"
#include "target/zombies.h"

namespace seep::target {
namespace {

using snapshot::FreezeMode;

struct Pair {
  volatile std::int64_t first = 0;
  volatile std::int64_t second = 0;
};
Pair pair;  // private memory of the child, at the same address in the test

void count_in_step(SharedPage& shared) {
  shared.ready = 1;
  for (;;) {
    pair.first = pair.first + 1;
    pair.second = pair.second + 1;
    shared.count = pair.second;
  }
}

Address address_of(const volatile void* place) {
  return Address(reinterpret_cast<std::uint64_t>(place));
}

class FreezeByMode : public testing::TestWithParam<FreezeMode> {
 protected:
  FreezeOptions options() const {
    FreezeOptions options;
    options.mode = GetParam();
    return options;
  }
};
INSTANTIATE_TEST_SUITE_P(Mode, FreezeByMode, testing::Values(FreezeMode::kFork, FreezeMode::kStop),
                         [](const testing::TestParamInfo<FreezeMode>& mode) {
                           return mode.param == FreezeMode::kFork ? "fork" : "stop";
                         });

TEST_P(FreezeByMode, image_stands_still_while_the_program_goes_on) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  for (int round = 0; round < 20; ++round) {
    Result<Freeze> frozen = freeze(child.pid(), options());
    ASSERT_TRUE(frozen) << frozen.error().message;
    EXPECT_EQ(frozen->report().mode, GetParam());
    EXPECT_FALSE(frozen->report().fallback_reason) << *frozen->report().fallback_reason;
    std::int64_t before = *frozen->memory().read_value<std::int64_t>(address_of(&pair.second));
    std::int64_t live = child.shared().count;
    ASSERT_TRUE(wait_until([&] { return child.shared().count > live + 1000; }));
    std::int64_t first = *frozen->memory().read_value<std::int64_t>(address_of(&pair.first));
    std::int64_t second = *frozen->memory().read_value<std::int64_t>(address_of(&pair.second));
    EXPECT_EQ(second, before);
    // The program may have been stopped between counting and telling, and not have gone on yet.
    EXPECT_LE(second, live + 1);
    EXPECT_TRUE(first == second || first == second + 1);
  }
  EXPECT_TRUE(child.running());
}

TEST_P(FreezeByMode, reads_text_and_untouched_memory_and_stops_at_holes) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  Result<Freeze> frozen = freeze(child.pid(), options());
  ASSERT_TRUE(frozen) << frozen.error().message;
  std::byte text[64];
  ASSERT_TRUE(
      frozen->memory().read(address_of(reinterpret_cast<const void*>(&count_in_step)), text));
  EXPECT_EQ(std::memcmp(text, reinterpret_cast<const void*>(&count_in_step), sizeof text), 0);
  EXPECT_EQ(frozen->memory().read_some(Address(8), text), 0u);
}

TEST_P(FreezeByMode, leaves_no_child_behind) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  for (int round = 0; round < 10; ++round) ASSERT_TRUE(freeze(child.pid(), options()));
  EXPECT_TRUE(find_copy_zombies(child.pid()).empty());
  Result<procfs::ProcessStatus> status = procfs::read_status(child.pid());
  EXPECT_EQ(status->tracer, 0);
}

TEST_P(FreezeByMode, tries_again_until_the_instant_is_good) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  FreezeOptions asked = options();
  int calls = 0;
  asked.is_good_instant = [&](const MemoryReader&, std::span<const ThreadRegisters> threads) {
    EXPECT_EQ(threads.size(), 1u);
    EXPECT_NE(threads[0].rsp, 0u);
    return ++calls == 3;
  };
  Result<Freeze> frozen = freeze(child.pid(), asked);
  ASSERT_TRUE(frozen) << frozen.error().message;
  EXPECT_EQ(frozen->report().attempts, 3u);
  EXPECT_TRUE(frozen->good_instant());
  EXPECT_GE(frozen->report().total_stopped_ms, frozen->report().stopped_ms);
}

// Registers that the compiler does not know of keep their values, as the loop calls nothing.
void spin_with_vector_registers(SharedPage& shared) {
  std::uint64_t low = 0x1111, high = 0x2222;
  shared.ready = 1;
  asm volatile("movq %0, %%xmm9\n movq %1, %%xmm10\n punpcklqdq %%xmm10, %%xmm9\n 1: pause\n jmp 1b"
               :
               : "r"(low), "r"(high)
               : "xmm9", "xmm10");
}

TEST_P(FreezeByMode, has_the_vector_registers_of_threads_that_run) {
  ChildProcess child(spin_with_vector_registers);
  ASSERT_TRUE(child.wait_ready());
  auto has_them = [&] {
    Result<Freeze> frozen = freeze(child.pid(), options());
    if (!frozen || frozen->threads().size() != 1 || !frozen->threads()[0].vector) return false;
    const VectorRegisters& vector = *frozen->threads()[0].vector;
    return vector[2 * 9] == 0x1111 && vector[2 * 9 + 1] == 0x2222;
  };
  EXPECT_TRUE(wait_until(has_them));
}

TEST_P(FreezeByMode, goes_on_and_says_so_when_no_instant_is_good) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  FreezeOptions asked = options();
  asked.max_attempts = 4;
  asked.is_good_instant = [](const MemoryReader&, std::span<const ThreadRegisters>) {
    return false;
  };
  Result<Freeze> frozen = freeze(child.pid(), asked);
  ASSERT_TRUE(frozen) << frozen.error().message;
  EXPECT_EQ(frozen->report().attempts, 4u);
  EXPECT_FALSE(frozen->good_instant());
}

TEST_P(FreezeByMode, can_be_read_from_several_threads) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  Result<Freeze> frozen = freeze(child.pid(), options());
  ASSERT_TRUE(frozen) << frozen.error().message;
  std::atomic<int> bad{0};
  std::int64_t value = *frozen->memory().read_value<std::int64_t>(address_of(&pair.second));
  std::vector<std::jthread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) {
        if (frozen->memory().read_value<std::int64_t>(address_of(&pair.second)) != value) ++bad;
      }
    });
  }
  readers.clear();
  EXPECT_EQ(bad, 0);
}

// Freezes again and again while the child runs a body that ends by itself, and gives its outcome.
std::int64_t freeze_until_end(ChildProcess& child, const FreezeOptions& options) {
  EXPECT_TRUE(child.wait_ready());
  int freezes = 0;
  while (child.running()) {
    Result<Freeze> frozen = freeze(child.pid(), options);
    if (frozen) ++freezes;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_GT(freezes, 0);
  child.wait_end();
  return child.shared().outcome;
}

double seconds_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

TEST_P(FreezeByMode, a_sleep_in_the_kernel_lasts_as_long_as_asked) {
  ChildProcess child([](SharedPage& shared) {
    shared.ready = 1;
    double start = seconds_now();
    timespec wait{0, 400'000'000};
    long result = syscall(SYS_nanosleep, &wait, nullptr);
    double took = seconds_now() - start;
    end_with(shared, result == 0 && took >= 0.4 && took < 2);
  });
  EXPECT_EQ(freeze_until_end(child, options()), kRight);
}

TEST_P(FreezeByMode, a_futex_wait_goes_on_waiting) {
  for (bool timed : {false, true}) {
    ChildProcess child([timed](SharedPage& shared) {
      int* word = reinterpret_cast<int*>(&shared.value);
      alarm(20);
      if (!timed) {
        pid_t waker = fork();
        if (waker == 0) {
          usleep(400'000);
          shared.value = 1;  // a wake that comes while the thread is stopped is seen by this
          syscall(SYS_futex, word, FUTEX_WAKE, 1, nullptr, nullptr, 0);
          _exit(0);
        }
      }
      shared.ready = 1;
      timespec wait{0, 400'000'000};
      double start = seconds_now();
      long result = syscall(SYS_futex, word, FUTEX_WAIT, 0, timed ? &wait : nullptr, nullptr, 0);
      bool right = timed ? result == -1 && errno == ETIMEDOUT
                         : shared.value == 1 && (result == 0 || errno == EAGAIN);
      end_with(shared, right && seconds_now() - start >= 0.38);
    });
    EXPECT_EQ(freeze_until_end(child, options()), kRight)
        << (timed ? "with" : "without") << " timeout";
  }
}

TEST_P(FreezeByMode, a_read_goes_on_waiting) {
  ChildProcess child([](SharedPage& shared) {
    int ends[2];
    if (pipe(ends) != 0) end_with(shared, false);
    if (fork() == 0) {
      usleep(400'000);
      [[maybe_unused]] ssize_t done = write(ends[1], "x", 1);
      _exit(0);
    }
    shared.ready = 1;
    char byte = 0;
    end_with(shared, syscall(SYS_read, ends[0], &byte, 1) == 1 && byte == 'x');
  });
  EXPECT_EQ(freeze_until_end(child, options()), kRight);
}

// The kernel itself ends epoll_wait with EINTR whenever a tracer stops it (signal(7)); nothing else
// may come of it.
TEST_P(FreezeByMode, an_epoll_wait_ends_with_its_event_or_eintr) {
  ChildProcess child([](SharedPage& shared) {
    int ends[2];
    if (pipe(ends) != 0) end_with(shared, false);
    int poller = epoll_create1(0);
    epoll_event event{};
    event.events = EPOLLIN;
    epoll_ctl(poller, EPOLL_CTL_ADD, ends[0], &event);
    if (fork() == 0) {
      usleep(400'000);
      [[maybe_unused]] ssize_t done = write(ends[1], "x", 1);
      _exit(0);
    }
    shared.ready = 1;
    long result = 0;
    do {
      result = syscall(SYS_epoll_wait, poller, &event, 1, -1);
    } while (result == -1 && errno == EINTR);
    end_with(shared, result == 1 && event.events == EPOLLIN);
  });
  EXPECT_EQ(freeze_until_end(child, options()), kRight);
}

std::atomic<std::int64_t>* received = nullptr;
void count_signal(int) { ++*received; }

TEST_P(FreezeByMode, no_signal_is_lost_and_none_comes_twice) {
  ChildProcess child([](SharedPage& shared) {
    received = &shared.count;
    struct sigaction action{};
    action.sa_handler = count_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGRTMIN, &action, nullptr);
    shared.ready = 1;
    while (shared.stop == 0) shared.value = shared.value + 1;
  });
  ASSERT_TRUE(child.wait_ready());
  std::atomic<int> sent{0};
  std::jthread sender([&](std::stop_token stop) {
    while (!stop.stop_requested()) {
      if (sigqueue(child.pid(), SIGRTMIN, sigval{}) == 0) ++sent;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  int freezes = 0;
  for (int round = 0; round < 100; ++round) freezes += freeze(child.pid(), options()) ? 1 : 0;
  sender.request_stop();
  sender.join();
  EXPECT_GT(freezes, 50);
  EXPECT_TRUE(wait_until([&] { return child.shared().count >= sent; }));
  EXPECT_EQ(child.shared().count, sent);
}

TEST_P(FreezeByMode, a_program_that_is_killed_meanwhile_ends) {
  int gone = 0;
  for (int round = 0; round < 40; ++round) {
    ChildProcess child(count_in_step);
    ASSERT_TRUE(child.wait_ready());
    pid_t pid = child.pid();
    std::jthread killer([pid, round] {
      std::this_thread::sleep_for(std::chrono::microseconds(30 * round));
      kill(pid, SIGKILL);
    });
    Result<Freeze> frozen = freeze(pid, options());
    if (!frozen) {
      ++gone;
      EXPECT_TRUE(frozen.error().kind == ErrorKind::kTargetGone ||
                  frozen.error().kind == ErrorKind::kNotFound ||
                  frozen.error().kind == ErrorKind::kUnsupported)
          << frozen.error().message;
    }
    killer.join();
    // The test is its parent and its tracer at once, so whichever waits first takes it away.
    EXPECT_TRUE(wait_until([&] { return !child.running(); }));
  }
  EXPECT_GT(gone, 0);
}

TEST_P(FreezeByMode, a_stopped_program_stays_stopped) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  kill(child.pid(), SIGSTOP);
  auto state = [&] { return procfs::read_stat(child.pid())->state; };
  ASSERT_TRUE(wait_until([&] { return state() == 'T'; }));
  {
    Result<Freeze> frozen = freeze(child.pid(), options());
    ASSERT_TRUE(frozen) << frozen.error().message;
    EXPECT_EQ(*frozen->memory().read_value<std::int64_t>(address_of(&pair.second)),
              child.shared().count);
  }
  EXPECT_TRUE(wait_until([&] { return state() == 'T'; }));
  std::int64_t count = child.shared().count;
  kill(child.pid(), SIGCONT);
  EXPECT_TRUE(wait_until([&] { return child.shared().count > count; }));
}

TEST(Freeze, does_not_disturb_a_second_tracer) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  ChildProcess tracer([pid = child.pid()](SharedPage& shared) {
    shared.value = ptrace(PTRACE_SEIZE, pid, nullptr, nullptr);
    shared.ready = 1;
    for (;;) pause();
  });
  ASSERT_TRUE(tracer.wait_ready());
  ASSERT_EQ(tracer.shared().value, 0);
  Result<Freeze> frozen = freeze(child.pid(), {});
  ASSERT_FALSE(frozen);
  EXPECT_EQ(frozen.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_NE(
      frozen.error().message.find("already traced by process " + std::to_string(tracer.pid())),
      std::string::npos)
      << frozen.error().message;
}

void refuse_clone(std::uint32_t verdict) {
  sock_filter filter[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_clone},
      {BPF_RET | BPF_K, 0, 0, verdict},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  sock_fprog program{4, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

TEST(Freeze, stops_instead_where_a_sandbox_forbids_forking) {
  for (std::uint32_t verdict : {SECCOMP_RET_ERRNO | 1u, SECCOMP_RET_KILL_PROCESS}) {
    ChildProcess child([verdict](SharedPage& shared) {
      refuse_clone(verdict);
      count_in_step(shared);
    });
    ASSERT_TRUE(child.wait_ready());
    Result<Freeze> frozen = freeze(child.pid(), {});
    ASSERT_TRUE(frozen) << frozen.error().message;
    EXPECT_EQ(frozen->report().mode, FreezeMode::kStop);
    ASSERT_TRUE(frozen->report().fallback_reason);
    EXPECT_NE(frozen->report().fallback_reason->find("seccomp"), std::string::npos);
    EXPECT_TRUE(child.running());
  }
}

TEST(Freeze, forks_under_a_sandbox_that_lets_it) {
  ChildProcess child([](SharedPage& shared) {
    refuse_clone(SECCOMP_RET_ALLOW);
    count_in_step(shared);
  });
  ASSERT_TRUE(child.wait_ready());
  Result<Freeze> frozen = freeze(child.pid(), {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  EXPECT_EQ(frozen->report().mode, FreezeMode::kFork);
}

TEST(Freeze, the_copy_is_the_first_to_go_in_a_shortage_of_memory) {
  ChildProcess child(count_in_step);
  ASSERT_TRUE(child.wait_ready());
  Result<Freeze> frozen = freeze(child.pid(), {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  Result<std::string> children = procfs::read_proc_file(
      procfs::proc_path(child.pid(), "task") + "/" + std::to_string(child.pid()) + "/children");
  ASSERT_TRUE(children);
  pid_t copy = std::stoi(*children);
  EXPECT_EQ(*procfs::read_proc_file(procfs::proc_path(copy, "oom_score_adj")), "1000\n");
  EXPECT_EQ(procfs::read_stat(copy)->state, 't');
  frozen->release();
  EXPECT_FALSE(procfs::read_stat(copy));
}

TEST(Freeze, what_the_program_closes_meanwhile_is_closed) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ChildProcess child([&](SharedPage& shared) {
    close(ends[0]);
    shared.ready = 1;
    while (shared.stop == 0) usleep(1000);
    close(ends[1]);
    shared.count = 1;
    for (;;) pause();
  });
  close(ends[1]);
  ASSERT_TRUE(child.wait_ready());
  Result<Freeze> frozen = freeze(child.pid(), {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  child.shared().stop = 1;
  ASSERT_TRUE(wait_until([&] { return child.shared().count == 1; }));
  char byte = 0;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "the copy holds the other end of the pipe open";
  close(ends[0]);
}

}  // namespace
}  // namespace seep::target
