// "Lost" is decided by reachability: once with everything and once without the package's own
// bookkeeping, that is its goroutines, its timers, and what its registers refer to. What the
// program itself still uses is reached both times. A soundly used connection, context or channel is
// therefore never lost, however many there are.
//
//   main.cancelAll -> parent -> children -> c1, c2        c2 is lost: only the parent's list of
//   goroutine 8 (serving) -> c1                           children, a register, still reaches it
#include "analysis/scenarios/known_leak_match.h"

#include <algorithm>

#include "analysis/contained_objects.h"
#include "analysis/material_share.h"
#include "analysis/pooled_values.h"
#include "analysis/scenarios/known_leak_census.h"

namespace seep::analysis {
namespace {

using graph::Reachability;
using graph::Removed;
using snapshot::Goroutine;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::Snapshot;

class Matcher {
 public:
  explicit Matcher(const Evidence& evidence)
      : evidence_(evidence),
        snapshot_(evidence.snapshot),
        counts_(count_known_leaks(evidence)),
        whole_proof_(everything_was_read(evidence.snapshot)) {}

  std::vector<KnownLeakMatch> run() && {
    for (std::size_t i = 0; i < known_leaks().size(); ++i) match(known_leaks()[i], counts_[i]);
    return std::move(matches_);
  }

 private:
  void match(const KnownLeak& leak, const KnownLeakCount& count) {
    switch (leak.rule) {
      case KnownRule::kLostWaits:
        return match_lost_waits(leak, count);
      case KnownRule::kLostObjects:
        return match_lost_objects(leak, count);
      case KnownRule::kManyGoroutines:
      case KnownRule::kHungHolders:
        return match_goroutines(leak, count);
      case KnownRule::kManyObjects:
        return match_many_objects(leak, count);
      case KnownRule::kPoolOutliers:
        return match_pool(leak, count);
    }
  }

  bool hangs(std::uint32_t goroutine) const {
    return evidence_.leaked.never_runs_again.test(goroutine);
  }
  std::vector<std::uint32_t> hung_among(const std::vector<std::uint32_t>& goroutines) const {
    std::vector<std::uint32_t> hung;
    std::copy_if(goroutines.begin(), goroutines.end(), std::back_inserter(hung),
                 [&](std::uint32_t goroutine) { return hangs(goroutine); });
    return hung;
  }

  // What another entry counts stays: two entries may share a register.
  Bitmap subjects_of_others(const KnownLeakCount& count) const {
    Bitmap others(std::size_t{snapshot_.heap.slot_count} + 1);
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (&counts_[i] != &count && known_leaks()[i].rule == KnownRule::kLostObjects)
        for (ObjectId subject : counts_[i].subjects) others.set(subject.value);
    return others;
  }

  Removed bookkeeping(const KnownLeakCount& count,
                      const std::vector<std::uint32_t>& goroutines) const {
    Bitmap others = subjects_of_others(count);
    Removed removed;
    for (std::uint32_t goroutine : goroutines)
      removed.roots.push_back(snapshot_.goroutines[goroutine].root);
    for (std::uint32_t goroutine : count.helpers)
      removed.roots.push_back(snapshot_.goroutines[goroutine].root);
    removed.roots.insert(removed.roots.end(), count.timers.begin(), count.timers.end());
    for (ObjectId keeper : count.keepers)
      snapshot_.heap.for_each_reference(keeper, [&](const snapshot::Reference& reference) {
        if (!others.test(reference.target.value))
          removed.references.push_back({keeper, reference.offset});
      });
    return removed;
  }

  graph::Extent what_goes_with(const Reachability& without) const {
    graph::Extent left = without.extent();
    const Completeness& all = evidence_.completeness;
    return {all.reachable_objects - std::min(left.objects, all.reachable_objects),
            all.reachable_bytes - std::min(left.bytes, all.reachable_bytes)};
  }

  Confidence confidence_of(const KnownLeak& leak, std::uint64_t count, std::uint64_t of_goroutines,
                           std::uint64_t hung) const {
    if (hung > 0 && hung == of_goroutines && whole_proof_) return Confidence::kProven;
    return count >= leak.likely_from || hung > 0 ? Confidence::kLikely : Confidence::kPossible;
  }

  void match_lost_waits(const KnownLeak& leak, const KnownLeakCount& count) {
    std::vector<std::uint32_t> hung = hung_among(count.goroutines);
    if (count.goroutines.size() < leak.possible_from && hung.empty()) return;
    Reachability without =
        graph::reachable_without(evidence_.graph, bookkeeping(count, count.goroutines));
    std::vector<std::uint32_t> lost;
    for (std::uint32_t goroutine : count.goroutines)
      if (hangs(goroutine) || waits_for_lost(snapshot_.goroutines[goroutine], without))
        lost.push_back(goroutine);
    if (lost.size() < leak.possible_from && hung.empty()) return;
    graph::Extent extent = what_goes_with(without);
    Removed removed = bookkeeping(count, lost);
    if (lost.size() < count.goroutines.size())
      extent = what_goes_with(graph::reachable_without(evidence_.graph, removed));
    matches_.push_back({.leak = &leak,
                        .confidence = confidence_of(leak, lost.size(), lost.size(), hung.size()),
                        .count = lost.size(),
                        .looked_at = count.goroutines.size(),
                        .extent = extent,
                        .goroutines = std::move(lost),
                        .helpers = count.helpers,
                        .example = {},
                        .removal = {std::move(removed), {}, {}}});
  }

  bool waits_for_lost(const Goroutine& goroutine, const Reachability& without) const {
    return std::any_of(goroutine.waits_for.begin(), goroutine.waits_for.end(),
                       [&](const snapshot::WaitObject& wait) {
                         return snapshot_.heap.is_object(wait.object) &&
                                !without.reached(wait.object);
                       });
  }

  void match_lost_objects(const KnownLeak& leak, const KnownLeakCount& count) {
    if (count.subjects.size() < leak.possible_from) return;
    Reachability without =
        graph::reachable_without(evidence_.graph, bookkeeping(count, count.goroutines));
    Bitmap waited_for = waited_for_by_others(count);
    std::vector<ObjectId> lost;
    for (ObjectId subject : count.subjects)
      if (!without.reached(subject) && !is_waited_for(subject, waited_for)) lost.push_back(subject);
    if (lost.size() < leak.possible_from) return;
    std::size_t hung = hung_among(count.goroutines).size();
    matches_.push_back(
        {.leak = &leak,
         .confidence = confidence_of(leak, lost.size(), count.goroutines.size(), hung),
         .count = lost.size(),
         .looked_at = count.subjects.size(),
         .extent = what_goes_with(without),
         .goroutines = count.goroutines,
         .helpers = count.helpers,
         .example = lost.front(),
         .removal = {bookkeeping(count, count.goroutines), {}, {}}});
  }

  // A blocked goroutine need not hold what it waits for; somebody uses it all the same.
  Bitmap waited_for_by_others(const KnownLeakCount& count) const {
    Bitmap of_leak(snapshot_.goroutines.size());
    for (std::uint32_t goroutine : count.goroutines) of_leak.set(goroutine);
    for (std::uint32_t goroutine : count.helpers) of_leak.set(goroutine);
    Bitmap waited_for(std::size_t{snapshot_.heap.slot_count} + 1);
    for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i) {
      if (of_leak.test(i)) continue;
      for (const snapshot::WaitObject& wait : snapshot_.goroutines[i].waits_for)
        if (snapshot_.heap.is_object(wait.object)) waited_for.set(wait.object.value);
    }
    return waited_for;
  }

  bool is_waited_for(ObjectId subject, const Bitmap& waited_for) const {
    bool found = waited_for.test(subject.value);
    snapshot_.heap.for_each_reference(subject, [&](const snapshot::Reference& reference) {
      found = found || (snapshot_.heap.is_object(reference.target) &&
                        waited_for.test(reference.target.value));
    });
    return found;
  }

  void match_goroutines(const KnownLeak& leak, const KnownLeakCount& count) {
    std::vector<std::uint32_t> hung = hung_among(count.goroutines);
    if (hung.empty() && count.goroutines.size() < leak.possible_from) return;
    std::size_t hanging = hung.size();
    std::vector<std::uint32_t> chosen = hanging > 0 ? std::move(hung) : count.goroutines;
    Removed removed;
    for (std::uint32_t goroutine : chosen)
      removed.roots.push_back(snapshot_.goroutines[goroutine].root);
    matches_.push_back(
        {.leak = &leak,
         .confidence = confidence_of(leak, chosen.size(), chosen.size(), hanging),
         .count = chosen.size(),
         .looked_at = count.goroutines.size(),
         .extent = what_goes_with(graph::reachable_without(evidence_.graph, removed)),
         .goroutines = std::move(chosen),
         .helpers = {},
         .example = {},
         .removal = {std::move(removed), {}, {}}});
  }

  Removal all_of(graph::NodeId container) const {
    Removal removal;
    if (evidence_.graph.is_root(container)) {
      removal.cut.roots = {evidence_.graph.root(container)};
    } else {
      removal.objects = {evidence_.graph.object(container)};
    }
    return removal;
  }

  // Many may be what the program is for; a material share of its memory besides is not.
  void match_many_objects(const KnownLeak& leak, const KnownLeakCount& count) {
    if (count.subjects.size() < leak.possible_from) return;
    for (const ContainedObjects& found :
         objects_by_container(evidence_.dominators, count.subjects, count.containers)) {
      if (found.objects < leak.possible_from) continue;
      graph::Extent extent = evidence_.dominators.retained(found.container);
      bool likely = found.objects >= leak.likely_from && is_material(evidence_, extent.bytes);
      matches_.push_back({.leak = &leak,
                          .confidence = likely ? Confidence::kLikely : Confidence::kPossible,
                          .count = found.objects,
                          .looked_at = count.subjects.size(),
                          .extent = extent,
                          .goroutines = {},
                          .helpers = {},
                          .example = evidence_.graph.object(found.container),
                          .removal = all_of(found.container)});
    }
  }

  void match_pool(const KnownLeak& leak, const KnownLeakCount& count) {
    for (const PooledValues& pool : unequal_pools(evidence_, count.containers)) {
      bool likely = is_material(evidence_, pool.large.bytes);
      matches_.push_back({.leak = &leak,
                          .confidence = likely ? Confidence::kLikely : Confidence::kPossible,
                          .count = pool.large.objects,
                          .looked_at = pool.values,
                          .extent = pool.large,
                          .goroutines = {},
                          .helpers = {},
                          .example = pool.example});
    }
  }

  const Evidence& evidence_;
  const Snapshot& snapshot_;
  std::vector<KnownLeakCount> counts_;
  bool whole_proof_;
  std::vector<KnownLeakMatch> matches_;
};

}  // namespace

KnownLeaks match_known_leaks(const Evidence& evidence) {
  KnownLeaks known{Matcher(evidence).run(), Bitmap(evidence.snapshot.goroutines.size())};
  for (const KnownLeakMatch& match : known.matches) {
    if (match.confidence < Confidence::kLikely) continue;
    for (std::uint32_t goroutine : match.goroutines) known.goroutines.set(goroutine);
    for (std::uint32_t goroutine : match.helpers) known.goroutines.set(goroutine);
  }
  return known;
}

bool is_of_known_leak(const Evidence& evidence, std::uint32_t goroutine) {
  return evidence.known_leaks != nullptr && evidence.known_leaks->goroutines.test(goroutine);
}

}  // namespace seep::analysis
