#include "analysis/scenarios/known_leak_census.h"

#include <string>
#include <string_view>
#include <unordered_map>

#include "analysis/name_pattern.h"

namespace seep::analysis {
namespace {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::WaitKind;

// A bit an entry of the table.
using Entries = std::uint64_t;
static_assert(kMostKnownLeaks == 64);

constexpr std::size_t kPartsLookedAt = 32;  // of a record that a frame refers to

template <std::size_t kCount>
bool any_matches(const Patterns<kCount>& patterns, std::string_view name) {
  for (std::string_view pattern : patterns)
    if (!pattern.empty() && matches(pattern, name)) return true;
  return false;
}

template <typename Visit>
void for_each_entry(Entries entries, Visit&& visit) {
  for (std::size_t i = 0; entries != 0; ++i, entries >>= 1)
    if ((entries & 1) != 0) visit(i);
}

struct FunctionEntries {
  Entries stacks = 0, helpers = 0;
};

// Which entries name a function; each function is compared with the table once.
class FunctionTable {
 public:
  explicit FunctionTable(const Snapshot& snapshot)
      : snapshot_(snapshot), by_stack_(snapshot.stacks.stacks.size()) {}

  FunctionEntries of(snapshot::StackId stack) {
    if (stack.value >= by_stack_.size()) return {};
    Known& known = by_stack_[stack.value];
    if (!known.looked_up) {
      known.looked_up = true;
      for (const snapshot::StackFrame& frame : snapshot_.stacks[stack]) {
        FunctionEntries entries = of_function(frame.function);
        known.entries.stacks |= entries.stacks;
        known.entries.helpers |= entries.helpers;
      }
    }
    return known.entries;
  }

 private:
  struct Known {
    bool looked_up = false;
    FunctionEntries entries;
  };

  FunctionEntries of_function(snapshot::StringId function) {
    auto [found, added] = by_function_.try_emplace(function.value);
    if (!added) return found->second;
    std::string_view name = without_vendor_folder(snapshot_.strings.text(function));
    for (std::size_t i = 0; i < known_leaks().size(); ++i) {
      const KnownLeak& leak = known_leaks()[i];
      if (any_matches(leak.stacks, name)) found->second.stacks |= Entries{1} << i;
      if (any_matches(leak.helpers, name)) found->second.helpers |= Entries{1} << i;
    }
    return found->second;
  }

  const Snapshot& snapshot_;
  std::vector<Known> by_stack_;
  std::unordered_map<std::uint32_t, FunctionEntries> by_function_;
};

struct TypeEntries {
  Entries subjects = 0, keepers = 0, containers = 0;
  bool any() const { return (subjects | keepers | containers) != 0; }
};

std::vector<TypeEntries> entries_by_type(const Snapshot& snapshot) {
  std::vector<TypeEntries> by_type(snapshot.types.size());
  for (std::uint32_t t = 1; t < by_type.size(); ++t) {
    const snapshot::GoType& type = snapshot.types[{t}];
    std::string qualified = qualified_name(type);
    for (std::size_t i = 0; i < known_leaks().size(); ++i) {
      const KnownLeak& leak = known_leaks()[i];
      Entries bit = Entries{1} << i;
      auto fits = [&](const auto& patterns) {
        return any_matches(patterns, qualified) || any_matches(patterns, type.name);
      };
      if (fits(leak.subjects)) by_type[t].subjects |= bit;
      if (fits(leak.keepers)) by_type[t].keepers |= bit;
      if (fits(leak.containers)) by_type[t].containers |= bit;
    }
  }
  return by_type;
}

class Census {
 public:
  explicit Census(const Evidence& evidence)
      : evidence_(evidence),
        snapshot_(evidence.snapshot),
        functions_(evidence.snapshot),
        by_type_(entries_by_type(evidence.snapshot)),
        counts_(known_leaks().size()) {}

  std::vector<KnownLeakCount> take() && {
    for (std::uint32_t i = 0; i < snapshot_.goroutines.size(); ++i) count_goroutine(i);
    count_timers();
    count_objects();
    return std::move(counts_);
  }

 private:
  void count_goroutine(std::uint32_t index) {
    const Goroutine& goroutine = snapshot_.goroutines[index];
    if (goroutine.system || goroutine.status == GoroutineStatus::kDead ||
        goroutine.status == GoroutineStatus::kIdle)
      return;
    FunctionEntries entries = functions_.of(goroutine.stack);
    bool hangs = evidence_.leaked.never_runs_again.test(index);
    for_each_entry(entries.stacks, [&](std::size_t i) {
      const KnownLeak& leak = known_leaks()[i];
      if (leak.only_in_select && goroutine.wait_kind != WaitKind::kSelect) return;
      if (leak.rule == KnownRule::kHungHolders && !hangs) return;
      counts_[i].goroutines.push_back(index);
    });
    for_each_entry(entries.helpers, [&](std::size_t i) { counts_[i].helpers.push_back(index); });
    if (hangs) count_holder(goroutine, index);
  }

  // Its own variables, and what they refer to: often that is a record of which the value is a part.
  void count_holder(const Goroutine& goroutine, std::uint32_t index) {
    if (goroutine.root.value == 0 || goroutine.root.value > snapshot_.roots.count()) return;
    const snapshot::GcRoot& root = snapshot_.roots[goroutine.root];
    Entries held = 0;
    for (std::uint32_t r = 0; r < root.reference_count; ++r) {
      const snapshot::RootReference& reference =
          snapshot_.roots.references[root.first_reference + r];
      held |= subjects_of(reference.type) | subjects_of(evidence_.types.of(reference.target));
      std::size_t looked_at = 0;
      if (!snapshot_.heap.is_object(reference.target)) continue;
      snapshot_.heap.for_each_reference(reference.target, [&](const snapshot::Reference& inner) {
        if (++looked_at <= kPartsLookedAt) held |= subjects_of(evidence_.types.of(inner.target));
      });
    }
    for_each_entry(held, [&](std::size_t i) {
      std::vector<std::uint32_t>& counted = counts_[i].goroutines;
      if (known_leaks()[i].rule == KnownRule::kHungHolders &&
          (counted.empty() || counted.back() != index))
        counted.push_back(index);
    });
  }

  Entries subjects_of(snapshot::TypeId type) const {
    return type.value < by_type_.size() ? by_type_[type.value].subjects : 0;
  }

  void count_timers() {
    for (const snapshot::Timer& timer : snapshot_.timers) {
      if (!timer.held || timer.root.is_none()) continue;
      std::string_view function = without_vendor_folder(snapshot_.strings.text(timer.function));
      for (std::size_t i = 0; i < known_leaks().size(); ++i)
        if (any_matches(known_leaks()[i].timers, function)) counts_[i].timers.push_back(timer.root);
    }
  }

  void count_objects() {
    for (const snapshot::Span& span : snapshot_.heap.spans) {
      if (span.pointer_free) continue;
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
        ObjectId id{span.first.value + slot};
        std::uint32_t type = evidence_.types.of(id).value;
        if (type >= by_type_.size() || !by_type_[type].any()) continue;
        if (evidence_.dominators.is_reachable(graph::ObjectGraph::node(id)))
          count_object(id, by_type_[type]);
      }
    }
  }

  void count_object(ObjectId id, const TypeEntries& entries) {
    // An array of the type is one allocation, but no single value.
    bool array = id.value < evidence_.types.arrays.size() && evidence_.types.arrays.test(id.value);
    if (!array)
      for_each_entry(entries.subjects, [&](std::size_t i) { counts_[i].subjects.push_back(id); });
    for_each_entry(entries.keepers, [&](std::size_t i) { counts_[i].keepers.push_back(id); });
    for_each_entry(entries.containers, [&](std::size_t i) { counts_[i].containers.push_back(id); });
  }

  const Evidence& evidence_;
  const Snapshot& snapshot_;
  FunctionTable functions_;
  std::vector<TypeEntries> by_type_;
  std::vector<KnownLeakCount> counts_;
};

}  // namespace

std::vector<KnownLeakCount> count_known_leaks(const Evidence& evidence) {
  return Census(evidence).take();
}

}  // namespace seep::analysis
