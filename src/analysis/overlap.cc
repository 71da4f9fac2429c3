#include "analysis/overlap.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/bitmap.h"

namespace seep::analysis {

using graph::ReferencePlace;
using snapshot::GcRoot;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::ReferenceTable;
using snapshot::RootId;
using snapshot::Roots;
using snapshot::Span;

void Removal::add(Removal other) {
  auto append = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(cut.roots, other.cut.roots);
  append(cut.root_references, other.cut.root_references);
  append(cut.references, other.cut.references);
  append(objects, other.objects);
  append(parts, other.parts);
}

namespace {

/// Stages are numbers of findings from 1; this many fit a byte for each object.
constexpr std::size_t kMostStages = 200;
constexpr ByteSize kWorthSaying{64 * 1024};
/// As in graph/reachability.cc: how far ahead references are fetched.
constexpr std::size_t kFarAhead = 24;
constexpr std::size_t kNearAhead = 12;
/// Below a hundredth of a finding an overlap is not worth a line.
constexpr std::uint64_t kSmallPart = 100;

// The search that puts findings back from the last to the first.
class StagedSearch {
 public:
  StagedSearch(const graph::ObjectGraph& graph, const std::vector<const Removal*>& removals)
      : heap_(graph.heap()),
        roots_(graph.roots()),
        stages_(static_cast<Stage>(removals.size())),
        root_stage_(std::size_t{roots_.count()} + 1),
        cut_objects_(std::size_t{graph.slot_count()} + 1),
        cut_sources_(std::size_t{graph.slot_count()} + 1),
        seen_(heap_.allocated),
        freed_by_(std::size_t{graph.slot_count()} + 1),
        pending_(removals.size() + 1),
        returning_(removals.size() + 1) {
    for (std::uint64_t& word : seen_.words()) word = ~word;
    for (Stage stage = 1; stage <= stages_; ++stage) note(*removals[stage - 1], stage);
    // Of several findings that cut the same the first one counts: it is the last to be put back.
    for (Cuts* cuts : {&root_references_, &references_, &objects_}) {
      std::ranges::stable_sort(*cuts, {}, &Cut::first);
      auto [first, last] = std::ranges::unique(*cuts, {}, &Cut::first);
      cuts->erase(first, last);
    }
    for (level_ = stages_;; --level_) {
      put_back();
      search();
      if (level_ == 0) break;
    }
  }

  /// The finding that frees an object beyond those before it; 0 if none of them does.
  std::uint32_t freed_by(ObjectId id) const { return freed_by_[id.value]; }

  /// By stage.
  std::vector<ByteSize> freed_bytes() const {
    std::vector<ByteSize> bytes(std::size_t{stages_} + 1);
    for (const Span& span : heap_.spans)
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot)
        if (Stage stage = freed_by_[span.first.value + slot]; stage != 0)
          bytes[stage] += ByteSize(span.slot_bytes);
    return bytes;
  }

 private:
  using Stage = std::uint32_t;
  using Cut = std::pair<std::uint32_t, Stage>;  // what is cut, by which finding
  using Cuts = std::vector<Cut>;

  void note(const Removal& removal, Stage stage) {
    for (RootId root : removal.cut.roots)
      if (root.value < root_stage_.size() && root_stage_[root.value] == 0)
        root_stage_[root.value] = stage;
    for (std::uint32_t index : removal.cut.root_references)
      root_references_.emplace_back(index, stage);
    for (const ReferencePlace& place : removal.cut.references) note_reference(place, stage);
    for (ObjectId object : removal.objects) {
      if (!heap_.is_object(object)) continue;
      cut_objects_.set(object.value);
      objects_.emplace_back(object.value, stage);
    }
  }

  void note_reference(const ReferencePlace& place, Stage stage) {
    if (!heap_.is_object(place.source)) return;
    const ReferenceTable& table = heap_.references;
    std::uint64_t word = ~std::uint64_t{0};
    for (std::uint32_t i = table.first[place.source.value]; i < table.first[place.source.value + 1];
         ++i) {
      word += table.steps[i] & ReferenceTable::kMaxStep;
      if (word * 8 != place.offset) continue;
      cut_sources_.set(place.source.value);
      references_.emplace_back(i, stage);
    }
  }

  static Stage stage_of(const Cuts& cuts, std::uint32_t what) {
    auto found = std::ranges::lower_bound(cuts, what, {}, &Cut::first);
    return found != cuts.end() && found->first == what ? found->second : 0;
  }

  // At level n the findings 1 ... n are removed.
  void put_back() {
    Stage returns = level_ + 1;
    for (std::uint32_t i = 1; i <= roots_.count(); ++i) {
      Stage stage = root_stage_[i];
      bool now = level_ == stages_ ? stage == 0 : stage == returns;
      if (now) add_root(roots_[RootId{i}]);
    }
    if (level_ == stages_) return;
    for (std::uint32_t object : std::exchange(returning_[returns], {})) enter(object);
    for (std::uint32_t object : std::exchange(pending_[returns], {})) offer(object);
  }

  void add_root(const GcRoot& root) {
    for (std::uint32_t r = 0; r < root.reference_count; ++r) {
      std::uint32_t index = root.first_reference + r;
      offer_through(roots_.references[index].target.value, stage_of(root_references_, index));
    }
  }

  void offer_through(std::uint32_t object, Stage stage) {
    if (stage != 0 && stage <= level_) {
      pending_[stage].push_back(object);
    } else {
      offer(object);
    }
  }

  void offer(std::uint32_t object) {
    if (seen_.set_if_clear(object)) enter(object);
  }

  // A cut object that is put back now was seen when a reference to it was.
  void enter(std::uint32_t object) {
    if (cut_objects_.test(object)) {
      Stage stage = stage_of(objects_, object);
      if (stage <= level_) {
        returning_[stage].push_back(object);
        return;
      }
    }
    queue_.push_back(object);
  }

  void search() {
    const std::uint32_t* first = heap_.references.first.data();
    const std::uint32_t* targets = heap_.references.targets.data();
    bool cuts = !references_.empty();
    for (std::size_t next = 0; next < queue_.size(); ++next) {
      if (next + kFarAhead < queue_.size()) {
        __builtin_prefetch(first + queue_[next + kFarAhead]);
        __builtin_prefetch(targets + first[queue_[next + kNearAhead]]);
      }
      std::uint32_t source = queue_[next];
      bool cut = cuts && cut_sources_.test(source);
      for (std::uint32_t i = first[source]; i < first[source + 1]; ++i) {
        if (cut) {
          offer_through(targets[i], stage_of(references_, i));
        } else if (seen_.set_if_clear(targets[i])) {
          enter(targets[i]);
        }
      }
    }
    // What stays whatever is removed has no number.
    if (level_ < stages_)
      for (std::uint32_t object : queue_) freed_by_[object] = static_cast<std::uint8_t>(level_ + 1);
    queue_.clear();
  }

  const Heap& heap_;
  const Roots& roots_;
  Stage stages_ = 0;
  Stage level_ = 0;
  std::vector<Stage> root_stage_;  ///< by root id; 0: not cut
  Cuts root_references_, references_, objects_;
  Bitmap cut_objects_, cut_sources_;
  Bitmap seen_;                                        ///< reached, or not an object at all
  std::vector<std::uint8_t> freed_by_;                 ///< by object id: the stage
  std::vector<std::vector<std::uint32_t>> pending_;    ///< by stage: targets of cut references
  std::vector<std::vector<std::uint32_t>> returning_;  ///< by stage: cut objects that were seen
  std::vector<std::uint32_t> queue_;
};

class Overlaps {
 public:
  Overlaps(const Evidence& evidence, std::vector<Finding>& findings)
      : evidence_(evidence), findings_(findings) {
    for (std::size_t i = 0; i < findings.size(); ++i) {
      // What explains the resident memory is about pages; no object is removed.
      if (findings[i].informational || is_about_rss(findings[i])) continue;
      if (findings[i].removal.is_unknown() || counted_.size() == kMostStages) {
        ++together_.left_out;
        continue;
      }
      counted_.push_back(i);
      removals_.push_back(&findings[i].removal);
    }
    together_.findings = static_cast<std::uint32_t>(counted_.size());
    shared_.resize((counted_.size() + 1) * (counted_.size() + 1));
  }

  Together tell() {
    if (counted_.size() < 2) {
      for (std::size_t index : counted_) together_.sum = together_.bytes = findings_[index].bytes;
      return together_;
    }
    StagedSearch search(evidence_.graph, removals_);
    std::vector<ByteSize> freed = search.freed_bytes();
    for (std::size_t stage = 1; stage <= counted_.size(); ++stage) {
      together_.sum += findings_[counted_[stage - 1]].bytes;
      together_.bytes += freed[stage];
    }
    for (std::size_t stage = 2; stage <= counted_.size(); ++stage)
      if (freed[stage] < findings_[counted_[stage - 1]].bytes) share_below_tops(search, stage);
    for (std::size_t stage = 1; stage <= counted_.size(); ++stage) share_parts(search, stage);
    for (std::size_t stage = 2; stage <= counted_.size(); ++stage) say(stage, freed[stage]);
    return together_;
  }

 private:
  ByteSize& shared(std::size_t later, std::size_t earlier) {
    return shared_[later * (counted_.size() + 1) + earlier];
  }

  // What lies below the objects and roots of a finding comes back with it; which earlier finding
  // that is of, the search has told.
  void share_below_tops(const StagedSearch& search, std::size_t stage) {
    const graph::DominatorTree& tree = evidence_.dominators;
    const Removal& removal = *removals_[stage - 1];
    std::vector<graph::NodeId> tops;
    for (ObjectId object : removal.objects) tops.push_back(graph::ObjectGraph::node(object));
    for (RootId root : removal.cut.roots) tops.push_back(evidence_.graph.node(root));
    std::erase_if(tops, [&](graph::NodeId node) { return tree.position(node) == 0; });
    std::ranges::sort(tops, {}, [&](graph::NodeId node) { return tree.position(node); });
    std::uint32_t next = 0;
    for (graph::NodeId top : tops)
      for (next = std::max(next, tree.position(top)); next < tree.end_position(top); ++next)
        share_object(search, tree.node_at(next), stage);
  }

  void share_object(const StagedSearch& search, graph::NodeId node, std::size_t stage) {
    if (!evidence_.graph.is_object(node)) return;
    std::uint32_t freed_by = search.freed_by(evidence_.graph.object(node));
    if (freed_by != 0 && freed_by < stage)
      shared(stage, freed_by) += ByteSize(evidence_.graph.bytes(node));
  }

  // A part of an object that goes with another finding is that one's already.
  void share_parts(const StagedSearch& search, std::size_t stage) {
    for (const ObjectPart& part : removals_[stage - 1]->parts) {
      if (!evidence_.graph.heap().is_object(part.object)) continue;
      std::uint32_t freed_by = search.freed_by(part.object);
      if (freed_by == 0) {
        together_.bytes += part.bytes;
      } else if (freed_by != stage) {
        shared(std::max<std::size_t>(stage, freed_by), std::min<std::size_t>(stage, freed_by)) +=
            part.bytes;
      }
    }
  }

  void say(std::size_t stage, ByteSize freed) {
    Finding& finding = findings_[counted_[stage - 1]];
    auto worth_saying = [&](ByteSize bytes) {
      return bytes >= kWorthSaying && bytes.bytes() >= finding.bytes.bytes() / kSmallPart;
    };
    std::string text;
    for (std::size_t earlier = 1; earlier < stage; ++earlier) {
      if (ByteSize bytes = shared(stage, earlier); worth_saying(bytes))
        text += (text.empty() ? "of this, " : ", and ") + to_text(bytes) +
                " are those of finding " + std::to_string(counted_[earlier - 1] + 1);
    }
    bool by_references = !finding.removal.cut.references.empty();
    if (text.empty() && by_references && finding.bytes > freed &&
        worth_saying(finding.bytes - freed))
      text = "of this, " + to_text(finding.bytes - freed) +
             " come back with the findings before this one as well";
    if (!text.empty()) finding.evidence.push_back({"overlap", text});
  }

  const Evidence& evidence_;
  std::vector<Finding>& findings_;
  std::vector<std::size_t> counted_;  ///< into findings_; stage - 1 is the index
  std::vector<const Removal*> removals_;
  std::vector<ByteSize> shared_;  ///< of a later and an earlier stage
  Together together_;
};

}  // namespace

Together tell_overlaps(const Evidence& evidence, std::vector<Finding>& findings) {
  return Overlaps(evidence, findings).tell();
}

}  // namespace seep::analysis
