// The target of the benches that look at whole heaps, tests/targets/bench_heap, and their command
// line:
//
//   NAME [MEBIBYTES [ROUNDS [SHAPE ...]]]
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "budget.h"
#include "support/target_process.h"

namespace seep::bench {

constexpr std::chrono::seconds kFillDeadline{600};

/// Returns when its heap is full.
inline Result<test::TargetProcess> start_bench_heap(const std::string& shape, int mebibytes) {
  std::string program = TRY(test::build_target("bench_heap", test::go_toolchains().back()));
  test::TargetProcess::Options options;
  options.deadline = kFillDeadline;
  return test::TargetProcess::start(program, {shape, std::to_string(mebibytes)}, options);
}

struct HeapBench {
  std::string name;
  int rounds = 5;
  std::vector<std::string> shapes;
  std::function<Result<void>(test::TargetProcess& target, const std::string& shape, int rounds,
                             Budgets& budgets)>
      measure;
};

/// One target after the other. The exit status: 1 if a budget does not hold, 2 if nothing could be
/// measured.
inline int run_heap_bench(const HeapBench& bench, int argc, char** argv) {
  int mebibytes = argc > 1 ? std::atoi(argv[1]) : 1024;
  int rounds = std::max(argc > 2 ? std::atoi(argv[2]) : bench.rounds, 1);
  std::vector<std::string> shapes(argv + std::min(argc, 3), argv + argc);
  if (shapes.empty()) shapes = bench.shapes;
  if (test::go_toolchains().empty()) return 2;
  Budgets budgets;
  for (const std::string& shape : shapes) {
    Result<test::TargetProcess> target = start_bench_heap(shape, mebibytes);
    Result<void> done = target ? bench.measure(*target, shape, rounds, budgets)
                               : Result<void>(std::unexpected(target.error()));
    if (!done) {
      fmt::print(stderr, "{}: {}\n", bench.name, done.error().message);
      return 2;
    }
  }
  return budgets.all_hold() ? 0 : 1;
}

}  // namespace seep::bench
