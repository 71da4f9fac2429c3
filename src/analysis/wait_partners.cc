#include "analysis/wait_partners.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "base/bitmap.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::WaitObject;

constexpr std::size_t kMembers = 4096;        // of a bundle whose wait objects are looked for
constexpr std::size_t kReferences = 4096;     // of one goroutine
constexpr std::size_t kInnerReferences = 32;  // of an object that a variable refers to
constexpr std::size_t kTypes = 3;             // of channels that are told
constexpr std::size_t kLongestStack = 256;    // frames in which the go statement is looked for

bool is_gone(const Goroutine& goroutine) {
  return goroutine.status == GoroutineStatus::kDead || goroutine.status == GoroutineStatus::kIdle;
}

bool waits_for(const Goroutine& goroutine, ObjectId object) {
  return std::any_of(goroutine.waits_for.begin(), goroutine.waits_for.end(),
                     [&](const WaitObject& wait) { return wait.object == object; });
}

// Visits at most kMembers of the goroutines of a bundle.
template <typename Visit>
void for_some_members(const GoroutineBundle& bundle, Visit&& visit) {
  std::size_t visited = 0;
  for (const GoroutineGroup* group : bundle)
    for (std::uint32_t member : group->members) {
      if (++visited > kMembers) return;
      visit(member);
    }
}

class Search {
 public:
  Search(const Evidence& evidence, const std::vector<GoroutineBundle>& bundles)
      : evidence_(evidence),
        snapshot_(evidence.snapshot),
        bundles_(bundles),
        wanted_(std::size_t{evidence.graph.slot_count()} + 1),
        partners_(bundles.size()),
        places_(bundles.size()) {}

  std::vector<WaitPartners> run() && {
    for (std::size_t i = 0; i < bundles_.size(); ++i) want(i);
    for (std::uint32_t g = 0; g < snapshot_.goroutines.size(); ++g)
      if (!is_gone(snapshot_.goroutines[g])) look_at_variables(g);
    for (std::size_t i = 0; i < bundles_.size(); ++i) {
      sort_partners(i);
      find_creators(i);
    }
    return std::move(partners_);
  }

 private:
  using Place = std::pair<std::string, std::string>;

  void want(std::size_t bundle) {
    for_some_members(bundles_[bundle], [&](std::uint32_t member) {
      for (const WaitObject& wait : snapshot_.goroutines[member].waits_for) {
        if (!snapshot_.heap.is_object(wait.object)) {
          partners_[bundle].outside_heap = true;
          continue;
        }
        wanted_.set(wait.object.value);
        wanted_by_.emplace(wait.object.value, bundle);
        note_type(partners_[bundle].waited_for, channel_type(wait.object));
      }
    });
  }

  static void note_type(std::vector<std::string>& types, const std::string& type) {
    if (!type.empty() && types.size() < kTypes &&
        std::find(types.begin(), types.end(), type) == types.end())
      types.push_back(type);
  }

  std::string channel_type(ObjectId object) const {
    std::string name = graph::object_type_name(snapshot_.types, evidence_.types, object);
    return name.starts_with("chan ") || name.starts_with("<-chan") ? name : "";
  }

  void look_at_variables(std::uint32_t g) {
    const Goroutine& goroutine = snapshot_.goroutines[g];
    if (goroutine.root.is_none() || goroutine.root.value > snapshot_.roots.count()) return;
    const GcRoot& root = snapshot_.roots[goroutine.root];
    std::unordered_set<std::size_t> found;
    std::uint32_t count = std::min(root.reference_count, static_cast<std::uint32_t>(kReferences));
    for (std::uint32_t r = 0; r < count; ++r) {
      ObjectId target = snapshot_.roots.references[root.first_reference + r].target;
      if (!snapshot_.heap.is_object(target)) continue;
      has(goroutine, target, found);
      std::size_t looked_at = 0;
      snapshot_.heap.for_each_reference(target, [&](const snapshot::Reference& inner) {
        if (++looked_at <= kInnerReferences) has(goroutine, inner.target, found);
      });
    }
    for (std::size_t bundle : found) add_partner(bundle, g);
  }

  void has(const Goroutine& goroutine, ObjectId object, std::unordered_set<std::size_t>& found) {
    // Who waits for it himself is no partner.
    if (!snapshot_.heap.is_object(object) || !wanted_.test(object.value) ||
        waits_for(goroutine, object))
      return;
    auto [first, last] = wanted_by_.equal_range(object.value);
    for (auto at = first; at != last; ++at) found.insert(at->second);
  }

  void add_partner(std::size_t bundle, std::uint32_t g) {
    const Goroutine& goroutine = snapshot_.goroutines[g];
    Place place{place_name(snapshot_, goroutine.stack),
                snapshot_.strings.text(goroutine.wait_reason)};
    auto [found, added] = places_[bundle].emplace(place, partners_[bundle].partners.size());
    if (added) partners_[bundle].partners.push_back({place.first, place.second, 0, false});
    WaitPartner& partner = partners_[bundle].partners[found->second];
    ++partner.goroutines;
    partner.hangs = evidence_.leaked.never_runs_again.test(g);
  }

  void sort_partners(std::size_t bundle) {
    std::stable_sort(
        partners_[bundle].partners.begin(), partners_[bundle].partners.end(),
        [](const WaitPartner& a, const WaitPartner& b) { return a.goroutines > b.goroutines; });
  }

  void find_creators(std::size_t bundle) {
    const GoroutineGroup& group = *bundles_[bundle].front();
    if (!group.created_by.function) return;
    WaitPartners& partners = partners_[bundle];
    partners.creator = snapshot_.strings.text(group.created_by.function);
    snapshot::StringId function = group.created_by.function;
    for_some_members(bundles_[bundle], [&](std::uint32_t member) {
      std::uint64_t parent = snapshot_.goroutines[member].parent_id;
      bool inside = parent == 0 ? anybody_is_inside(function) : is_inside(parent, function);
      ++(inside ? partners.creators_inside : partners.creators_returned);
    });
  }

  bool is_inside(std::uint64_t id, snapshot::StringId function) {
    if (by_id_.empty())
      for (std::uint32_t g = 0; g < snapshot_.goroutines.size(); ++g)
        if (!is_gone(snapshot_.goroutines[g])) by_id_.emplace(snapshot_.goroutines[g].id, g);
    auto found = by_id_.find(id);
    return found != by_id_.end() && has_frame(snapshot_.goroutines[found->second].stack, function);
  }

  // Where it is not known which goroutine ran the go statement, any may have.
  bool anybody_is_inside(snapshot::StringId function) {
    auto [known, added] = inside_.emplace(function.value, false);
    if (added)
      known->second =
          std::any_of(snapshot_.goroutines.begin(), snapshot_.goroutines.end(),
                      [&](const Goroutine& goroutine) {
                        return !is_gone(goroutine) && has_frame(goroutine.stack, function);
                      });
    return known->second;
  }

  bool has_frame(snapshot::StackId stack, snapshot::StringId function) const {
    const std::vector<snapshot::StackFrame>& frames = snapshot_.stacks[stack];
    auto end = frames.begin() + static_cast<std::ptrdiff_t>(std::min(frames.size(), kLongestStack));
    return std::any_of(frames.begin(), end, [&](const snapshot::StackFrame& frame) {
      return frame.function == function;
    });
  }

  const Evidence& evidence_;
  const Snapshot& snapshot_;
  const std::vector<GoroutineBundle>& bundles_;
  Bitmap wanted_;  ///< by object id
  std::unordered_multimap<std::uint32_t, std::size_t> wanted_by_;
  std::vector<WaitPartners> partners_;
  std::vector<std::map<Place, std::size_t>> places_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_id_;
  std::unordered_map<std::uint32_t, bool> inside_;
};

}  // namespace

bool WaitPartners::any_can_run() const {
  return std::any_of(partners.begin(), partners.end(),
                     [](const WaitPartner& partner) { return !partner.hangs; });
}

std::vector<WaitPartners> wait_partners(const Evidence& evidence,
                                        const std::vector<GoroutineBundle>& bundles) {
  return Search(evidence, bundles).run();
}

}  // namespace seep::analysis
