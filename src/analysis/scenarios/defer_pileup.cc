// A frame counts, not a goroutine: recursion defers a call in each of many frames, and is no pile.
// The bytes are what would come back if the goroutine's deferred calls were gone: reachability
// without the references that they are.
#include "analysis/scenarios/defer_pileup.h"

#include <algorithm>
#include <map>
#include <string>

#include "analysis/goroutine_groups.h"
#include "analysis/held_pattern.h"
#include "analysis/material_share.h"
#include "base/count_text.h"
#include "graph/reachability.h"

namespace seep::analysis {
namespace {

using snapshot::DeferredCalls;
using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::OpenFiles;
using snapshot::Snapshot;
using snapshot::StackFrame;

constexpr std::uint64_t kPile = 100;  ///< of one frame
constexpr std::size_t kMostPiles = 8;
constexpr std::size_t kFrames = 16;
constexpr std::size_t kCalleesShown = 3;

// Frames of one function, of any number of goroutines.
struct Pile {
  std::vector<std::uint32_t> goroutines;
  std::uint32_t frame = 0;  ///< of the first of them
  std::uint64_t calls = 0;
  std::map<std::string, std::uint64_t> callees;
};

std::vector<Pile> find_piles(const Snapshot& snapshot) {
  std::map<snapshot::StringId, Pile> by_function;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    const std::vector<StackFrame>& frames = snapshot.stacks[goroutine.stack];
    std::map<std::uint32_t, std::uint64_t> by_frame;
    for (const DeferredCalls& calls : goroutine.deferred) by_frame[calls.frame] += calls.count;
    for (const auto& [frame, count] : by_frame) {
      if (count < kPile || frame >= frames.size()) continue;
      Pile& pile = by_function[frames[frame].function];
      if (pile.goroutines.empty()) pile.frame = frame;
      if (pile.goroutines.empty() || pile.goroutines.back() != i) pile.goroutines.push_back(i);
      pile.calls += count;
      for (const DeferredCalls& calls : goroutine.deferred)
        if (calls.frame == frame)
          pile.callees[snapshot.strings.text(calls.function)] += calls.count;
    }
  }
  std::vector<Pile> piles;
  for (auto& [function, pile] : by_function) piles.push_back(std::move(pile));
  std::ranges::stable_sort(piles, [](const Pile& a, const Pile& b) { return b.calls < a.calls; });
  if (piles.size() > kMostPiles) piles.resize(kMostPiles);
  return piles;
}

// The list of deferred calls hangs on the goroutine's root and on its g.
graph::Removed without_deferred(const Snapshot& snapshot, const Pile& pile) {
  graph::Removed removed;
  for (std::uint32_t index : pile.goroutines) {
    const Goroutine& goroutine = snapshot.goroutines[index];
    const GcRoot& root = snapshot.roots[goroutine.root];
    std::vector<ObjectId> records;
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      std::uint32_t reference = root.first_reference + i;
      if (!snapshot.roots.references[reference].deferred) continue;
      removed.root_references.push_back(reference);
      records.push_back(snapshot.roots.references[reference].target);
    }
    if (!snapshot.heap.is_object(goroutine.g_object)) continue;
    snapshot.heap.for_each_reference(goroutine.g_object, [&](const snapshot::Reference& reference) {
      if (std::ranges::find(records, reference.target) != records.end())
        removed.references.push_back({goroutine.g_object, reference.offset});
    });
  }
  return removed;
}

std::string callees_text(const Pile& pile) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(pile.callees.begin(),
                                                            pile.callees.end());
  std::ranges::stable_sort(sorted,
                           [](const auto& a, const auto& b) { return b.second < a.second; });
  std::string text;
  for (std::size_t i = 0; i < sorted.size() && i < kCalleesShown; ++i)
    text += (i == 0 ? "" : ", ") + (sorted[i].first.empty() ? "?" : sorted[i].first) + " " +
            count_text(sorted[i].second);
  return text + (sorted.size() > kCalleesShown ? ", ..." : "");
}

std::string open_files_text(const OpenFiles& open) {
  std::string text = "the process has " + counted(open.all(), "file descriptor") + " open (" +
                     counted(open.files, "file") + ", " + counted(open.sockets, "socket") + ", " +
                     counted(open.pipes, "pipe") + ", " + counted(open.others, "other") + ")";
  if (open.limit) text += " of at most " + count_text(*open.limit);
  return text;
}

bool is_running_out(const std::optional<OpenFiles>& open) {
  return open && open->limit && open->all() >= *open->limit / 2;
}

void add_origin(Finding& finding, const Snapshot& snapshot, const Pile& pile) {
  const Goroutine& goroutine = snapshot.goroutines[pile.goroutines.front()];
  const std::vector<StackFrame>& frames = snapshot.stacks[goroutine.stack];
  std::size_t end = std::min(frames.size(), pile.frame + kFrames);
  for (std::size_t i = pile.frame; i < end; ++i)
    finding.origin.push_back({i == pile.frame ? OriginRole::kDeferred : OriginRole::kCalledBy,
                              snapshot.strings.text(frames[i].function),
                              snapshot.strings.text(frames[i].file), frames[i].line});
  if (goroutine.created_by.function)
    finding.origin.push_back(
        {OriginRole::kStarted, snapshot.strings.text(goroutine.created_by.function),
         snapshot.strings.text(goroutine.created_by.file), goroutine.created_by.line, "go func"});
}

Finding describe(const Evidence& evidence, const Pile& pile) {
  const Snapshot& snapshot = evidence.snapshot;
  const Goroutine& goroutine = snapshot.goroutines[pile.goroutines.front()];
  const std::string& function =
      snapshot.strings.text(snapshot.stacks[goroutine.stack][pile.frame].function);
  graph::Removed removed = without_deferred(snapshot, pile);
  graph::Extent rest = graph::reachable_without(evidence.graph, removed).extent();
  bool for_ever = std::ranges::all_of(pile.goroutines, [&](std::uint32_t index) {
    return evidence.leaked.never_runs_again.test(index);
  });
  Finding finding;
  finding.scenario = "defer-pileup";
  finding.permanence = for_ever ? Permanence::kPermanent : Permanence::kTemporary;
  finding.bytes = evidence.completeness.reachable_bytes - rest.bytes;
  finding.removal.cut = std::move(removed);
  finding.count = pile.calls;
  const std::optional<OpenFiles>& open = snapshot.program.open_files;
  if (is_material(evidence, finding.bytes) || is_running_out(open))
    finding.confidence = Confidence::kLikely;
  finding.holder = {root_step(snapshot, evidence.types, goroutine.root),
                    {HolderKind::kFrame, "deferred calls of " + function, ""}};
  if (pile.goroutines.size() > 1)
    finding.holder.front().name = counted(pile.goroutines.size(), "goroutine");
  add_origin(finding, snapshot, pile);
  finding.title = function + " has deferred " + counted(pile.calls, "call") +
                  ", which run only when it returns";
  finding.evidence.push_back({"calls", callees_text(pile)});
  if (open) finding.evidence.push_back({"open", open_files_text(*open)});
  finding.evidence.push_back(
      {"why",
       "a deferred call runs at the end of the function, not at the end of the round of a "
       "loop; until then it keeps its arguments and what it is going to close"});
  finding.evidence.push_back(
      for_ever ? EvidenceLine{"proof", "the goroutine can never run again, so it never returns"}
               : EvidenceLine{"rule", "the function can still return"});
  finding.remedy =
      "move the body of the loop into a function of its own, so that its deferred calls "
      "run in each round; or make the call at the end of the round without defer";
  return finding;
}

}  // namespace

std::vector<Finding> find_deferred_pileups(const Evidence& evidence) {
  std::vector<Finding> findings;
  for (const Pile& pile : find_piles(evidence.snapshot)) {
    Finding finding = describe(evidence, pile);
    // Where else it is called from and in how many goroutines does not make it another bug.
    Finding identity;
    identity.scenario = finding.scenario;
    identity.origin = {finding.origin.front()};
    finding.fingerprint = fingerprint_of(identity);
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace seep::analysis
