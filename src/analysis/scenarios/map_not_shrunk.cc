// What a map's places occupy is told from the objects that hold them: its buckets and what hangs on
// full ones, or its directory, tables and groups. That share of it comes back which a map made anew
// from the same entries would not need.
#include "analysis/scenarios/map_not_shrunk.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "analysis/material_share.h"
#include "base/bitmap.h"
#include "base/count_text.h"
#include "graph/root_path.h"

namespace seep::analysis {
namespace {

using graph::ObjectGraph;
using snapshot::GoType;
using snapshot::MapSize;
using snapshot::ObjectId;
using snapshot::PartRole;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::TypeTable;

constexpr std::uint64_t kFar = 8;
constexpr ByteSize kWorthSaying{std::uint64_t{64} << 10};
constexpr ByteSize kAlwaysWorthSaying{std::uint64_t{1} << 20};
constexpr ByteSize kMuch{std::uint64_t{256} << 10};
constexpr std::size_t kWaysAsked = 32;
constexpr std::size_t kMostFindings = 10;

// The types that the runtime builds maps of, by the type of the header.
class MapTypes {
 public:
  explicit MapTypes(const TypeTable& types) : types_(types) {
    for (std::uint32_t i = 1; i < types.size(); ++i) {
      const GoType& type = types[TypeId{i}];
      if (type.kind == TypeKind::kMap && type.referent) headers_.insert(type.referent.value);
    }
  }

  bool is_header(TypeId type) const { return headers_.contains(type.value); }

  /// The types of the runtime's own objects below a header, without keys and values.
  const std::unordered_set<std::uint32_t>& parts_of(TypeId header) {
    auto [found, added] = parts_.try_emplace(header.value);
    if (added) add_parts(header, found->second);
    return found->second;
  }

 private:
  // Plumbing leads on through pointers of fields that are plumbing themselves.
  void add_parts(TypeId type, std::unordered_set<std::uint32_t>& parts) const {
    for (const snapshot::Field& field : types_[type].fields) {
      if (field.role != PartRole::kInternal) continue;
      add_referents(field.type, parts);
    }
  }
  void add_referents(TypeId pointer, std::unordered_set<std::uint32_t>& parts) const {
    const GoType& type = types_[pointer];
    for (TypeId referent : {type.referent, type.referent_if_first_word_is_pointer}) {
      if (referent.is_none() || parts.size() >= kMostParts) continue;
      if (!parts.insert(referent.value).second) continue;
      if (types_[referent].kind == TypeKind::kPointer) add_referents(referent, parts);
      add_parts(referent, parts);
    }
  }

  static constexpr std::size_t kMostParts = 64;

  const TypeTable& types_;
  std::unordered_set<std::uint32_t> headers_;
  std::unordered_map<std::uint32_t, std::unordered_set<std::uint32_t>> parts_;
};

bool is_worth_saying(const Evidence& evidence, ByteSize wasted) {
  constexpr std::uint64_t kShare = 100;
  return wasted >= kAlwaysWorthSaying ||
         (wasted >= kWorthSaying &&
          wasted.bytes() >= evidence.completeness.reachable_bytes.bytes() / kShare);
}

struct OversizedMap {
  const MapSize* size = nullptr;
  ByteSize wasted;
};

class OversizedMaps {
 public:
  explicit OversizedMaps(const Evidence& evidence)
      : evidence_(evidence),
        types_(evidence.snapshot.types),
        seen_(std::size_t{evidence.graph.slot_count()} + 1) {
    for (const MapSize& map : evidence.snapshot.heap.maps) {
      if (map.needed == 0 || map.capacity / kFar < map.needed || !is_map(map)) continue;
      std::uint64_t bytes = bytes_of_places(map.object);
      std::uint64_t kept =
          static_cast<std::uint64_t>(static_cast<double>(bytes) * static_cast<double>(map.needed) /
                                     static_cast<double>(map.capacity));
      maps_.push_back({&map, ByteSize(bytes - std::min(bytes, kept))});
      wasted_ += maps_.back().wasted;
    }
    std::ranges::stable_sort(
        maps_, [](const OversizedMap& a, const OversizedMap& b) { return b.wasted < a.wasted; });
  }

  ByteSize wasted() const { return wasted_; }
  const std::vector<OversizedMap>& maps() const { return maps_; }

 private:
  bool is_map(const MapSize& map) const {
    return evidence_.dominators.is_reachable(ObjectGraph::node(map.object)) &&
           types_.is_header(evidence_.types.of(map.object));
  }

  // Entries without pointers lead nowhere, so that all below the header is the map's own.
  std::uint64_t bytes_of_places(ObjectId header) {
    const snapshot::Heap& heap = evidence_.snapshot.heap;
    const std::unordered_set<std::uint32_t>& parts = types_.parts_of(evidence_.types.of(header));
    std::vector<ObjectId> open = {header};
    std::uint64_t bytes = 0;
    while (!open.empty()) {
      ObjectId object = open.back();
      open.pop_back();
      heap.for_each_reference(object, [&](const snapshot::Reference& reference) {
        if (!heap.is_object(reference.target)) return;
        if (!parts.contains(evidence_.types.of(reference.target).value)) return;
        if (!seen_.set_if_clear(reference.target.value)) return;
        bytes += heap.size_of(reference.target);
        open.push_back(reference.target);
      });
    }
    return bytes;
  }

  const Evidence& evidence_;
  MapTypes types_;
  Bitmap seen_;  ///< parts of maps: each belongs to one
  std::vector<OversizedMap> maps_;
  ByteSize wasted_;
};

// Maps that are held in the same way.
struct Holding {
  std::vector<HolderStep> way;
  std::string type;
  std::vector<OversizedMap> maps;  ///< the largest first
  ByteSize wasted;
  bool held_more = true;  ///< all of them
};

// Ways may be long, so that only the largest maps are asked for theirs; a smaller one is taken to
// be held as the largest of its type.
std::vector<Holding> by_holder(const Evidence& evidence, const std::vector<OversizedMap>& maps) {
  graph::RootPaths paths(evidence.graph);
  std::map<std::string, Holding> holdings;
  std::map<snapshot::TypeId, Holding*> first_of_type;
  std::size_t asked = 0;
  for (const OversizedMap& map : maps) {
    ObjectId header = map.size->object;
    TypeId type = evidence.types.of(header);
    Holding*& first = first_of_type[type];
    Holding* holding = first;
    if (asked < kWaysAsked || first == nullptr) {
      ++asked;
      std::vector<HolderStep> way =
          path_to(evidence.graph, paths, evidence.types, ObjectGraph::node(header));
      const std::string& name = evidence.snapshot.types[type].name;
      holding = &holdings[to_text(way) + "\n" + name];
      holding->way = std::move(way);
      holding->type = name;
    }
    if (first == nullptr) first = holding;
    holding->maps.push_back(map);
    holding->wasted += map.wasted;
    holding->held_more = holding->held_more && map.size->held_more;
  }
  std::vector<Holding> sorted;
  for (auto& [text, holding] : holdings)
    if (is_worth_saying(evidence, holding.wasted)) sorted.push_back(std::move(holding));
  std::ranges::stable_sort(sorted,
                           [](const Holding& a, const Holding& b) { return b.wasted < a.wasted; });
  if (sorted.size() > kMostFindings) sorted.resize(kMostFindings);
  return sorted;
}

Finding describe(const Evidence& evidence, const Holding& holding) {
  bool one = holding.maps.size() == 1;
  const MapSize& largest = *holding.maps.front().size;
  Finding finding;
  finding.scenario = "map-not-shrunk";
  finding.permanence = Permanence::kTemporary;
  finding.bytes = holding.wasted;
  for (const OversizedMap& map : holding.maps)
    finding.removal.parts.push_back({map.size->object, map.wasted});
  finding.count = holding.maps.size();
  finding.type = holding.type;
  finding.holder = holding.way;
  if (holding.held_more && holding.wasted >= kMuch && is_material(evidence, holding.wasted))
    finding.confidence = Confidence::kLikely;
  finding.fingerprint = fingerprint_of(finding);
  std::string fill =
      counted(largest.entries, "entry") + " in a map with room for " + count_text(largest.capacity);
  if (largest.entries != 1)
    fill = count_text(largest.entries) + " entries in a map with room for " +
           count_text(largest.capacity);
  finding.title = one ? fill + ": " + to_text(holding.wasted) + " of it stand empty"
                      : counted(holding.maps.size(), "map") +
                            " hold far fewer entries than they "
                            "have room for: " +
                            to_text(holding.wasted) + " stand empty";
  if (!one) finding.evidence.push_back({"largest", fill});
  finding.evidence.push_back(
      {"why", holding.held_more
                  ? "it has held more: a map never gives room back, neither when entries are "
                    "deleted nor when it is cleared"
                  : "it was made for more than came, or it has held more and was cleared: a map "
                    "never gives room back"});
  finding.evidence.push_back(
      {"rule", "its holder can still replace it, and what it does not need comes back then"});
  finding.remedy =
      "after deleting most entries, make a new map, copy what is left and drop the old one; for "
      "values that come and go in bursts, a bounded cache";
  return finding;
}

}  // namespace

std::vector<Finding> find_maps_not_shrunk(const Evidence& evidence) {
  OversizedMaps oversized(evidence);
  if (!is_worth_saying(evidence, oversized.wasted())) return {};
  std::vector<Finding> findings;
  for (const Holding& holding : by_holder(evidence, oversized.maps()))
    findings.push_back(describe(evidence, holding));
  return findings;
}

}  // namespace seep::analysis
