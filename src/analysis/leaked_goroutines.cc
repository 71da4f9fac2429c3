#include "analysis/leaked_goroutines.h"

#include <algorithm>

namespace seep::analysis {
namespace {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;
using snapshot::WaitKind;
using snapshot::WaitObject;

bool is_candidate(const Goroutine& goroutine) {
  if (goroutine.system) return false;
  if (goroutine.status != GoroutineStatus::kWaiting && goroutine.status != GoroutineStatus::kLeaked)
    return false;
  return goroutine.wait_kind != WaitKind::kNone && goroutine.wait_kind != WaitKind::kOther;
}

struct Waiter {
  std::uint32_t object = 0;
  std::uint32_t goroutine = 0;
  auto operator<=>(const Waiter&) const = default;
};

// The fixpoint is driven by events: when an object that somebody waits for is marked, its waiters
// wake and their roots are marked too. So every object and every root is visited once, however
// long the chains of goroutines that wait for each other are.
class Fixpoint {
 public:
  explicit Fixpoint(const Snapshot& snapshot) : snapshot_(snapshot), heap_(snapshot.heap) {
    result_.live_objects = Bitmap(std::size_t{heap_.slot_count} + 1);
    result_.never_runs_again = Bitmap(snapshot.goroutines.size());
    waited_for_ = Bitmap(std::size_t{heap_.slot_count} + 1);
  }

  LeakedGoroutines run() && {
    collect_candidates();
    for (std::uint32_t i = 1; i <= snapshot_.roots.count(); ++i) {
      const GcRoot& root = snapshot_.roots[RootId{i}];
      if (root.kind != RootKind::kGoroutine || !is_blocked(root.goroutine)) mark_root(RootId{i});
    }
    for (std::uint32_t woken : awake_) mark_goroutine(woken);
    drain();
    result_.count = result_.never_runs_again.count();
    return std::move(result_);
  }

 private:
  bool is_blocked(std::uint32_t goroutine) const {
    return goroutine < snapshot_.goroutines.size() && result_.never_runs_again.test(goroutine);
  }

  void collect_candidates() {
    for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i) {
      const Goroutine& goroutine = snapshot_.goroutines[i];
      if (!is_candidate(goroutine)) continue;
      result_.never_runs_again.set(i);
      if (goroutine.wait_kind == WaitKind::kNever) continue;
      bool outside = false;
      for (const WaitObject& wait : goroutine.waits_for) {
        if (heap_.is_object(wait.object)) {
          waiters_.push_back({wait.object.value, i});
          waited_for_.set(wait.object.value);
        } else {
          outside = true;
        }
      }
      if (goroutine.waits_for.empty()) ++result_.unknown_wait;
      if (outside || goroutine.waits_for.empty()) {
        result_.never_runs_again.clear(i);
        awake_.push_back(i);
      }
    }
    std::sort(waiters_.begin(), waiters_.end());
  }

  void mark_root(RootId id) {
    const GcRoot& root = snapshot_.roots[id];
    for (std::uint32_t i = 0; i < root.reference_count; ++i)
      mark(snapshot_.roots.references[root.first_reference + i].target);
  }

  void mark_goroutine(std::uint32_t index) {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    if (goroutine.root.value != 0 && goroutine.root.value <= snapshot_.roots.count())
      mark_root(goroutine.root);
    mark(goroutine.g_object);
  }

  void mark(ObjectId id) {
    if (!heap_.is_object(id) || !result_.live_objects.set_if_clear(id.value)) return;
    worklist_.push_back(id.value);
    if (waited_for_.test(id.value)) wake_waiters_of(id.value);
  }

  void wake_waiters_of(std::uint32_t object) {
    for (auto it = std::lower_bound(waiters_.begin(), waiters_.end(), Waiter{object, 0});
         it != waiters_.end() && it->object == object; ++it) {
      if (!result_.never_runs_again.test(it->goroutine)) continue;
      result_.never_runs_again.clear(it->goroutine);
      woken_.push_back(it->goroutine);
    }
  }

  void drain() {
    while (!worklist_.empty() || !woken_.empty()) {
      if (worklist_.empty()) {
        std::uint32_t goroutine = woken_.back();
        woken_.pop_back();
        mark_goroutine(goroutine);
        continue;
      }
      ObjectId id{worklist_.back()};
      worklist_.pop_back();
      heap_.for_each_reference(id, [this](const Reference& reference) { mark(reference.target); });
    }
  }

  const Snapshot& snapshot_;
  const snapshot::Heap& heap_;
  LeakedGoroutines result_;
  Bitmap waited_for_;
  std::vector<Waiter> waiters_;
  std::vector<std::uint32_t>
      awake_;  ///< blocked on something outside the heap: live from the start
  std::vector<std::uint32_t> woken_;
  std::vector<std::uint32_t> worklist_;
};

}  // namespace

LeakedGoroutines find_leaked_goroutines(const Snapshot& snapshot) {
  return Fixpoint(snapshot).run();
}

bool is_parked_main(const Goroutine& goroutine, const Snapshot& snapshot) {
  return goroutine.id == 1 && goroutine.wait_kind == WaitKind::kNever &&
         snapshot.strings.text(goroutine.wait_reason).starts_with("select");
}

}  // namespace seep::analysis
