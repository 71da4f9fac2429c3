// What `seep heap` costs, against what the program that it looks at pays for one collection of the
// same heap.
//
//   heap_bench [MEBIBYTES [ROUNDS [SHAPE ...]]]     1024, 5, linked scattered maps
//
// The unit is the target's own: processor time of runtime.GC() while nothing else runs in it
// (tests/targets/bench_heap). In turns with it, so that a busy machine is busy for both:
//   graph   opening, freezing, reading, references, reachability: library calls in a process of
//           their own, which also tells what each step took
//   whole   the program `seep heap PID --json` as people run it, with dominators, types and output;
//           its peak memory is the kernel's figure
// The heartbeat in the target beats while `seep heap` runs.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "budget.h"
#include "heap_target.h"
#include "measured_run.h"
#include "seep_steps.h"
#include "support/command.h"

namespace {

using namespace seep;
using namespace seep::bench;

struct Measured {
  double objects = 0;
  double bytes = 0;
  std::vector<double> collection_s;
  std::vector<double> graph_s;
  std::vector<double> whole_s;
  std::vector<double> whole_wall_s;
  std::vector<double> gap_ms;
  double peak_bytes = 0;
  std::vector<StepCosts> steps;
};

Result<double> ask(test::TargetProcess& target, std::string_view command, std::string_view key) {
  TRY(target.step(command, kFillDeadline));
  return number_in(target.truth(), key);
}

Result<void> measure_round(test::TargetProcess& target, Measured& out) {
  out.collection_s.push_back(TRY(ask(target, "gc", "processor_s")));
  StepCosts steps = TRY(measure_steps(target.pid(), Command::kHeap));
  out.graph_s.push_back(steps.graph_s());
  out.steps.push_back(std::move(steps));

  TRY(target.step("watch"));
  MeasuredRun whole =
      TRY(run_measured({test::seep_binary(), "heap", std::to_string(target.pid()), "--json"}));
  out.gap_ms.push_back(TRY(ask(target, "gap", "longest_gap_ms")));
  if (whole.status != 0) return fail(ErrorKind::kIo, "seep heap ended with an error");
  out.whole_s.push_back(whole.processor_s);
  out.whole_wall_s.push_back(whole.wall_s);
  out.peak_bytes = std::max(out.peak_bytes, static_cast<double>(whole.peak_bytes));
  return {};
}

/// 64 bytes an object, 12 a reference, and 100 MiB.
double allowed_peak(const StepCosts& read) {
  return 64 * read.objects + 12 * read.references + 100.0 * (1 << 20);
}

void print(const std::string& shape, const Measured& measured, Budgets& budgets) {
  double collection = median(measured.collection_s);
  const StepCosts& read = measured.steps.front();
  double allowed = allowed_peak(read);
  auto mebibytes = [](double bytes) { return bytes / (1 << 20); };
  fmt::print("{}: {:.0f} MiB, {:.2f} million objects, {:.2f} million references\n", shape,
             mebibytes(measured.bytes), read.objects / 1e6, read.references / 1e6);
  fmt::print("  forced collection  {:6.3f} s processor time ({:.3f} ... {:.3f})\n", collection,
             *std::min_element(measured.collection_s.begin(), measured.collection_s.end()),
             *std::max_element(measured.collection_s.begin(), measured.collection_s.end()));
  fmt::print("  graph              {:6.3f} s\n", median(measured.graph_s));
  fmt::print("  seep heap          {:6.3f} s, {:.3f} s on the clock\n", median(measured.whole_s),
             median(measured.whole_wall_s));
  fmt::print("  peak memory        {:6.0f} MiB of {:.0f}: {:.1f} bytes an object\n",
             mebibytes(measured.peak_bytes), mebibytes(allowed),
             measured.peak_bytes / read.objects);
  fmt::print("  stood still        {:6.1f} ms by the target's heartbeat\n",
             median(measured.gap_ms));
  budgets.check("heap." + shape + ".graph_to_collection", median(measured.graph_s) / collection);
  budgets.check("heap." + shape + ".whole_to_collection", median(measured.whole_s) / collection);
  budgets.check("heap." + shape + ".peak_to_allowance", measured.peak_bytes / allowed);
  fmt::print("  processor time by step:");
  for (std::size_t i = 0; i < read.steps.size(); ++i) {
    std::vector<double> of_step;
    for (const StepCosts& round : measured.steps) of_step.push_back(round.steps[i].processor_s);
    if (double cost = median(of_step); cost >= 0.0005)
      fmt::print(" {} {:.3f};", read.steps[i].name, cost);
  }
  fmt::print("\n");
  std::fflush(stdout);
}

Result<void> measure(test::TargetProcess& target, const std::string& shape, int rounds,
                     Budgets& budgets) {
  Measured measured;
  measured.objects = number_in(target.truth(), "objects");
  measured.bytes = number_in(target.truth(), "bytes");
  for (int round = 0; round < rounds; ++round) TRY(measure_round(target, measured));
  print(shape, measured, budgets);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  return run_heap_bench({"heap_bench", 5, {"linked", "scattered", "maps"}, measure}, argc, argv);
}
