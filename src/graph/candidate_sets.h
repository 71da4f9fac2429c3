// Sets of candidates (heap_candidates.h), each kept once and known by a number, so that objects
// with the same possibilities share one, and what follows from two of them is worked out once.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/heap_candidates.h"
#include "graph/type_parts.h"

namespace seep::graph {

class CandidateSets {
 public:
  using SetId = std::uint32_t;
  static constexpr SetId kUnknown = 0;  ///< nothing is known: every type is possible

  CandidateSets(const snapshot::Snapshot& snapshot, const HeapCandidates& candidates);

  /// Number of the set with these members (ascending, not empty); kUnknown when there are too many
  /// sets already.
  SetId intern(std::vector<std::uint32_t> members);
  const std::vector<std::uint32_t>& members(SetId set) const { return sets_[set].members; }
  bool is_decided(SetId set) const { return sets_[set].members.size() == 1; }
  /// Bytes after which the layouts of all members repeat; 0 if they are of several sizes.
  std::uint64_t period(SetId set) const { return sets_[set].period; }

  /// How a pointer leads to an object.
  struct Way {
    bool interior = false;  ///< not to its start
    bool row = false;       ///< to elements of a slice, not to one value
  };
  /// Types that such a pointer to an object of that candidate may have as its target: the type
  /// itself and those of its parts. Ascending.
  const std::vector<std::uint32_t>& targets(std::uint32_t candidate, Way way);
  /// The union of that over the members.
  const std::unordered_set<std::uint32_t>& targets_of_all(SetId set, Way way);
  /// A struct without a name that begins with a number of 8 bytes: closures begin with their code.
  bool may_be_closure(std::uint32_t candidate);

 private:
  struct Set {
    std::vector<std::uint32_t> members;
    std::uint64_t period = 0;
  };
  using Lists = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;
  using Unions = std::unordered_map<SetId, std::unordered_set<std::uint32_t>>;

  static constexpr std::size_t kMostMembers = std::size_t{1} << 25;  ///< of all sets together

  static std::size_t index(Way way) { return (way.interior ? 1u : 0u) + (way.row ? 2u : 0u); }

  const snapshot::Snapshot& snapshot_;
  const HeapCandidates& candidates_;
  TypeParts parts_;
  std::vector<Set> sets_;
  std::unordered_multimap<std::uint64_t, SetId> by_hash_;
  std::size_t all_members_ = 0;
  std::array<Lists, 4> lists_;    ///< by way
  std::array<Unions, 4> unions_;  ///< by way
  std::unordered_map<std::uint32_t, bool> closures_;
};

}  // namespace seep::graph
