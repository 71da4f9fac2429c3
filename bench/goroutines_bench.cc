// What `seep goroutines` costs on a small process with very many blocked goroutines; beside it the
// debugger that people would use instead.
//
//   goroutines_bench [COUNT [ROUNDS]]     10,000 and 5
//
// The target is tests/targets/bench_heap: 10,000 goroutines blocked in eight ways, in some 30 MB.
// The heartbeat in it tells how long it stood still. The debugger, dlv, is installed once as a Go
// module of a pinned version into the cache folder; where it cannot be had the bench says so and
// goes on. It prints one line a goroutine (goroutines -s), and in a second run every stack
// (goroutines -t), as seep does.
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "budget.h"
#include "measured_run.h"
#include "procfs/process_status.h"
#include "support/command.h"
#include "support/target_process.h"

namespace {

using namespace seep;
using namespace seep::bench;

constexpr const char* kDlvVersion = "1.27.2";
constexpr int kDlvRounds = 3;

struct Row {
  std::string name;
  std::vector<double> processor_s;
  std::vector<double> wall_s;
  std::vector<double> gap_ms;
  std::uint64_t peak_bytes = 0;
};

/// The path of dlv in the cache folder; why not, if it cannot be had.
Result<std::string> dlv() {
  std::string folder = test::cache_directory() + "/tools/dlv-" + kDlvVersion;
  std::string program = folder + "/dlv";
  if (std::filesystem::exists(program)) return program;
  std::string root = test::go_root(test::go_toolchains().back());
  fmt::print(stderr, "goroutines_bench: installing dlv {} (once, into {})\n", kDlvVersion, folder);
  test::CommandOptions options;
  options.environment = {"GOENV=off", "GOTOOLCHAIN=local", "GOROOT=" + root, "GOBIN=" + folder,
                         "GOFLAGS=",  "GO111MODULE=on",    "CGO_ENABLED=0"};
  options.directory = "/tmp";
  test::CommandResult built =
      test::run_command({root + "/bin/go", "install",
                         std::string("github.com/go-delve/delve/cmd/dlv@v") + kDlvVersion},
                        options);
  if (built.status == 0) return program;
  std::string why = built.err.substr(0, built.err.find('\n'));
  return fail(ErrorKind::kNotFound, built.timed_out ? "the download takes too long" : why);
}

Result<MeasuredRun> measure(test::TargetProcess& target, const std::vector<std::string>& arguments,
                            const RunOptions& options, Row& row) {
  TRY(target.step("watch"));
  MeasuredRun run = TRY(run_measured(arguments, options));
  TRY(target.step("gap"));
  if (run.status != 0) return fail(ErrorKind::kIo, row.name + " ended with an error");
  row.processor_s.push_back(run.processor_s);
  row.wall_s.push_back(run.wall_s);
  row.gap_ms.push_back(number_in(target.truth(), "longest_gap_ms"));
  row.peak_bytes = std::max(row.peak_bytes, run.peak_bytes);
  return run;
}

/// The debugger asks on stdin whether it shall kill the process that it leaves.
Result<void> measure_dlv(test::TargetProcess& target, const std::string& program,
                         const std::string& listing, int count, Row& row) {
  RunOptions options;
  options.input = listing + "\nexit\nn\n";
  MeasuredRun run = TRY(measure(
      target,
      {program, "attach", std::to_string(target.pid()), "--allow-non-terminal-interactive=true"},
      options, row));
  std::size_t listed = 0;
  for (std::size_t at = 0; (at = run.out.find("Goroutine ", at)) != std::string::npos; ++at)
    ++listed;
  if (listed < static_cast<std::size_t>(count))
    return fail(ErrorKind::kIo, fmt::format("dlv listed {} goroutines only", listed));
  return {};
}

void print(const Row& row) {
  fmt::print(
      "  {:<22} {:7.3f} s processor time  {:7.3f} s on the clock  {:5.0f} MiB peak   "
      "stood still {:8.1f} ms\n",
      row.name, median(row.processor_s), median(row.wall_s),
      static_cast<double>(row.peak_bytes) / (1 << 20), median(row.gap_ms));
}

Result<void> run(int count, int rounds, Budgets& budgets) {
  std::string program = TRY(test::build_target("bench_heap", test::go_toolchains().back()));
  test::TargetProcess target =
      TRY(test::TargetProcess::start(program, {"goroutines", std::to_string(count)}));
  Result<std::string> debugger = dlv();
  Row seep{"seep goroutines --json", {}, {}, {}};
  Row leaked{"seep goroutines --leaked", {}, {}, {}};
  std::vector<Row> debuggers = {{"dlv, goroutines -s", {}, {}, {}},
                                {"dlv, goroutines -t", {}, {}, {}}};
  std::string pid = std::to_string(target.pid());
  std::string listed;
  for (int round = 0; round < rounds; ++round) {
    listed = TRY(measure(target, {test::seep_binary(), "goroutines", pid, "--json"}, {}, seep)).out;
    TRY(measure(target, {test::seep_binary(), "goroutines", pid, "--leaked"}, {}, leaked));
    if (!debugger || round >= kDlvRounds) continue;
    TRY(measure_dlv(target, *debugger, "goroutines -s", count, debuggers[0]));
    TRY(measure_dlv(target, *debugger, "goroutines -t", count, debuggers[1]));
  }
  ByteSize resident = TRY(procfs::read_status(target.pid())).resident;
  fmt::print("{} blocked goroutines in {}; seep's report has {} bytes\n", count, to_text(resident),
             listed.size());
  print(seep);
  print(leaked);
  if (debugger) {
    for (const Row& row : debuggers) print(row);
    fmt::print("  dlv -s / seep: {:.1f} times the processor time, {:.0f} times the standstill\n",
               median(debuggers[0].processor_s) / median(seep.processor_s),
               median(debuggers[0].gap_ms) / median(seep.gap_ms));
  } else {
    fmt::print("  dlv {} not measured: {}\n", kDlvVersion, debugger.error().message);
  }
  budgets.check("goroutines.processor_s", median(seep.processor_s));
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  int count = argc > 1 ? std::atoi(argv[1]) : 10'000;
  int rounds = argc > 2 ? std::atoi(argv[2]) : 5;
  if (seep::test::go_toolchains().empty()) return 2;
  Budgets budgets;
  Result<void> done = run(count, std::max(rounds, 1), budgets);
  if (!done) fmt::print(stderr, "goroutines_bench: {}\n", done.error().message);
  return !done ? 2 : budgets.all_hold() ? 0 : 1;
}
