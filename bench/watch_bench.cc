// What watching costs: 200 Go processes at 1 Hz, by `seep watch` with a store; and a sample of one
// process by seep against a scrape of its /metrics by Prometheus, which is what people run today.
//
// In the comparison both sides count: the watcher's processor time and what the watched processes
// spend more than at rest. Prometheus is Debian's; what it spends without any target is not counted
// against it. The targets serve /metrics with the standard client library (bench/metrics_endpoint);
// seep watches the same ones.
//
//   watch_bench [SECONDS [PROCESSES]]        60 and 200 by default
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "budget.h"
#include "measured_run.h"
#include "support/command.h"
#include "support/go_module.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep {
namespace {

using test::TargetProcess;

constexpr std::size_t kScraped = 40;
/// Whoever watches has found its targets and made its plans by then.
constexpr int kSettling = 5;

using Targets = std::vector<TargetProcess>;

Targets start_many(const std::string& program, std::size_t count) {
  Targets targets;
  for (std::size_t i = 0; i < count; ++i) {
    Result<TargetProcess> target = TargetProcess::start(program);
    if (!target) {
      std::fprintf(stderr, "%s\n", target.error().message.c_str());
      std::exit(2);
    }
    targets.push_back(std::move(*target));
  }
  return targets;
}

/// Of all threads so far, to the nanosecond.
double processor_seconds(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return 0;
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

double processor_seconds(const Targets& targets) {
  double all = 0;
  for (const TargetProcess& target : targets) all += processor_seconds(target.pid());
  return all;
}

void pass(int seconds) { std::this_thread::sleep_for(std::chrono::seconds(seconds)); }

struct Cost {
  double watcher = 0;  ///< seconds of a processor in a second
  double targets = 0;
};

/// While a watcher runs; without one, of the targets at rest.
Cost cost_of(std::optional<pid_t> watcher, const Targets& targets, int seconds) {
  pass(kSettling);
  double watcher_before = watcher ? processor_seconds(*watcher) : 0;
  double targets_before = processor_seconds(targets);
  pass(seconds);
  Cost cost;
  cost.targets = (processor_seconds(targets) - targets_before) / seconds;
  if (watcher) cost.watcher = (processor_seconds(*watcher) - watcher_before) / seconds;
  return cost;
}

Cost cost_of(const std::vector<std::string>& command, const Targets& targets, int seconds) {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<TargetProcess> watcher = TargetProcess::start(
      command[0], std::vector<std::string>(command.begin() + 1, command.end()), options);
  if (!watcher) std::exit(2);
  Cost cost = cost_of(watcher->pid(), targets, seconds);
  if (!watcher->alive()) {
    std::fprintf(stderr, "%s ended early\n", command[0].c_str());
    std::exit(2);
  }
  return cost;
}

std::vector<std::string> prometheus(const test::TemporaryFolder& folder, const std::string& name,
                                    const Targets& targets) {
  std::string configuration = folder.file(name + ".yml");
  std::ofstream file(configuration);
  file << "global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n"
          "  - job_name: targets\n    static_configs:\n      - targets: [";
  for (std::size_t i = 0; i < targets.size(); ++i)
    file << (i == 0 ? "" : ", ")
         << "'127.0.0.1:" << static_cast<int>(bench::number_in(targets[i].truth(), "port")) << "'";
  file << "]\n";
  return {"/usr/bin/env",
          "prometheus",
          "--config.file=" + configuration,
          "--storage.tsdb.path=" + folder.file(name),
          "--web.listen-address=127.0.0.1:0",
          "--log.level=error"};
}

void watch_many(const std::string& go, std::size_t count, int seconds, bench::Budgets& budgets) {
  test::TemporaryFolder folder;
  std::string built = *test::build_target("block", go);
  // A name that nothing else on the machine has.
  std::string program = folder.file("seep-bench-" + std::to_string(getpid()));
  std::filesystem::copy_file(built, program);
  Targets targets = start_many(program, count);
  Result<bench::MeasuredRun> run = bench::run_measured(
      {test::seep_binary(), "watch", "name:seep-bench-" + std::to_string(getpid()), "--for",
       std::to_string(seconds) + "s", "--store", folder.file("watch.db"), "--json"});
  if (!run || run->status != 0) std::exit(2);
  double rounds = bench::number_in(run->out, "rounds");
  double samples = rounds * static_cast<double>(count);
  std::printf(
      "%zu processes, %d s at 1 Hz, with a store: %.2f s of a processor, %.1f us a sample, "
      "%.1f MiB at most\n",
      count, seconds, run->processor_s, run->processor_s / samples * 1e6,
      static_cast<double>(run->peak_bytes) / (1 << 20));
  budgets.check("watch.processor_share", run->processor_s / run->wall_s);
  budgets.check("watch.peak_mib", static_cast<double>(run->peak_bytes) / (1 << 20));
}

void compare_with_scrapes(const std::string& go, int seconds, bench::Budgets& budgets) {
  Result<std::string> endpoint = test::build_with_module(
      test::source_directory() + "/bench/metrics_endpoint", test::pin_of("metrics-endpoint"), go);
  if (!endpoint || test::run_command({"prometheus", "--version"}).status != 0) {
    std::printf("not compared with scrapes: %s\n",
                endpoint ? "there is no prometheus; apt-get install prometheus"
                         : endpoint.error().message.c_str());
    return;
  }
  test::TemporaryFolder folder;
  Targets none;
  Targets targets = start_many(*endpoint, kScraped);
  Cost rest = cost_of(std::nullopt, targets, seconds / 2);
  Cost idle = cost_of(prometheus(folder, "idle", none), none, seconds / 2);
  Cost scraped = cost_of(prometheus(folder, "scrape", targets), targets, seconds);
  std::string name = endpoint->substr(endpoint->rfind('/') + 1);
  Cost watched = cost_of(
      {test::seep_binary(), "watch", "name:" + name, "--store", folder.file("watch.db"), "--json"},
      targets, seconds);
  double count = static_cast<double>(kScraped);
  auto row = [count](const char* who, double watcher, double target) {
    std::printf("  %-28s %8.1f us a sample = %7.1f its own + %7.1f the target's\n", who,
                (watcher + target) / count * 1e6, watcher / count * 1e6, target / count * 1e6);
    return (watcher + target) / count;
  };
  std::printf("%zu processes, %d s at 1 Hz, of each sample\n", kScraped, seconds);
  double scrape = row("Prometheus scrapes /metrics", std::max(0.0, scraped.watcher - idle.watcher),
                      scraped.targets - rest.targets);
  double sample = row("seep watch", watched.watcher, watched.targets - rest.targets);
  budgets.check("watch.to_scrape", sample / scrape);
}

int run(int seconds, std::size_t count) {
  std::vector<std::string> versions = test::go_toolchains();
  if (versions.empty()) return 2;
  bench::Budgets budgets;
  watch_many(versions.back(), count, seconds, budgets);
  compare_with_scrapes(versions.back(), seconds, budgets);
  return budgets.all_hold() ? 0 : 1;
}

}  // namespace
}  // namespace seep

int main(int count, char** arguments) {
  int seconds = count > 1 ? std::atoi(arguments[1]) : 60;
  int processes = count > 2 ? std::atoi(arguments[2]) : 200;
  return seep::run(std::max(2, seconds), static_cast<std::size_t>(std::max(1, processes)));
}
