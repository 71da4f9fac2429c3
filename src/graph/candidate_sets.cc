#include "graph/candidate_sets.h"

#include <algorithm>
#include <utility>

namespace seep::graph {

using snapshot::GoType;
using snapshot::HeapType;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

std::uint64_t hash_of(const std::vector<std::uint32_t>& members) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (std::uint32_t member : members) hash = (hash ^ member) * 0x100000001b3u;
  return hash;
}

}  // namespace

CandidateSets::CandidateSets(const snapshot::Snapshot& snapshot, const HeapCandidates& candidates)
    : snapshot_(snapshot), candidates_(candidates), parts_(snapshot.types), sets_(1) {}

CandidateSets::SetId CandidateSets::intern(std::vector<std::uint32_t> members) {
  if (members.empty()) return kUnknown;
  std::uint64_t hash = hash_of(members);
  auto [begin, end] = by_hash_.equal_range(hash);
  for (auto known = begin; known != end; ++known) {
    if (sets_[known->second].members == members) return known->second;
  }
  if (all_members_ + members.size() > kMostMembers) return kUnknown;
  all_members_ += members.size();
  auto size_of = [this](std::uint32_t candidate) {
    return snapshot_.types[candidates_[candidate].layout].size;
  };
  std::uint64_t period = size_of(members.front());
  for (std::uint32_t member : members) {
    if (size_of(member) != period) period = 0;
  }
  SetId id = static_cast<SetId>(sets_.size());
  sets_.push_back({std::move(members), period});
  by_hash_.emplace(hash, id);
  return id;
}

// A view is its layout, too. The layout alone stands for whatever view of it may be the right one.
const std::vector<std::uint32_t>& CandidateSets::targets(std::uint32_t candidate, Way way) {
  auto [place, is_new] = lists_[index(way)].try_emplace(candidate);
  std::vector<std::uint32_t>& made = place->second;
  if (!is_new) return made;
  auto parts = [&](TypeId of) {
    std::vector<std::uint32_t> all = way.interior ? parts_.anywhere(of) : parts_.at_start(of);
    return way.row ? parts_.rows(of, all) : all;
  };
  const HeapType& type = candidates_[candidate];
  made = parts(type.type);
  if (type.layout != type.type) {
    std::vector<std::uint32_t> more = parts(type.layout);
    made.insert(made.end(), more.begin(), more.end());
  } else {
    for (std::uint32_t view : candidates_.of_layout(type.layout)) {
      made.push_back(candidates_[view].type.value);
    }
  }
  std::ranges::sort(made);
  made.erase(std::unique(made.begin(), made.end()), made.end());
  return made;
}

const std::unordered_set<std::uint32_t>& CandidateSets::targets_of_all(SetId set, Way way) {
  auto [place, is_new] = unions_[index(way)].try_emplace(set);
  if (is_new) {
    for (std::uint32_t member : sets_[set].members) {
      const std::vector<std::uint32_t>& more = targets(member, way);
      place->second.insert(more.begin(), more.end());
    }
  }
  return place->second;
}

bool CandidateSets::may_be_closure(std::uint32_t candidate) {
  auto [place, is_new] = closures_.try_emplace(candidate);
  if (is_new) {
    const GoType& whole = snapshot_.types[candidates_[candidate].layout];
    if (whole.kind != TypeKind::kStruct || !whole.package_path.empty()) return false;
    for (std::uint32_t part : targets(candidate, {})) {
      const GoType& type = snapshot_.types[TypeId{part}];
      if (type.kind == TypeKind::kScalar && type.size == 8) place->second = true;
    }
  }
  return place->second;
}

}  // namespace seep::graph
