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
#include <string>
#include <vector>

#include "budget.h"
#include "heap_target.h"
#include "measured_run.h"
#include "seep_steps.h"

namespace {

using namespace seep;
using namespace seep::bench;

Result<void> measure(test::TargetProcess& target, const std::string& shape, int rounds,
                     Budgets& budgets) {
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
  return run_heap_bench({"analyses_bench", 3, {"linked", "maps"}, measure}, argc, argv);
}
