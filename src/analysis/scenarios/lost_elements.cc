// A queue that moves on by q = q[1:] leaves its old elements in the array before the slice; a list
// that is cut to s[:n] leaves them behind it. Nobody can use them, and their pointers keep what
// they lead to. Counted is what nothing else reaches: reachability without those pointers.
//
//   array  | job job job | job job | nil nil |      lost: three, before the slice
//                          ^ q: length 2, capacity 4
#include "analysis/scenarios/lost_elements.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "analysis/exclusive_bytes.h"
#include "analysis/extents.h"
#include "analysis/view_holders.h"
#include "base/count_text.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using graph::Extent;
using graph::NodeId;
using graph::ReferencePlace;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::Snapshot;
using snapshot::TypeId;

constexpr std::size_t kMost = 10;
// A queue in use has as many elements behind it as before it when its array is full.
constexpr std::uint64_t kManyTimes = 2;

/// What one holder's slices lost.
struct Lost {
  std::uint64_t arrays = 0;
  std::uint64_t unreachable = 0;  ///< elements before the slice or beyond its capacity
  std::uint64_t stale = 0;        ///< elements between length and capacity
  std::uint64_t in_use = 0;       ///< elements that the slices show
  bool all_empty = true;          ///< no slice shows any
  bool sure = true;

  std::uint64_t elements() const { return unreachable + stale; }
};

struct LostPointer {
  ReferencePlace place;
  ObjectId target;
  std::uint32_t holder = 0;
};

class Search {
 public:
  explicit Search(const Evidence& evidence) : evidence_(evidence), holders_(evidence) {}

  void look_at(const PartView* first, const PartView* last);

  const Evidence& evidence_;
  ViewHolders holders_;
  std::vector<Lost> lost_;  ///< by holder
  std::vector<LostPointer> pointers_;
};

void Search::look_at(const PartView* first, const PartView* last) {
  const Snapshot& snapshot = evidence_.snapshot;
  ObjectId array = first->target;
  if (snapshot.heap.span_of(array).pointer_free) return;
  Lost lost;
  const PartView* widest = first;
  for (const PartView* view = first; view != last; ++view) {
    if (view->string) return;
    lost.sure = lost.sure && view->sure;
    bool wider = view->capacity_end - view->begin > widest->capacity_end - widest->begin;
    if (wider) widest = view;
  }
  std::uint64_t element = widest->element;

  std::size_t before = pointers_.size();
  std::uint64_t length_end = 0, capacity_end = 0, last_element = ~std::uint64_t{0};
  const PartView* next = first;
  snapshot.heap.for_each_reference(array, [&](const Reference& reference) {
    for (; next != last && next->begin <= reference.offset; ++next) {
      length_end = std::max<std::uint64_t>(length_end, next->length_end);
      capacity_end = std::max<std::uint64_t>(capacity_end, next->capacity_end);
    }
    std::uint64_t at = (reference.offset + element - widest->begin % element) / element;
    bool same = std::exchange(last_element, at) == at;
    if (reference.offset < length_end) {
      if (!same) ++lost.in_use;
      return;
    }
    if (!same) ++(reference.offset < capacity_end ? lost.stale : lost.unreachable);
    pointers_.push_back({{array, reference.offset}, reference.target, 0});
  });
  if (pointers_.size() == before) return;

  std::uint32_t holder = holders_.number_of(*widest);
  for (std::size_t i = before; i < pointers_.size(); ++i) pointers_[i].holder = holder;
  if (holder >= lost_.size()) lost_.resize(std::size_t{holder} + 1);
  Lost& sum = lost_[holder];
  ++sum.arrays;
  sum.unreachable += lost.unreachable;
  sum.stale += lost.stale;
  sum.in_use += lost.in_use;
  sum.sure = sum.sure && lost.sure;
  sum.all_empty = sum.all_empty && std::all_of(first, last, [](const PartView& view) {
                    return view.length_end == view.begin;
                  });
}

/// What the pointers of each holder alone keep.
std::vector<Extent> kept_by(const Evidence& evidence, const Search& search) {
  graph::Removed removed;
  std::vector<GroupedObject> starts;
  for (const LostPointer& pointer : search.pointers_) {
    removed.references.push_back(pointer.place);
    starts.push_back({pointer.target, pointer.holder + 1});
  }
  graph::Reachability kept(evidence.graph, removed);
  kept.add_all_roots();
  kept.search();
  return RootGroups(evidence.graph, std::move(kept), starts, search.holders_.count()).exclusive();
}

/// The type that most bytes of the lost pointers' targets have.
std::string type_of(const Evidence& evidence, const Search& search, std::uint32_t holder) {
  std::map<std::string, std::uint64_t> bytes;
  constexpr std::size_t kSample = 4096;
  std::size_t left = kSample;
  for (const LostPointer& pointer : search.pointers_) {
    if (pointer.holder != holder || left == 0) continue;
    --left;
    std::string name =
        graph::object_type_name(evidence.snapshot.types, evidence.types, pointer.target);
    bytes[name] +=
        evidence.dominators.retained(graph::ObjectGraph::node(pointer.target)).bytes.bytes();
  }
  auto most = std::ranges::max_element(bytes, {}, [](const auto& entry) { return entry.second; });
  return most == bytes.end() || most->first == "?" ? "" : most->first;
}

std::string remedy_text(const snapshot::LibraryFacts& library, const Lost& lost,
                        const std::string& name) {
  std::string clear = library.clear_builtin ? "clear(s[n:])"
                                            : "for i := n; i < len(s); i++ "
                                              "{ s[i] = nil }";
  if (lost.unreachable >= lost.stale) {
    return "set each element to nil (or its zero value) before " + name +
           " moves on: q[0] = nil; q = q[1:]. Or copy the rest to the front (copy(q, q[1:]), then "
           "the last to nil), or use a ring buffer";
  }
  std::string text = "set what is cut off to nil: " + clear + " before s = s[:n]";
  text += library.slices_delete_clears ? "; slices.Delete does both"
          : library.slices_package
              ? "; slices.Delete of this release does not: newer ones clear what they cut off"
              : "";
  return text;
}

std::string where_text(const Lost& lost) {
  std::string text;
  if (lost.unreachable > 0)
    text = counted(lost.unreachable, "element") +
           " before the first or beyond the capacity of every slice: no code can reach them";
  if (lost.stale > 0)
    text += (text.empty() ? "" : "; ") + counted(lost.stale, "element") +
            " between length and capacity: only reslicing or append brings them back";
  return text;
}

Finding describe(const Evidence& evidence, const Search& search, const graph::RootPaths& paths,
                 std::uint32_t holder, Extent kept) {
  const Lost& lost = search.lost_[holder];
  Finding finding;
  finding.scenario = "lost-elements";
  finding.permanence = Permanence::kTemporary;
  finding.bytes = kept.bytes;
  for (const LostPointer& pointer : search.pointers_)
    if (pointer.holder == holder) finding.removal.cut.references.push_back(pointer.place);
  finding.count = lost.elements();
  finding.holder = way_to(evidence, paths, search.holders_.samples(holder));
  finding.type = type_of(evidence, search, holder);
  bool pooled = is_pooled(finding.holder);
  bool many = lost.elements() >= kManyTimes * lost.in_use;
  bool likely =
      lost.sure && many && !pooled && !lost.all_empty && is_material(evidence, kept.bytes);
  finding.confidence = likely ? Confidence::kLikely : Confidence::kPossible;
  finding.fingerprint = fingerprint_of(finding);
  std::string name = last_name(finding.holder);
  finding.title = counted(lost.elements(), "element") + " that " + name +
                  " has left behind still " + (lost.elements() == 1 ? "holds " : "hold ") +
                  to_text(kept.bytes);
  finding.evidence.push_back({"lost", where_text(lost)});
  finding.evidence.push_back({"in use", counted(lost.in_use, "element") + " with pointers in " +
                                            counted(lost.arrays, "array")});
  finding.evidence.push_back({"holds", counted(kept.objects, "object") +
                                           " that nothing else reaches, by reachability "
                                           "without these pointers"});
  finding.evidence.push_back(
      {"why",
       "temporary: they go with the array, when append moves the slice to a new one or the "
       "slice is dropped"});
  if (lost.all_empty)
    finding.evidence.push_back(
        {"note", "the slices are empty: they may be kept to be filled again"});
  if (!lost.sure)
    finding.evidence.push_back(
        {"note", "the type of what holds some of the slices is not known, so they may be none"});
  if (pooled) finding.evidence.push_back({"note", "a sync.Pool keeps them to be used again"});
  finding.remedy = remedy_text(evidence.snapshot.library, lost, name);
  return finding;
}

}  // namespace

std::vector<Finding> find_lost_elements(const Evidence& evidence) {
  if (evidence.extents == nullptr) return {};
  Search search(evidence);
  evidence.extents->for_each_object(
      [&](const PartView* first, const PartView* last) { search.look_at(first, last); });
  if (search.pointers_.empty()) return {};

  std::vector<Extent> kept = kept_by(evidence, search);
  std::vector<std::uint32_t> worth;
  for (std::uint32_t i = 0; i < search.lost_.size(); ++i)
    if (kept[i + 1].bytes >= kLeastWaste) worth.push_back(i);
  std::ranges::sort(worth, [&](std::uint32_t a, std::uint32_t b) {
    return kept[b + 1].bytes < kept[a + 1].bytes;
  });
  if (worth.size() > kMost) worth.resize(kMost);
  std::vector<Finding> findings;
  if (worth.empty()) return findings;
  graph::RootPaths paths(evidence.graph);
  for (std::uint32_t holder : worth)
    findings.push_back(describe(evidence, search, paths, holder, kept[holder + 1]));
  return findings;
}

}  // namespace seep::analysis
