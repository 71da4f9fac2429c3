#include "analysis/goroutine_holdings.h"

namespace seep::analysis {

RootGroups holdings_of(const graph::ObjectGraph& graph,
                       const std::vector<GoroutineBundle>& bundles) {
  const snapshot::Snapshot& snapshot = graph.snapshot();
  std::vector<std::uint32_t> group_of_root(snapshot.roots.roots.size(), RootGroups::kOthers);
  for (std::size_t i = 0; i < bundles.size(); ++i)
    for (const GoroutineGroup* group : bundles[i])
      for (std::uint32_t member : group->members) {
        std::uint32_t root = snapshot.goroutines[member].root.value;
        if (root < group_of_root.size()) group_of_root[root] = static_cast<std::uint32_t>(i + 1);
      }
  return RootGroups(graph, group_of_root, static_cast<std::uint32_t>(bundles.size()));
}

Removal removal_of(const snapshot::Snapshot& snapshot, const GoroutineBundle& bundle) {
  Removal removal;
  for (const GoroutineGroup* group : bundle)
    for (std::uint32_t member : group->members)
      removal.cut.roots.push_back(snapshot.goroutines[member].root);
  return removal;
}

}  // namespace seep::analysis
