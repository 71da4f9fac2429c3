// A machine for tests of the sampler: processes start, end and change as the test says, and its
// clocks show what the test sets.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "monitor/process_source.h"
#include "monitor/sampler.h"

namespace seep::monitor {

inline constexpr std::int64_t kTestSecond = 1'000'000'000;

struct MadeUpProcess {
  std::uint64_t start_ticks = 0;
  std::string program = "gateway";
  std::string container;
  bool wanted = true;
  SampledProcess::State state = SampledProcess::State::kRunning;
  std::function<void(ProcessSample&)> fill = [](ProcessSample& sample) {
    sample[Figure::kRss] = 100 << 20;
  };
};

class MadeUpMachine final : public ProcessSource {
 public:
  std::map<pid_t, MadeUpProcess> processes;
  Instant now{1000 * kTestSecond, 1'800'000'000 * kTestSecond};
  int examined = 0;

  /// Both clocks go on.
  void pass(double seconds) {
    now.boot_ns += static_cast<std::int64_t>(seconds * kTestSecond);
    now.wall_ns += static_cast<std::int64_t>(seconds * kTestSecond);
  }

  MadeUpProcess& start(pid_t pid, const std::string& program = "gateway") {
    MadeUpProcess process;
    process.start_ticks = static_cast<std::uint64_t>(now.boot_ns / (kTestSecond / 100));
    process.program = program;
    return processes[pid] = process;
  }

  Result<std::vector<pid_t>> list(const std::set<std::string>&) override {
    std::vector<pid_t> pids;
    for (const auto& [pid, process] : processes) pids.push_back(pid);
    return pids;
  }

  std::optional<FoundProcess> examine(pid_t pid, const std::set<std::string>&) override {
    ++examined;
    const MadeUpProcess& process = processes.at(pid);
    if (!process.wanted) return std::nullopt;
    FoundProcess found;
    found.identity = {static_cast<std::uint32_t>(pid), process.start_ticks, "this-boot"};
    found.program = process.program;
    found.executable = "/usr/bin/" + process.program;
    found.go_version = "go1.27.4";
    found.container = process.container;
    found.series_key = series_key(found.executable, found.container);
    found.started_ns = static_cast<std::int64_t>(process.start_ticks) * (kTestSecond / 100);
    found.process = std::make_unique<Held>(*this, pid, process.start_ticks);
    return found;
  }

 private:
  class Held final : public SampledProcess {
   public:
    Held(MadeUpMachine& machine, pid_t pid, std::uint64_t start_ticks)
        : machine_(machine), pid_(pid), start_ticks_(start_ticks) {}

    State read(ProcessSample& sample) override {
      auto found = machine_.processes.find(pid_);
      bool same = found != machine_.processes.end() && found->second.start_ticks == start_ticks_;
      if (!same) return State::kEnded;
      found->second.fill(sample);
      return std::exchange(found->second.state, State::kRunning);
    }

   private:
    MadeUpMachine& machine_;
    pid_t pid_;
    std::uint64_t start_ticks_;
  };
};

}  // namespace seep::monitor
