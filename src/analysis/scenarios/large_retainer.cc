// The nodes right below the super root of the dominator tree share the heap among them without
// overlap: package variables, goroutines, and objects that several roots reach. Each that retains a
// tenth of the reachable bytes is a finding, with the way down to where its bytes are.
#include "analysis/scenarios/large_retainer.h"

#include <algorithm>
#include <optional>

#include "analysis/allocation_origin.h"
#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using snapshot::Snapshot;

constexpr std::uint64_t kShare = 10;  ///< a tenth
constexpr ByteSize kWorthSaying{std::uint64_t{1} << 20};
constexpr std::size_t kMost = 10;

bool is_of_reported_goroutine(const Evidence& evidence, NodeId node) {
  snapshot::RootId root = evidence.graph.root(node);
  if (root.is_none()) return false;
  const snapshot::GcRoot& which = evidence.snapshot.roots[root];
  return which.kind == snapshot::RootKind::kGoroutine &&
         which.goroutine < evidence.snapshot.goroutines.size() &&
         evidence.leaked.never_runs_again.test(which.goroutine);
}

std::vector<NodeId> holders_in(const Evidence& evidence) {
  const graph::DominatorTree& dominators = evidence.dominators;
  std::uint64_t least =
      std::max(kWorthSaying.bytes(), evidence.completeness.reachable_bytes.bytes() / kShare);
  std::vector<NodeId> holders;
  dominators.for_each_reachable([&](NodeId node) {
    if (node == graph::kSuperRoot || dominators.dominator(node) != graph::kSuperRoot) return;
    if (dominators.retained(node).bytes.bytes() < least) return;
    if (!is_of_reported_goroutine(evidence, node)) holders.push_back(node);
  });
  std::sort(holders.begin(), holders.end(), [&](NodeId a, NodeId b) {
    ByteSize of_a = dominators.retained(a).bytes, of_b = dominators.retained(b).bytes;
    return of_a != of_b ? of_b < of_a : a < b;
  });
  if (holders.size() > kMost) holders.resize(kMost);
  return holders;
}

Finding describe(const Evidence& evidence, NodeId node, std::vector<HolderStep> way,
                 const AllocationOrigin& origin) {
  graph::Extent retained = evidence.dominators.retained(node);
  Finding finding;
  finding.scenario = "large-retainer";
  finding.permanence = Permanence::kTemporary;
  finding.confidence = Confidence::kPossible;
  finding.bytes = retained.bytes;
  if (evidence.graph.is_root(node)) {
    finding.removal.cut.roots = {evidence.graph.root(node)};
  } else {
    finding.removal.objects = {evidence.graph.object(node)};
  }
  finding.count = retained.objects;
  finding.holder = std::move(way);
  HeldPattern pattern = find_held_pattern(evidence.dominators, evidence.types, node);
  finding.holder.insert(finding.holder.end(), pattern.steps.begin(), pattern.steps.end());
  finding.type = pattern.type;
  // Before the origin is known: which stack the sampler met most may differ from day to day.
  finding.fingerprint = fingerprint_of(finding);
  finding.title = (finding.holder.empty() ? "?" : finding.holder.front().name) + " holds " +
                  to_text(retained.bytes) + " in " + counted(retained.objects, "object");
  finding.evidence.push_back(
      {"share", percent_text(static_cast<double>(retained.bytes.bytes()),
                             static_cast<double>(evidence.completeness.reachable_bytes.bytes())) +
                    " of the live heap is reached only through it"});
  if (!origin.frames.empty()) {
    finding.origin = origin.frames;
    finding.evidence.push_back(
        {"sampled", percent_text(origin.share, 1) + " of what the heap profile sampled of it (" +
                        counted(origin.samples, "object") + ") was allocated there"});
  }
  finding.remedy =
      "if it should not keep all of this: remove entries when they are done with, bound it, or "
      "drop it";
  finding.remedy += evidence.growth == nullptr ? "; whether it grows, a second snapshot tells"
                                               : "; what grew while seep watched is told apart";
  return finding;
}

}  // namespace

std::vector<Finding> find_large_retainers(const Evidence& evidence) {
  std::vector<NodeId> holders = holders_in(evidence);
  std::vector<AllocationOrigin> origins = allocation_origins(evidence.dominators, holders);
  // A search of the whole heap, needed only for objects that several roots reach.
  std::optional<graph::RootPaths> paths;
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < holders.size(); ++i) {
    std::vector<HolderStep> way;
    if (evidence.graph.is_root(holders[i])) {
      way.push_back(root_step(evidence.snapshot, evidence.types, evidence.graph.root(holders[i])));
    } else {
      if (!paths) paths.emplace(evidence.graph);
      way = path_to(evidence.graph, *paths, evidence.types, holders[i]);
    }
    findings.push_back(describe(evidence, holders[i], std::move(way), origins[i]));
  }
  return findings;
}

}  // namespace seep::analysis
