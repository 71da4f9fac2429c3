// How long a program stands still: freezing by fork, against copying the same resident memory out
// of the stopped program.
//
// The measure is the target's own: tests/targets/heartbeat holds a heap of the given size and wakes
// every millisecond; the longest gap between two beats is what its users would feel. The copies are
// made into memory of seep's that is there already, once by one thread and once as seep's own stop
// mode does it (all cores).
//
//   freeze_bench [MEBIBYTES [ROUNDS]]        1024 and 5 by default
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "budget.h"
#include "procfs/maps.h"
#include "procfs/process_status.h"
#include "support/target_process.h"
#include "target/freeze.h"
#include "target/live_process.h"
#include "target/saved_copy.h"
#include "target/stopped_threads.h"

namespace seep {
namespace {

using target::Freeze;
using target::FreezeOptions;

double longest_gap(test::TargetProcess& heartbeat) {
  if (!heartbeat.step()) return -1;
  std::size_t colon = heartbeat.truth().find(':');
  return colon == std::string::npos ? -1 : std::strtod(&heartbeat.truth()[colon + 1], nullptr);
}

void freeze_by(snapshot::FreezeMode mode, pid_t pid, double& reported) {
  FreezeOptions options;
  options.mode = mode;
  Result<Freeze> frozen = target::freeze(pid, options);
  if (!frozen || frozen->report().mode != mode) {
    std::fprintf(stderr, "cannot freeze: %s\n",
                 frozen ? frozen->report().fallback_reason.value_or("").c_str()
                        : frozen.error().message.c_str());
    std::exit(1);
  }
  reported = frozen->report().stopped_ms;
}

// One thread, one block after the other, into memory that is written for the second time.
void copy_while_stopped(pid_t pid, std::vector<std::byte>& store, double& reported) {
  Diagnostics diagnostics;
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid, diagnostics);
  Result<target::LiveProcess> live = target::LiveProcess::open(pid);
  if (!mappings || !live) std::exit(1);
  std::uint64_t resident = procfs::read_status(pid)->resident_anonymous.bytes();
  if (store.size() < resident) store.assign(resident, std::byte{1});
  Result<target::StoppedThreads> stopped =
      target::StoppedThreads::stop_all(pid, std::chrono::seconds(2));
  if (!stopped) std::exit(1);
  std::size_t done = 0;
  for (const procfs::Mapping& mapping : *mappings) {
    // The heap is the writable memory that Go names, or the large nameless ones.
    if (!mapping.writable || !mapping.is_anonymous() || mapping.range.size() < (1u << 20)) continue;
    std::size_t size = std::min<std::size_t>(mapping.range.size(), store.size() - done);
    done += live->read_some(mapping.range.begin, std::span(store).subspan(done, size));
  }
  reported = stopped->resume();
}

struct Row {
  const char* name;
  std::vector<double> gaps;
  std::vector<double> reported;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void print(const Row& row) {
  std::printf("%-34s  heartbeat %8.2f ms (%.2f ... %.2f)   reported %8.2f ms\n", row.name,
              median(row.gaps), *std::min_element(row.gaps.begin(), row.gaps.end()),
              *std::max_element(row.gaps.begin(), row.gaps.end()), median(row.reported));
}

int run(int mebibytes, int rounds) {
  std::vector<std::string> versions = test::go_toolchains();
  if (versions.empty()) return 2;
  Result<std::string> program = test::build_target("heartbeat", versions.back());
  if (!program) return 2;
  Result<test::TargetProcess> heartbeat =
      test::TargetProcess::start(*program, {std::to_string(mebibytes)});
  if (!heartbeat) return 2;
  pid_t pid = heartbeat->pid();
  std::vector<std::byte> store;
  Row quiet{"nothing (100 ms)", {}, {}};
  Row fork{"freeze by fork", {}, {}};
  Row copy{"stop and copy, one thread", {}, {}};
  Row stop{"freeze by stop, all cores", {}, {}};
  std::vector<std::pair<Row*, std::function<void(double&)>>> ways = {
      {&quiet,
       [](double& ms) {
         ms = 0;
         std::this_thread::sleep_for(std::chrono::milliseconds(100));
       }},
      {&fork, [&](double& ms) { freeze_by(snapshot::FreezeMode::kFork, pid, ms); }},
      {&copy, [&](double& ms) { copy_while_stopped(pid, store, ms); }},
      {&stop, [&](double& ms) { freeze_by(snapshot::FreezeMode::kStop, pid, ms); }},
  };
  double unused = 0;
  copy_while_stopped(pid, store, unused);
  for (int round = 0; round < rounds; ++round) {
    for (std::pair<Row*, std::function<void(double&)>>& way : ways) {
      longest_gap(*heartbeat);
      double reported = 0;
      way.second(reported);
      way.first->gaps.push_back(longest_gap(*heartbeat));
      way.first->reported.push_back(reported);
    }
  }
  std::uint64_t resident = procfs::read_status(pid)->resident_anonymous.bytes();
  std::printf("resident %s, %d rounds, medians\n", to_text(ByteSize(resident)).c_str(), rounds);
  for (const Row* row : {&quiet, &fork, &copy, &stop}) print(*row);
  bench::Budgets budgets;
  budgets.check("freeze.stop_to_copy", median(fork.gaps) / median(copy.gaps));
  std::printf("  the same to a copy by all cores: %.3f\n", median(fork.gaps) / median(stop.gaps));
  return budgets.all_hold() ? 0 : 1;
}

}  // namespace
}  // namespace seep

int main(int count, char** arguments) {
  int mebibytes = count > 1 ? std::atoi(arguments[1]) : 1024;
  int rounds = count > 2 ? std::atoi(arguments[2]) : 5;
  return seep::run(mebibytes, rounds);
}
