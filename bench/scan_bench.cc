// What reading the heap costs: processor time of finding the spans, and of reading all references.
//
//   scan_bench [OBJECTS] [THREADS]     default: 10,000,000 objects of about 100 bytes, 2 threads
//
// Figures are the best of five runs on tests/targets/small_objects.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/clock.h"
#include "goruntime/heap/reference_scanner.h"
#include "goruntime/heap/span_reader.h"
#include "snapshot/object_index.h"
#include "support/runtime_of_process.h"
#include "support/target_process.h"

namespace {

using namespace seep;

constexpr int kRuns = 5;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double cpu_s = 1e9;
  double wall_s = 1e9;
};

template <typename Step>
Result<void> measure(Cost& best, Step&& step) {
  Stopwatch watch;
  double before = cpu_seconds();
  TRY(step());
  best.cpu_s = std::min(best.cpu_s, cpu_seconds() - before);
  best.wall_s = std::min(best.wall_s, watch.elapsed().count() / 1000);
  return {};
}

Result<void> run(const std::string& count, unsigned threads) {
  std::string program = TRY(test::build_target("small_objects", test::go_toolchains().back()));
  test::TargetProcess target = TRY(test::TargetProcess::start(program, {"-count", count}));
  test::RuntimeOfProcess runtime = TRY(test::RuntimeOfProcess::open(target.pid()));
  fmt::print("target: {}\n", target.truth());

  Cost spans_cost, scan_cost;
  goruntime::HeapSpans spans;
  goruntime::ScanCounts counts;
  goruntime::ClaimResolvers resolvers;
  auto none = [](Address) { return snapshot::TypeId{}; };
  resolvers = {none, none, none};
  snapshot::TypeTable types;
  for (int i = 0; i < kRuns; ++i) {
    Diagnostics diagnostics;
    spans = {};
    auto find_spans = [&]() -> Result<void> {
      spans = TRY(
          goruntime::read_spans(*runtime.memory, runtime.layout, runtime.variables, diagnostics));
      return {};
    };
    auto read_references = [&]() -> Result<void> {
      snapshot::ObjectIndex index = TRY(snapshot::ObjectIndex::build(spans.heap.spans));
      goruntime::ScanInput input{
          *runtime.memory, index, runtime.modules, runtime.variables.itab_table, {},
          resolvers,       types, threads};
      counts = TRY(goruntime::scan_references(std::move(input), spans, diagnostics));
      return {};
    };
    TRY(measure(spans_cost, find_spans));
    TRY(measure(scan_cost, read_references));
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("objects {}, references {}, read {:.1f} MiB of {:.1f} MiB in use\n",
             spans.heap.allocated.count(), counts.references,
             static_cast<double>(counts.read_bytes) / 1048576.0,
             static_cast<double>(spans.in_use_bytes) / 1048576.0);
  fmt::print("spans       {:.3f} s cpu  {:.3f} s wall\n", spans_cost.cpu_s, spans_cost.wall_s);
  fmt::print("references  {:.3f} s cpu  {:.3f} s wall\n", scan_cost.cpu_s, scan_cost.wall_s);
  fmt::print("peak        {:.1f} MiB\n", static_cast<double>(usage.ru_maxrss) / 1024.0);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::string count = argc > 1 ? argv[1] : "10000000";
  unsigned threads = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 2;
  Result<void> done = run(count, threads);
  if (!done) fmt::print(stderr, "scan_bench: {}\n", done.error().message);
  return done ? 0 : 1;
}
