#include "analysis/heap_rows.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/allocation_origin.h"
#include "analysis/exclusive_bytes.h"
#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "analysis/root_group.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using graph::Extent;
using graph::NodeId;
using snapshot::AllocationSample;
using snapshot::AllocationSite;
using snapshot::GcRoot;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;
using snapshot::StackFrame;

// Rows below this place are not looked into: the name of their root is enough.
constexpr std::size_t kNamedInFull = 50;

void sort_rows(std::vector<HeapRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const HeapRow& a, const HeapRow& b) {
    if (a.retained != b.retained) return b.retained < a.retained;
    return a.shallow != b.shallow ? b.shallow < a.shallow : a.name < b.name;
  });
}

void add_shared_row(std::vector<HeapRow>& rows, Extent shared) {
  if (shared.objects > 0)
    rows.push_back({"(reached by several of these)", shared.objects, ByteSize(), shared.bytes});
}

// Roots that are one row.
struct HolderGroup {
  std::string name;
  std::uint64_t goroutines = 0;
  NodeId example;
};

std::string goroutine_place(const Snapshot& snapshot, const GcRoot& root) {
  if (root.goroutine >= snapshot.goroutines.size()) return "?";
  return place_name(snapshot, snapshot.goroutines[root.goroutine].stack);
}

std::string name_in_full(const Evidence& evidence, const HolderGroup& group) {
  if (group.goroutines > 0) return counted(group.goroutines, "goroutine") + " in " + group.name;
  RootId root = evidence.graph.root(group.example);
  if (evidence.snapshot.roots[root].kind != RootKind::kGlobal) return group.name;
  std::vector<HolderStep> holder = {root_step(evidence.snapshot, evidence.types, root)};
  HeldPattern pattern = find_held_pattern(evidence.dominators, evidence.types, group.example);
  holder.insert(holder.end(), pattern.steps.begin(), pattern.steps.end());
  return to_text(holder);
}

}  // namespace

std::vector<HeapRow> rows_by_holder(const Evidence& evidence) {
  const Snapshot& snapshot = evidence.snapshot;
  std::map<std::pair<RootKind, std::string>, std::uint32_t> index;
  std::vector<HolderGroup> groups(1);
  std::vector<std::uint32_t> group_of_root(snapshot.roots.roots.size());
  for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i) {
    const GcRoot& root = snapshot.roots[RootId{i}];
    std::string name = root_group_name(snapshot, RootId{i});
    auto [found, added] =
        index.emplace(std::pair(root.kind, name), static_cast<std::uint32_t>(groups.size()));
    if (added) groups.push_back({name, 0, evidence.graph.node(RootId{i})});
    if (root.kind == RootKind::kGoroutine) ++groups[found->second].goroutines;
    group_of_root[i] = found->second;
  }
  std::vector<Extent> held = exclusive_by_group(evidence.dominators, group_of_root,
                                                static_cast<std::uint32_t>(groups.size() - 1));
  struct Holding {
    std::size_t group;
    Extent extent;
  };
  std::vector<Holding> holdings;
  for (std::size_t i = 1; i < groups.size(); ++i)
    if (held[i].objects > 0) holdings.push_back({i, held[i]});
  std::sort(holdings.begin(), holdings.end(), [&](const Holding& a, const Holding& b) {
    if (a.extent.bytes != b.extent.bytes) return b.extent.bytes < a.extent.bytes;
    return groups[a.group].name < groups[b.group].name;
  });
  std::vector<HeapRow> rows;
  for (const Holding& holding : holdings) {
    const HolderGroup& group = groups[holding.group];
    bool in_full = rows.size() < kNamedInFull || group.goroutines > 0;
    rows.push_back({in_full ? name_in_full(evidence, group) : group.name, holding.extent.objects,
                    ByteSize(), holding.extent.bytes});
  }
  add_shared_row(rows, held[0]);
  return rows;
}

std::vector<HeapRow> rows_by_root(const Evidence& evidence) {
  const Snapshot& snapshot = evidence.snapshot;
  std::vector<HeapRow> rows;
  Extent all;
  for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i) {
    Extent retained = evidence.dominators.retained(evidence.graph.node(RootId{i}));
    if (retained.objects == 0) continue;
    const GcRoot& root = snapshot.roots[RootId{i}];
    std::string name;
    if (root.kind == RootKind::kGoroutine && root.goroutine < snapshot.goroutines.size())
      name = "goroutine " + std::to_string(snapshot.goroutines[root.goroutine].id) + " in " +
             goroutine_place(snapshot, root);
    else
      name = to_text({root_step(snapshot, evidence.types, RootId{i})});
    rows.push_back({std::move(name), retained.objects, ByteSize(), retained.bytes});
    all.objects += retained.objects;
    all.bytes += retained.bytes;
  }
  sort_rows(rows);
  const Completeness& read = evidence.completeness;
  add_shared_row(rows, {read.reachable_objects - std::min(read.reachable_objects, all.objects),
                        read.reachable_bytes - all.bytes});
  return rows;
}

std::vector<HeapRow> rows_by_site(const Evidence& evidence, const graph::Reachability& reachable,
                                  bool garbage) {
  const Snapshot& snapshot = evidence.snapshot;
  struct Sum {
    double objects = 0, bytes = 0;
  };
  std::map<std::uint32_t, Sum> by_stack;
  for (const AllocationSample& sample : snapshot.heap.samples) {
    if (!snapshot.heap.is_object(sample.object) ||
        sample.site >= snapshot.allocation_sites.size() ||
        reachable.reached(sample.object) == garbage)
      continue;
    const AllocationSite& site = snapshot.allocation_sites[sample.site];
    std::uint64_t size = snapshot.heap.size_of(sample.object);
    double bytes = sample_weight(size, snapshot.allocation_sample_rate);
    Sum& sum = by_stack[site.stack.value];
    sum.bytes += bytes;
    sum.objects += bytes / static_cast<double>(size);
  }
  std::vector<HeapRow> rows;
  for (const auto& [stack, sum] : by_stack) {
    std::string name = place_name(snapshot, {stack});
    const std::vector<StackFrame>& frames = snapshot.stacks[{stack}];
    if (!frames.empty()) {
      const StackFrame& frame = frames[place_of(snapshot, {stack})];
      const std::string& file = snapshot.strings.text(frame.file);
      name += "  " + file.substr(file.rfind('/') + 1) + ":" + std::to_string(frame.line);
    }
    ByteSize bytes(static_cast<std::uint64_t>(std::llround(sum.bytes)));
    rows.push_back(
        {std::move(name), static_cast<std::uint64_t>(std::llround(sum.objects)), bytes, bytes});
  }
  sort_rows(rows);
  return rows;
}

}  // namespace seep::analysis
