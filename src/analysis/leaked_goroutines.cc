#include "analysis/leaked_goroutines.h"

#include <algorithm>

namespace seep::analysis {
namespace {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;
using snapshot::WaitKind;
using snapshot::WaitObject;

bool is_candidate(const Goroutine& goroutine) {
  if (goroutine.system || goroutine.went_on || !snapshot::is_waiting(goroutine.status))
    return false;
  return goroutine.wait_kind != WaitKind::kNone && goroutine.wait_kind != WaitKind::kOther;
}

struct Waiter {
  std::uint32_t object = 0;
  std::uint32_t goroutine = 0;
  auto operator<=>(const Waiter&) const = default;
};

// The fixpoint is driven by events: when an object that somebody waits for is reached, its waiters
// wake and their roots are searched too. So every object and every root is visited once, however
// long the chains of goroutines that wait for each other are.
class Fixpoint {
 public:
  explicit Fixpoint(const graph::ObjectGraph& graph)
      : snapshot_(graph.snapshot()),
        blocked_(graph.snapshot().goroutines.size()),
        waited_for_(std::size_t{graph.slot_count()} + 1),
        live_(graph) {}

  LeakedGoroutines run() && {
    collect_candidates();
    leave_out_those_at_hand();
    live_.watch(waited_for_);
    for (std::uint32_t i = 1; i <= snapshot_.roots.count(); ++i) {
      const GcRoot& root = snapshot_.roots[RootId{i}];
      bool of_blocked = root.kind == RootKind::kGoroutine && root.goroutine < blocked_.size() &&
                        blocked_.test(root.goroutine);
      if (root.kind == RootKind::kWeakHandle)
        weak_.push_back(RootId{i});
      else if (!of_blocked)
        live_.add(RootId{i});
    }
    bool weakly = false;
    do {
      spread();
    } while (add_weakly_reached(weakly));
    live_.stop_watching();  // the result outlives this
    LeakedGoroutines result{.never_runs_again = std::move(blocked_),
                            .count = 0,
                            .live = std::move(live_),
                            .unknown_wait = unknown_wait_,
                            .live_is_kept = !weakly};
    result.count = result.never_runs_again.count();
    return result;
  }

 private:
  void collect_candidates() {
    for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i) {
      const Goroutine& goroutine = snapshot_.goroutines[i];
      if (!is_candidate(goroutine)) continue;
      if (goroutine.wait_kind == WaitKind::kNever) {
        blocked_.set(i);
        continue;
      }
      if (goroutine.waits_for.empty()) ++unknown_wait_;
      // What lies outside the heap, such as a package variable, everybody can reach.
      bool anybody_reaches = goroutine.waits_for.empty();
      for (const WaitObject& wait : goroutine.waits_for)
        anybody_reaches = anybody_reaches || !snapshot_.heap.is_object(wait.object);
      if (anybody_reaches) continue;
      blocked_.set(i);
      for (const WaitObject& wait : goroutine.waits_for) {
        waiters_.push_back({wait.object.value, i});
        waited_for_.set(wait.object.value);
      }
    }
    std::sort(waiters_.begin(), waiters_.end());
  }

  // Whom something that runs has in its hands, it may be about to wake: the variables of a running
  // goroutine, or the runtime's own, refer to its g.
  void leave_out_those_at_hand() {
    std::vector<Waiter> by_g;  // the object is the g
    for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i)
      if (blocked_.test(i) && snapshot_.heap.is_object(snapshot_.goroutines[i].g_object))
        by_g.push_back({snapshot_.goroutines[i].g_object.value, i});
    std::sort(by_g.begin(), by_g.end());
    for (const GcRoot& root : snapshot_.roots.roots) {
      bool runs = root.kind == RootKind::kInHand ||
                  (root.kind == RootKind::kGoroutine &&
                   snapshot_.goroutines[root.goroutine].status == GoroutineStatus::kRunning);
      for (std::uint32_t r = 0; runs && r < root.reference_count; ++r) {
        std::uint32_t target = snapshot_.roots.references[root.first_reference + r].target.value;
        auto found = std::lower_bound(by_g.begin(), by_g.end(), Waiter{target, 0});
        if (found != by_g.end() && found->object == target) blocked_.clear(found->goroutine);
      }
    }
  }

  void spread() {
    while (true) {
      live_.search();
      std::vector<ObjectId> reached = live_.take_noted();
      if (reached.empty()) return;
      for (ObjectId object : reached) wake_waiters_of(object);
    }
  }

  // A weak pointer gives its object to whoever has it, as long as no collection has come between.
  // False if that leads to nothing new.
  bool add_weakly_reached(bool& weakly) {
    std::vector<RootId> others;
    for (RootId id : weak_) {
      const GcRoot& root = snapshot_.roots[id];
      if (!has_handle(root)) {
        others.push_back(id);
      } else if (snapshot_.heap.is_object(root.subject) && !live_.reached(root.subject)) {
        weakly = true;
        live_.add(root.subject);
      }
    }
    bool any = others.size() < weak_.size();
    weak_ = std::move(others);
    return any;
  }

  // Whether something that can run reaches what the weak pointers to an object refer to.
  bool has_handle(const GcRoot& root) const {
    for (std::uint32_t r = 0; r < root.reference_count; ++r)
      if (live_.reached(snapshot_.roots.references[root.first_reference + r].target)) return true;
    return false;
  }

  void wake_waiters_of(ObjectId object) {
    for (auto it = std::lower_bound(waiters_.begin(), waiters_.end(), Waiter{object.value, 0});
         it != waiters_.end() && it->object == object.value; ++it) {
      if (!blocked_.test(it->goroutine)) continue;
      blocked_.clear(it->goroutine);
      const Goroutine& goroutine = snapshot_.goroutines[it->goroutine];
      live_.add(goroutine.root);
      live_.add(goroutine.g_object);
    }
  }

  const Snapshot& snapshot_;
  Bitmap blocked_;
  Bitmap waited_for_;
  std::vector<Waiter> waiters_;
  std::vector<RootId> weak_;  ///< weak handles that nobody is known to have
  graph::Reachability live_;
  std::uint64_t unknown_wait_ = 0;
};

}  // namespace

LeakedGoroutines find_leaked_goroutines(const graph::ObjectGraph& graph) {
  return Fixpoint(graph).run();
}

bool everything_was_read(const Snapshot& snapshot) {
  if (snapshot.unreadable_bytes > 0) return false;
  return std::none_of(snapshot.goroutines.begin(), snapshot.goroutines.end(),
                      [](const Goroutine& goroutine) {
                        return goroutine.status == GoroutineStatus::kRunning && !goroutine.unwound;
                      });
}

bool is_parked_main(const Goroutine& goroutine, const Snapshot& snapshot) {
  return goroutine.id == 1 && goroutine.wait_kind == WaitKind::kNever &&
         snapshot.strings.text(goroutine.wait_reason).starts_with("select");
}

}  // namespace seep::analysis
