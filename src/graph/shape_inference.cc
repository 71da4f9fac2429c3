#include "graph/shape_inference.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "graph/candidate_sets.h"
#include "graph/heap_candidates.h"
#include "graph/pointer_leads.h"
#include "graph/slice_limits.h"

namespace seep::graph {

using snapshot::ClaimSource;
using snapshot::Heap;
using snapshot::HeapType;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootReference;
using snapshot::SlotShape;
using snapshot::SlotShapes;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::TypeClaim;
using snapshot::TypeId;

namespace {

/// Number of a candidate set, or, for an object without pointers, kPointerFree and its shape.
using Possible = std::uint32_t;
constexpr Possible kPointerFree = 0x80000000;

class ShapeInference {
 public:
  ShapeInference(const Snapshot& snapshot, const SlotShapes& shapes, PointerSlots& slots)
      : snapshot_(snapshot),
        heap_(snapshot.heap),
        shapes_(shapes),
        slots_(slots),
        candidates_(snapshot, slots),
        sets_(snapshot, candidates_),
        leads_(snapshot.types),
        possible_(std::size_t{heap_.slot_count} + 1, CandidateSets::kUnknown) {}

  ShapeTypes run(std::span<const TypeId> known);

 private:
  struct Edge {
    Possible source = 0, target = 0;
    std::uint64_t offset = 0;
    bool interior = false;
    bool operator==(const Edge&) const = default;
  };
  struct EdgeHash {
    std::size_t operator()(const Edge& edge) const {
      std::uint64_t hash = (std::uint64_t{edge.source} << 32 | edge.target) * 0x9e3779b97f4a7c15u;
      return (hash ^ (edge.offset << 1 | (edge.interior ? 1 : 0))) * 0xff51afd7ed558ccdu >> 7;
    }
  };
  struct Outcome {
    Possible source = 0, target = 0;
  };

  static constexpr int kMostRounds = 12;
  static constexpr std::uint32_t kMostChecked = 64;
  static constexpr std::uint64_t kMostCompared = std::uint64_t{1} << 15;
  static constexpr std::uint64_t kMostWork = std::uint64_t{1} << 31;
  static constexpr std::uint64_t kMostFitted = std::uint64_t{1} << 27;
  static constexpr std::uint32_t kEnoughNoSlices = 4;

  bool is_set(Possible possible) const {
    return possible != CandidateSets::kUnknown && (possible & kPointerFree) == 0;
  }
  void start();
  Possible first_set(const SlotShape& shape, std::uint16_t number, std::uint32_t object);
  void heed_claims();
  void heed_known(std::span<const TypeId> known);
  Possible closures_of(Possible possible);
  template <typename IsLeft>
  Possible only(Possible possible, IsLeft&& is_left);
  void heed_roots();
  void heed_rows();
  void heed_slice_limits();
  bool may_be_no_slice(std::uint32_t candidate, std::uint64_t offset);
  void settle();
  bool sweep();
  bool narrow_references(std::uint32_t object);
  Outcome narrowed(Edge edge);
  Outcome work_out(const Edge& edge);
  TypeId pointer_at(std::uint32_t candidate, std::uint64_t offset);
  bool leads_there(const PointerLead& lead, const Edge& edge);
  Possible targets_of(const std::vector<std::uint32_t>& sources, const Edge& edge);
  Possible beginning_with(Possible possible, std::uint32_t type);
  template <typename IsPreferred>
  void prefer(IsPreferred&& is_preferred);
  bool is_specific(std::uint32_t candidate);
  bool has_view(std::uint32_t candidate, const std::vector<std::uint32_t>& members) const;
  TypeId choice(Possible possible);
  bool same_pointers(std::uint32_t one, std::uint32_t other);

  const Snapshot& snapshot_;
  const Heap& heap_;
  const SlotShapes& shapes_;
  PointerSlots& slots_;
  HeapCandidates candidates_;
  CandidateSets sets_;
  PointerLeads leads_;
  std::vector<Possible> possible_;  ///< by object id
  std::map<std::pair<std::uint16_t, std::uint16_t>, Possible> first_sets_;
  std::unordered_map<Edge, Outcome, EdgeHash> outcomes_;
  std::unordered_map<Possible, TypeId> choices_;
  std::uint64_t work_ = 0;
  std::uint64_t fitted_ = 0;
  ShapeTypes made_;
};

ShapeTypes ShapeInference::run(std::span<const TypeId> known) {
  start();
  heed_known(known);
  heed_claims();
  heed_roots();
  heed_rows();
  heed_slice_limits();
  settle();
  using Members = std::vector<std::uint32_t>;
  prefer(
      [this](std::uint32_t member, const Members&) { return candidates_.is_made_by_code(member); });
  settle();
  prefer([this](std::uint32_t member, const Members& all) { return !has_view(member, all); });
  prefer([this](std::uint32_t member, const Members&) { return is_specific(member); });
  settle();
  made_.by_object.resize(possible_.size());
  for (std::uint32_t id = 1; id < possible_.size(); ++id) {
    if (is_set(possible_[id])) made_.by_object[id] = choice(possible_[id]);
  }
  return std::move(made_);
}

void ShapeInference::start() {
  for (std::size_t i = 0; i < heap_.spans.size(); ++i) {
    const Span& span = heap_.spans[i];
    std::uint16_t number = shapes_.of_span(i);
    if (number == SlotShapes::kNone) continue;
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t id = span.first.value + slot;
      if (id >= possible_.size() || !heap_.allocated.test(id)) continue;
      possible_[id] =
          span.pointer_free ? kPointerFree | number : first_set(shapes_[number], number, id);
    }
  }
}

Possible ShapeInference::first_set(const SlotShape& shape, std::uint16_t number,
                                   std::uint32_t object) {
  TypeClaim claim = heap_.claims[object];
  if (claim.source() == ClaimSource::kHeader) {
    return sets_.intern(candidates_.of_layout(claim.type()));
  }
  std::uint16_t mask = heap_.masks[object];
  if (mask == 0 || mask >= heap_.mask_table.size()) return CandidateSets::kUnknown;
  auto [known, is_new] = first_sets_.try_emplace({number, mask});
  if (is_new && fitted_ < kMostFitted) {
    fitted_ += candidates_.size();
    known->second = sets_.intern(candidates_.fitting(shape, heap_.mask_table[mask]));
  }
  return known->second;
}

void ShapeInference::heed_claims() {
  for (std::uint32_t id = 1; id < possible_.size(); ++id) {
    TypeClaim claim = heap_.claims[id];
    if (!is_set(possible_[id])) continue;
    if (claim.source() == ClaimSource::kInterface) {
      possible_[id] = beginning_with(possible_[id], claim.type().value);
    } else if (claim.source() == ClaimSource::kClosure) {
      possible_[id] = closures_of(possible_[id]);
    }
  }
}

void ShapeInference::heed_known(std::span<const TypeId> known) {
  std::size_t count = std::min(known.size(), possible_.size());
  for (std::uint32_t id = 1; id < count; ++id) {
    if (known[id].is_none() || !is_set(possible_[id])) continue;
    possible_[id] = only(possible_[id], [&](std::uint32_t member) {
      return candidates_[member].type == known[id] || candidates_[member].layout == known[id];
    });
  }
}

void ShapeInference::heed_roots() {
  for (const RootReference& reference : snapshot_.roots.references) {
    std::uint32_t id = reference.target.value;
    if (reference.conservative || reference.interior || id >= possible_.size()) continue;
    if (!is_set(possible_[id])) continue;
    if (reference.boxed) possible_[id] = beginning_with(possible_[id], reference.boxed.value);
    TypeId type = reference.type ? slots_.at(reference.type, reference.offset) : TypeId{};
    if (type.is_none()) continue;
    const PointerLead& lead = leads_[type];
    if (!lead.anything && lead.count == 1) {
      possible_[id] = beginning_with(possible_[id], lead.targets[0]);
    }
  }
}

/// Elements of a slice are as large as its room for them says.
void ShapeInference::heed_rows() {
  for (const snapshot::RowLength& row : heap_.row_lengths) {
    std::uint32_t id = row.object.value;
    if (id >= possible_.size() || !is_set(possible_[id]) || row.elements == 0) continue;
    std::uint64_t usable = heap_.size_of(row.object) - heap_.span_of(row.object).data_offset;
    possible_[id] = only(possible_[id], [&](std::uint32_t member) {
      std::uint64_t size = snapshot_.types[candidates_[member].layout].size;
      return size <= usable / row.elements && size * row.elements > usable / 2;
    });
  }
}

/// Where a word begins no slice, types that have one there are not it. A slice that was just being
/// written may look like none: a few objects prove nothing.
void ShapeInference::heed_slice_limits() {
  using Case = std::pair<Possible, std::uint64_t>;
  std::vector<NoSlice> words = words_of_no_slice(heap_);
  std::vector<Case> cases(words.size());
  std::map<Case, std::uint32_t> seen;
  for (std::size_t i = 0; i < words.size(); ++i) {
    Possible possible = possible_[words[i].object.value];
    if (!is_set(possible) || sets_.is_decided(possible)) continue;
    std::uint64_t period = sets_.period(possible);
    cases[i] = {possible, period == 0 ? words[i].offset : words[i].offset % period};
    ++seen[cases[i]];
  }
  std::map<Case, Possible> left;
  for (std::size_t i = 0; i < words.size(); ++i) {
    auto known = seen.find(cases[i]);
    if (known == seen.end() || known->second < kEnoughNoSlices) continue;
    Possible& possible = possible_[words[i].object.value];
    std::uint64_t offset = cases[i].second;
    auto [place, is_new] = left.try_emplace({possible, offset}, possible);
    if (is_new)
      place->second =
          only(possible, [&](std::uint32_t member) { return may_be_no_slice(member, offset); });
    possible = place->second;
  }
}

bool ShapeInference::may_be_no_slice(std::uint32_t candidate, std::uint64_t offset) {
  TypeId word = pointer_at(candidate, offset);
  if (word.is_none()) return true;
  const snapshot::GoType& type = snapshot_.types[word];
  // Elements without bytes need no room.
  return type.kind != snapshot::TypeKind::kSlice || snapshot_.types[type.referent].size == 0;
}

/// Those of the set that begin with the type; all if none does.
Possible ShapeInference::beginning_with(Possible possible, std::uint32_t type) {
  return only(possible, [&](std::uint32_t member) {
    return std::ranges::binary_search(sets_.targets(member, {}), type);
  });
}

Possible ShapeInference::closures_of(Possible possible) {
  return only(possible, [this](std::uint32_t member) { return sets_.may_be_closure(member); });
}

template <typename IsLeft>
Possible ShapeInference::only(Possible possible, IsLeft&& is_left) {
  if (sets_.is_decided(possible)) return possible;
  std::vector<std::uint32_t> left;
  std::ranges::copy_if(sets_.members(possible), std::back_inserter(left), is_left);
  if (left.empty()) return possible;
  Possible made = sets_.intern(std::move(left));
  return made == CandidateSets::kUnknown ? possible : made;
}

void ShapeInference::settle() {
  for (int round = 0; round < kMostRounds && sweep(); ++round) {
  }
}

// By rising address one time. Objects that point to each other mostly lie in order of their making,
// so what one excludes is known when the next is looked at.
bool ShapeInference::sweep() {
  bool changed = false;
  for (std::uint32_t id = 1; id < possible_.size(); ++id) {
    if (is_set(possible_[id])) changed |= narrow_references(id);
  }
  return changed;
}

bool ShapeInference::narrow_references(std::uint32_t object) {
  bool changed = false;
  std::uint32_t checked = 0;
  heap_.for_each_reference(ObjectId{object}, [&](const Reference& reference) {
    Possible source = possible_[object];
    std::uint64_t period = sets_.period(source);
    // Long objects of types of several sizes would make every word of them a case of its own.
    if (period == 0 && ++checked > kMostChecked) return;
    std::uint32_t to = reference.target.value;
    if (to >= possible_.size() || possible_[to] == CandidateSets::kUnknown) return;
    bool known = !is_set(possible_[to]) || sets_.is_decided(possible_[to]);
    if (known && sets_.is_decided(source)) return;
    std::uint64_t offset = period == 0 ? reference.offset : reference.offset % period;
    Outcome outcome = narrowed({source, possible_[to], offset, reference.interior});
    changed |= outcome.source != source || outcome.target != possible_[to];
    possible_[object] = outcome.source;
    // An object that points to itself was just written.
    if (to != object) possible_[to] = outcome.target;
  });
  return changed;
}

ShapeInference::Outcome ShapeInference::narrowed(Edge edge) {
  auto known = outcomes_.find(edge);
  if (known != outcomes_.end()) return known->second;
  Outcome made{edge.source, edge.target};
  if (work_ < kMostWork) made = work_out(edge);
  outcomes_.emplace(edge, made);
  return made;
}

ShapeInference::Outcome ShapeInference::work_out(const Edge& edge) {
  const Outcome unchanged{edge.source, edge.target};
  std::vector<std::uint32_t> sources;
  work_ += sets_.members(edge.source).size();
  for (std::uint32_t member : sets_.members(edge.source)) {
    TypeId pointer = pointer_at(member, edge.offset);
    if (pointer && leads_there(leads_[pointer], edge)) sources.push_back(member);
  }
  if (sources.empty()) {
    ++made_.contradictions;
    return unchanged;
  }
  Possible target = is_set(edge.target) ? targets_of(sources, edge) : edge.target;
  Possible source = sets_.intern(std::move(sources));
  if (source == CandidateSets::kUnknown || target == CandidateSets::kUnknown) return unchanged;
  return {source, target};
}

TypeId ShapeInference::pointer_at(std::uint32_t candidate, std::uint64_t offset) {
  const HeapType& type = candidates_[candidate];
  TypeId pointer = slots_.at(type.type, offset);
  return pointer ? pointer : slots_.at(type.layout, offset);
}

bool ShapeInference::leads_there(const PointerLead& lead, const Edge& edge) {
  if (lead.anything) return true;
  if (!is_set(edge.target)) {
    return leads_.fits_pointer_free(lead, shapes_[static_cast<std::uint16_t>(edge.target)].usable);
  }
  if (lead.bytes) return edge.interior;
  if (lead.closure) {
    return std::ranges::any_of(sets_.members(edge.target), [this](std::uint32_t candidate) {
      return sets_.may_be_closure(candidate);
    });
  }
  const std::unordered_set<std::uint32_t>& targets =
      sets_.targets_of_all(edge.target, {edge.interior, lead.row});
  for (std::uint32_t i = 0; i < lead.count; ++i) {
    if (targets.contains(lead.targets[i])) return true;
  }
  return false;
}

/// Of what the target can be, that which one of the sources can lead to.
Possible ShapeInference::targets_of(const std::vector<std::uint32_t>& sources, const Edge& edge) {
  std::array<std::unordered_set<std::uint32_t>, 2> wanted;  // single values, rows
  bool closure = false;
  for (std::uint32_t source : sources) {
    const PointerLead& lead = leads_[pointer_at(source, edge.offset)];
    if (lead.anything || lead.bytes) return edge.target;
    closure |= lead.closure;
    wanted[lead.row ? 1 : 0].insert(lead.targets.begin(), lead.targets.begin() + lead.count);
  }
  auto is_wanted = [&](std::uint32_t member) {
    if (closure && sets_.may_be_closure(member)) return true;
    for (bool row : {false, true}) {
      if (wanted[row ? 1 : 0].empty()) continue;
      const std::vector<std::uint32_t>& parts = sets_.targets(member, {edge.interior, row});
      work_ += parts.size();
      for (std::uint32_t part : parts) {
        if (wanted[row ? 1 : 0].contains(part)) return true;
      }
    }
    return false;
  };
  std::vector<std::uint32_t> left;
  std::ranges::copy_if(sets_.members(edge.target), std::back_inserter(left), is_wanted);
  if (left.size() == sets_.members(edge.target).size()) return edge.target;
  return sets_.intern(std::move(left));
}

/// Leaves only those in the sets that are preferred, where there are any.
template <typename IsPreferred>
void ShapeInference::prefer(IsPreferred&& is_preferred) {
  std::unordered_map<Possible, Possible> known;
  for (Possible& possible : possible_) {
    if (!is_set(possible) || sets_.is_decided(possible)) continue;
    auto [place, is_new] = known.try_emplace(possible, possible);
    if (is_new) {
      std::vector<std::uint32_t> left;
      const std::vector<std::uint32_t>& members = sets_.members(possible);
      std::ranges::copy_if(members, std::back_inserter(left),
                           [&](std::uint32_t member) { return is_preferred(member, members); });
      Possible made = sets_.intern(std::move(left));
      if (made != CandidateSets::kUnknown) place->second = made;
    }
    possible = place->second;
  }
}

/// Says of a pointer what it leads to. What does not fits everything.
bool ShapeInference::is_specific(std::uint32_t candidate) {
  std::uint64_t size = snapshot_.types[candidates_[candidate].layout].size;
  for (std::uint64_t offset = 0; offset < std::min(size, kMostCompared); offset += 8) {
    TypeId pointer = pointer_at(candidate, offset);
    if (pointer && !leads_[pointer].anything) return true;
  }
  return false;
}

/// A view of it is there, which says more.
bool ShapeInference::has_view(std::uint32_t candidate,
                              const std::vector<std::uint32_t>& members) const {
  const HeapType& type = candidates_[candidate];
  return type.type == type.layout && std::ranges::any_of(members, [&](std::uint32_t other) {
           return other != candidate && candidates_[other].layout == type.layout;
         });
}

TypeId ShapeInference::choice(Possible possible) {
  auto [place, is_new] = choices_.try_emplace(possible);
  if (!is_new) return place->second;
  const std::vector<std::uint32_t>& members = sets_.members(possible);
  const HeapType& first = candidates_[members.front()];
  auto has_layout = [&](std::uint32_t member) {
    return candidates_[member].layout == first.layout;
  };
  if (members.size() == 1) return place->second = first.type;
  if (std::ranges::all_of(members, has_layout)) return place->second = first.layout;
  for (std::uint32_t inner : members) {
    auto is_around = [&](std::uint32_t outer) {
      return outer == inner ||
             (std::ranges::binary_search(sets_.targets(outer, {}), candidates_[inner].type.value) &&
              same_pointers(inner, outer));
    };
    if (std::ranges::all_of(members, is_around)) return place->second = candidates_[inner].type;
  }
  return {};
}

bool ShapeInference::same_pointers(std::uint32_t inner, std::uint32_t outer) {
  std::uint64_t size = snapshot_.types[candidates_[outer].layout].size;
  std::uint64_t inner_size = snapshot_.types[candidates_[inner].layout].size;
  if (size > kMostCompared) return false;
  bool repeats = HeapCandidates::is_several(inner);
  for (std::uint64_t offset = 0; offset < size; offset += 8) {
    TypeId pointer = offset < inner_size || repeats ? pointer_at(inner, offset) : TypeId{};
    if (pointer != pointer_at(outer, offset)) return false;
  }
  return true;
}

}  // namespace

ShapeTypes infer_by_shape(const Snapshot& snapshot, const SlotShapes& shapes,
                          std::span<const TypeId> known, PointerSlots& slots) {
  bool can = !snapshot.heap_types.empty() && !snapshot.heap.masks.empty();
  return can ? ShapeInference(snapshot, shapes, slots).run(known) : ShapeTypes{};
}

}  // namespace seep::graph
