// What the graph costs: processor time and memory for ten million objects with two references each.
//
//   graph_bench [OBJECTS]     (default 10,000,000)
//
//   random      every reference leads to a random object: no cache line is used twice
//   list        one doubly linked list in random order: a path as deep as there are objects
//   allocated   a binary tree level by level, each leaf also referring to itself and to its
//               neighbour: near things lie near each other, as in most heaps
//
// Figures: docs/performance.md.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <string>

#include "graph/dominator_tree.h"
#include "graph/reachability.h"

namespace {

using seep::graph::DominatorTree;
using seep::graph::ObjectGraph;
using seep::graph::Reachability;
using seep::snapshot::ObjectId;
using seep::snapshot::Snapshot;
using seep::snapshot::Span;

constexpr std::uint32_t kSlotBytes = 96;
constexpr std::uint32_t kSlotsPerSpan = 8192 / kSlotBytes;

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double peak_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

Snapshot empty_heap(std::uint32_t objects) {
  Snapshot snapshot;
  seep::snapshot::Heap& heap = snapshot.heap;
  heap.slot_count = objects;
  heap.allocated = seep::Bitmap(std::size_t{objects} + 1);
  heap.dead_unswept = seep::Bitmap(std::size_t{objects} + 1);
  heap.claims.resize(std::size_t{objects} + 1);
  for (std::uint32_t first = 1; first <= objects; first += kSlotsPerSpan) {
    Span span;
    span.start = seep::Address(0xc000000000 + std::uint64_t{first / kSlotsPerSpan} * 8192);
    span.bytes = 8192;
    span.slot_bytes = kSlotBytes;
    span.slot_count = std::min(kSlotsPerSpan, objects - first + 1);
    span.first = ObjectId{first};
    heap.spans.push_back(span);
  }
  for (std::uint32_t i = 1; i <= objects; ++i) heap.allocated.set(i);
  heap.references.first.resize(std::size_t{objects} + 2);
  for (std::uint32_t i = 1; i <= objects + 1; ++i) heap.references.first[i] = 2 * (i - 1);
  heap.references.targets.resize(2 * std::size_t{objects});
  heap.references.steps.assign(2 * std::size_t{objects}, 1);
  return snapshot;
}

void add_roots(Snapshot& snapshot, std::uint32_t roots, std::mt19937_64& random) {
  for (std::uint32_t i = 0; i < roots; ++i) {
    seep::snapshot::GcRoot root;
    root.kind = seep::snapshot::RootKind::kGlobal;
    root.first_reference = i;
    root.reference_count = 1;
    snapshot.roots.roots.push_back(root);
    seep::snapshot::RootReference reference;
    reference.target =
        ObjectId{i == 0 ? 1 : static_cast<std::uint32_t>(1 + random() % snapshot.heap.slot_count)};
    snapshot.roots.references.push_back(reference);
  }
}

Snapshot make(const std::string& shape, std::uint32_t objects) {
  std::mt19937_64 random(20260101);
  Snapshot snapshot = empty_heap(objects);
  std::vector<std::uint32_t>& targets = snapshot.heap.references.targets;
  if (shape == "random") {
    for (std::uint32_t& target : targets)
      target = static_cast<std::uint32_t>(1 + random() % objects);
  } else if (shape == "list") {
    std::vector<std::uint32_t> order(objects);
    for (std::uint32_t i = 0; i < objects; ++i) order[i] = i + 1;
    for (std::uint32_t i = objects - 1; i > 1; --i) std::swap(order[i], order[1 + random() % i]);
    for (std::uint32_t i = 0; i < objects; ++i) {
      targets[2 * (order[i] - 1)] = order[(i + 1) % objects];
      targets[2 * (order[i] - 1) + 1] = order[(i + objects - 1) % objects];
    }
  } else {
    for (std::uint32_t i = 1; i <= objects; ++i) {
      std::uint64_t left = 2 * std::uint64_t{i};
      targets[2 * (i - 1)] = static_cast<std::uint32_t>(left <= objects ? left : i % objects + 1);
      targets[2 * (i - 1) + 1] = static_cast<std::uint32_t>(left < objects ? left + 1 : i);
    }
  }
  add_roots(snapshot, shape == "list" ? 1 : 1000, random);
  return snapshot;
}

void run(const std::string& shape, std::uint32_t objects) {
  Snapshot snapshot = make(shape, objects);
  ObjectGraph graph(snapshot);
  double begin = processor_seconds();
  seep::graph::Extent live = seep::graph::reachable(graph).extent();
  double reached = processor_seconds();
  double before = peak_mib();
  DominatorTree tree(graph);
  double done = processor_seconds();
  std::printf(
      "%-10s %9llu reachable   reachability %.2f s   dominators and retained %.2f s   "
      "snapshot %.0f MiB, peak %.0f MiB: %.0f bytes an object with its references\n",
      shape.c_str(), static_cast<unsigned long long>(live.objects), reached - begin, done - reached,
      before, peak_mib(), peak_mib() * 1048576.0 / static_cast<double>(objects));
  if (tree.retained(seep::graph::kSuperRoot).objects != live.objects) std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  std::uint32_t objects = argc > 1 ? static_cast<std::uint32_t>(std::atoi(argv[1])) : 10'000'000;
  for (const char* shape : {"random", "list", "allocated"})
    if (argc <= 2 || std::string(argv[2]) == shape) run(shape, objects);
}
