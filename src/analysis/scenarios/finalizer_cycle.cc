// One finding for each type of object and function that is to run. Its bytes are what would come
// back if those finalizers were gone, with what waits behind them.
#include "analysis/scenarios/finalizer_cycle.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "analysis/exclusive_bytes.h"
#include "analysis/finalizer_regions.h"
#include "analysis/held_pattern.h"
#include "analysis/held_types.h"
#include "analysis/holder_path.h"
#include "base/count_text.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using snapshot::GcRoot;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;

constexpr std::uint64_t kManyObjects = 16;
constexpr ByteSize kMuch{std::uint64_t{1} << 20};
constexpr std::uint32_t kMostGroups = 32;
constexpr std::size_t kCyclesTried = 8;
constexpr int kMostRounds = 4;

struct Group {
  std::string type, function;
  RootKind kind = RootKind::kFinalizer;
  std::vector<RootId> roots;
  std::vector<RootId> behind;  ///< would run when these are gone

  const char* what() const { return kind == RootKind::kFinalizer ? "finalizer" : "cleanup"; }
};

std::string type_of(const Evidence& evidence, snapshot::ObjectId id) {
  std::string name = graph::object_type_name(evidence.snapshot.types, evidence.types, id);
  return name == "?" ? "" : name;
}

// The largest first.
std::vector<Group> groups_of(const Evidence& evidence, const std::vector<RootId>& cyclic) {
  std::map<std::pair<std::string, std::string>, Group> by_name;
  for (RootId id : cyclic) {
    const GcRoot& root = evidence.snapshot.roots[id];
    std::string type = type_of(evidence, root.subject);
    std::string function = evidence.snapshot.strings.text(root.name);
    Group& group = by_name[{type, function}];
    group.type = std::move(type);
    group.function = std::move(function);
    group.kind = root.kind;
    group.roots.push_back(id);
  }
  std::vector<Group> groups;
  for (auto& [name, group] : by_name) groups.push_back(std::move(group));
  std::ranges::stable_sort(
      groups, [](const Group& a, const Group& b) { return b.roots.size() < a.roots.size(); });
  if (groups.size() > kMostGroups) groups.resize(kMostGroups);
  return groups;
}

// Finalizers behind a cycle run when that is gone: their effect goes with it.
RootGroups holdings(const Evidence& evidence, std::vector<Group>& groups,
                    std::vector<RootId> behind) {
  std::vector<std::uint32_t> group_of_root(evidence.snapshot.roots.roots.size());
  std::uint32_t count = static_cast<std::uint32_t>(groups.size());
  for (std::uint32_t i = 0; i < count; ++i)
    for (RootId id : groups[i].roots) group_of_root[id.value] = i + 1;
  RootGroups held(evidence.graph, group_of_root, count);
  for (int round = 0; round < kMostRounds; ++round) {
    bool more = std::erase_if(behind, [&](RootId id) {
                  std::uint32_t owner = held.owner_of(evidence.snapshot.roots[id].subject);
                  group_of_root[id.value] = owner;
                  if (owner != 0) groups[owner - 1].behind.push_back(id);
                  return owner != 0;
                }) > 0;
    if (!more) break;
    held = RootGroups(evidence.graph, group_of_root, count);
  }
  return held;
}

std::vector<HolderStep> steps_of(const Evidence& evidence, const Group& group,
                                 const std::vector<CycleStep>& cycle) {
  std::vector<HolderStep> steps;
  for (const CycleStep& step : cycle) {
    if (step.by_function) {
      steps.push_back(
          {group.kind == RootKind::kFinalizer ? HolderKind::kFinalizer : HolderKind::kCleanup,
           std::string("function or argument of the ") + group.what(),
           type_of(evidence, step.target)});
      continue;
    }
    for (HolderStep& part :
         holder_steps(evidence.snapshot.types, evidence.types.of(step.source), step.offset))
      steps.push_back(std::move(part));
  }
  return steps;
}

// Of some of the group the shortest, and of those the first by its words.
std::pair<std::size_t, std::vector<HolderStep>> example_cycle(const Evidence& evidence,
                                                              const Group& group) {
  std::size_t length = 0;
  std::vector<HolderStep> best;
  std::size_t stride = std::max<std::size_t>(1, group.roots.size() / kCyclesTried);
  for (std::size_t i = 0; i < group.roots.size(); i += stride) {
    std::vector<CycleStep> cycle = shortest_cycle(evidence.graph, group.roots[i]);
    if (cycle.empty() || (length != 0 && cycle.size() > length)) continue;
    std::vector<HolderStep> steps = steps_of(evidence, group, cycle);
    if (length != 0 && cycle.size() == length && to_text(best) <= to_text(steps)) continue;
    length = cycle.size();
    best = std::move(steps);
  }
  return {length, std::move(best)};
}

std::string remedy_of(const Group& group) {
  if (group.kind == RootKind::kCleanup)
    return "let neither the function nor the argument of the cleanup lead to the object: copy what "
           "it needs out of the object";
  return "break the cycle: put what the finalizer has to release into a small object of its own "
         "that refers to none of the others, and set the finalizer on that; or release it by an "
         "explicit Close";
}

Finding describe(const Evidence& evidence, const Group& group, graph::Extent held,
                 const std::vector<TypeShare>& types) {
  Finding finding;
  finding.scenario = "finalizer-cycle";
  finding.permanence = Permanence::kPermanent;
  finding.bytes = held.bytes;
  finding.count = group.roots.size();
  finding.removal.cut.roots = group.roots;
  finding.removal.cut.roots.insert(finding.removal.cut.roots.end(), group.behind.begin(),
                                   group.behind.end());
  finding.type = group.type;
  bool worth_it = finding.count >= kManyObjects || finding.bytes >= kMuch;
  bool proven = evidence.snapshot.unreadable_bytes == 0;
  finding.confidence = !worth_it ? Confidence::kPossible
                       : proven  ? Confidence::kProven
                                 : Confidence::kLikely;
  HolderKind kind =
      group.kind == RootKind::kFinalizer ? HolderKind::kFinalizer : HolderKind::kCleanup;
  std::string name = group.function.empty() ? group.what() : group.what() + (" " + group.function);
  finding.holder = {{kind, name, group.type}};
  auto [length, steps] = example_cycle(evidence, group);
  finding.holder.insert(finding.holder.end(), steps.begin(), steps.end());
  finding.fingerprint = fingerprint_of(finding);
  bool one = finding.count == 1;
  finding.title = "the " + name + " of " + counted(finding.count, "object") +
                  (group.type.empty() ? "" : " of type " + group.type) +
                  " can never run: " + (one ? "it keeps itself" : "they keep themselves") +
                  " alive";
  if (length > 1)
    finding.evidence.push_back({"cycle", (steps.empty() ? std::string("?") : to_text(steps)) +
                                             " leads back to the object, over " +
                                             counted(length - 1, "other object")});
  if (std::string mostly = to_text(types); !mostly.empty())
    finding.evidence.push_back({"of it", mostly});
  finding.evidence.push_back(
      {"why", group.kind == RootKind::kFinalizer
                  ? "a finalizer runs when nothing reaches its object any more, and all that the "
                    "object refers to is kept until then"
                  : "a cleanup runs when nothing reaches its object any more, and its function and "
                    "argument are kept until then"});
  finding.evidence.push_back(
      {proven ? "proof" : "shown by",
       "reachability from all package variables, goroutines, timers and other finalizers: 0 of " +
           count_text(finding.count) + " reached" +
           (proven ? "" : "; not all memory could be read, so this is not a proof")});
  finding.remedy = remedy_of(group);
  return finding;
}

}  // namespace

std::vector<Finding> find_finalizer_cycles(const Evidence& evidence) {
  FinalizerRegions regions = find_finalizer_regions(evidence.graph);
  if (regions.cyclic.empty()) return {};
  std::vector<Group> groups = groups_of(evidence, regions.cyclic);
  RootGroups held = holdings(evidence, groups, regions.behind);
  std::vector<std::vector<TypeShare>> types =
      types_held(evidence, held, static_cast<std::uint32_t>(groups.size()));
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < groups.size(); ++i)
    findings.push_back(describe(evidence, groups[i], held.exclusive()[i + 1], types[i]));
  return findings;
}

}  // namespace seep::analysis
