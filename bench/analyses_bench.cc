// What all analyses of `seep diagnose` cost together, against taking the snapshot that they look
// at.
//
//   analyses_bench [MEBIBYTES [ROUNDS [SHAPE ...]]]     1024, 3, linked maps
//
// A GiB of bench_heap is ten million objects. Processor time, both from one process and one run:
// the snapshot is all steps up to it; the analyses are the step after the dominators, with the
// extents of objects, the ranking and the verdict.
#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "budget.h"
#include "measured_run.h"
#include "seep_steps.h"
#include "support/target_process.h"

namespace {

using namespace seep;
using namespace seep::bench;

constexpr std::chrono::seconds kFillDeadline{600};

Result<void> run(const std::string& shape, int mebibytes, int rounds, Budgets& budgets) {
  std::string program = TRY(test::build_target("bench_heap", test::go_toolchains().back()));
  test::TargetProcess::Options options;
  options.deadline = kFillDeadline;
  test::TargetProcess target =
      TRY(test::TargetProcess::start(program, {shape, std::to_string(mebibytes)}, options));
  std::vector<double> snapshot_s, analyses_s, ratios;
  double objects = 0;
  for (int round = 0; round < rounds; ++round) {
    StepCosts costs = TRY(measure_steps(target.pid(), Command::kDiagnose));
    objects = costs.objects;
    snapshot_s.push_back(costs.snapshot_s());
    analyses_s.push_back(costs.step_s(pipeline::to_text(pipeline::Step::kAnalyze)));
    ratios.push_back(analyses_s.back() / snapshot_s.back());
  }
  fmt::print("{}: {:.2f} million objects\n", shape, objects / 1e6);
  fmt::print("  snapshot  {:6.3f} s processor time\n", median(snapshot_s));
  fmt::print("  analyses  {:6.3f} s\n", median(analyses_s));
  budgets.check("analyses." + shape + ".to_snapshot", median(ratios));
  std::fflush(stdout);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  int mebibytes = argc > 1 ? std::atoi(argv[1]) : 1024;
  int rounds = argc > 2 ? std::atoi(argv[2]) : 3;
  std::vector<std::string> shapes(argv + std::min(argc, 3), argv + argc);
  if (shapes.empty()) shapes = {"linked", "maps"};
  if (seep::test::go_toolchains().empty()) return 2;
  Budgets budgets;
  for (const std::string& shape : shapes) {
    Result<void> done = run(shape, mebibytes, std::max(rounds, 1), budgets);
    if (!done) {
      fmt::print(stderr, "analyses_bench: {}\n", done.error().message);
      return 2;
    }
  }
  return budgets.all_hold() ? 0 : 1;
}
