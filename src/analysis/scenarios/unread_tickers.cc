// A ticker's shortest way from a root is that from the runtime's own list, which tells nothing: so
// who holds it is told by the field that refers to it, over all holders of all of them.
#include "analysis/scenarios/unread_tickers.h"

#include <algorithm>
#include <map>
#include <string>

#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "analysis/material_share.h"
#include "analysis/scenarios/forgotten_timers.h"
#include "base/bitmap.h"
#include "base/count_text.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using graph::ObjectGraph;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;
using snapshot::Timer;
using snapshot::TimerKind;

constexpr double kPeriods = 5;
constexpr double kLeastSeconds = 60;
constexpr std::size_t kFewest = 10;

bool is_unread(const Timer& timer) {
  return timer.kind == TimerKind::kChannel && timer.active && timer.held && !timer.on_demand &&
         timer.object && timer.period_seconds > 0 && timer.waiting == 0 && timer.buffered > 0 &&
         timer.unread_seconds.value_or(0) >=
             std::max(kLeastSeconds, kPeriods * timer.period_seconds);
}

using Steps = std::vector<HolderStep>;

// How often each way leads to one of the objects.
class Holders {
 public:
  Holders(const Evidence& evidence, const std::vector<ObjectId>& objects)
      : evidence_(evidence), wanted_(std::size_t{evidence.graph.slot_count()} + 1) {
    for (ObjectId object : objects) wanted_.set(object.value);
    look_at_roots();
    look_at_objects();
  }

  Steps most_frequent() const {
    const Steps* best = nullptr;
    std::uint64_t most = 0;
    for (const auto& [text, holder] : holders_) {
      if (holder.count <= most) continue;
      most = holder.count;
      best = &holder.steps;
    }
    return best == nullptr ? Steps{} : *best;
  }

 private:
  struct Holder {
    Steps steps;
    std::uint64_t count = 0;
  };

  bool is_wanted(ObjectId id) const { return id.value < wanted_.size() && wanted_.test(id.value); }

  void add(Steps steps) {
    Holder& holder = holders_[to_text(steps)];
    holder.steps = std::move(steps);
    ++holder.count;
  }

  void look_at_roots() {
    const Snapshot& snapshot = evidence_.snapshot;
    for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i) {
      const snapshot::GcRoot& root = snapshot.roots[RootId{i}];
      if (root.kind != RootKind::kGlobal && root.kind != RootKind::kGoroutine) continue;
      for (std::uint32_t r = 0; r < root.reference_count; ++r) {
        const snapshot::RootReference& reference =
            snapshot.roots.references[root.first_reference + r];
        if (!is_wanted(reference.target)) continue;
        Steps steps = {root_step(snapshot, evidence_.types, RootId{i})};
        for (HolderStep& step : root_reference_steps(snapshot, root, reference))
          steps.push_back(std::move(step));
        add(std::move(steps));
      }
    }
  }

  void look_at_objects() {
    const snapshot::Heap& heap = evidence_.snapshot.heap;
    for (std::uint32_t i = 1; i <= heap.slot_count; ++i) {
      ObjectId source{i};
      if (is_wanted(source) || !heap.is_object(source)) continue;
      heap.for_each_reference(source, [&](const snapshot::Reference& reference) {
        if (!is_wanted(reference.target)) return;
        snapshot::TypeId type = evidence_.types.of(source);
        Steps steps = holder_steps(evidence_.snapshot.types, type, reference.offset);
        if (steps.empty()) return;
        steps.insert(steps.begin(),
                     {HolderKind::kElement, "",
                      graph::object_type_name(evidence_.snapshot.types, evidence_.types, source)});
        add(std::move(steps));
      });
    }
  }

  const Evidence& evidence_;
  Bitmap wanted_;
  std::map<std::string, Holder> holders_;
};

Finding describe(const Evidence& evidence, const std::vector<const Timer*>& tickers) {
  std::vector<ObjectId> objects;
  Finding finding;
  double longest = 0;
  for (const Timer* ticker : tickers) {
    objects.push_back(ticker->object);
    for (ObjectId part : {ticker->object, ticker->argument_object}) {
      if (!evidence.snapshot.heap.is_object(part)) continue;
      ByteSize bytes(evidence.snapshot.heap.size_of(part));
      finding.bytes += bytes;
      finding.removal.parts.push_back({part, bytes});
    }
    longest = std::max(longest, *ticker->unread_seconds);
  }
  finding.scenario = "ticker";
  finding.permanence = Permanence::kTemporary;
  if (is_material(evidence, finding.bytes)) finding.confidence = Confidence::kLikely;
  finding.count = tickers.size();
  finding.type = "time.Ticker";
  finding.holder = Holders(evidence, objects).most_frequent();
  finding.fingerprint = fingerprint_of(finding);
  finding.title = counted(tickers.size(), "ticker") + " tick, and nobody has read them for up to " +
                  duration_text(longest);
  finding.evidence.push_back(
      {"why",
       "their channels are full and nobody waits for them; a ticker ticks until Stop is "
       "called, also when nobody reads it"});
  finding.evidence.push_back({"rule", "they are still reached, so the program may stop them"});
  finding.remedy =
      "call Stop when what the ticker is for is done; a Ticker that is kept in a struct "
      "has to be stopped where that is closed";
  return finding;
}

}  // namespace

std::vector<Finding> find_unread_tickers(const Evidence& evidence) {
  std::vector<const Timer*> tickers;
  for (const Timer& timer : evidence.snapshot.timers) {
    if (!is_unread(timer) || !evidence.snapshot.heap.is_object(timer.object)) continue;
    if (!is_forgotten(evidence, timer)) tickers.push_back(&timer);
  }
  if (tickers.size() < kFewest) return {};
  return {describe(evidence, tickers)};
}

}  // namespace seep::analysis
