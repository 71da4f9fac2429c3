#include "analysis/narrow_views.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "analysis/extents.h"
#include "analysis/view_holders.h"
#include "base/count_text.h"
#include "graph/reference_path.h"
#include "snapshot/span_finder.h"

namespace seep::analysis {
namespace {

using snapshot::ObjectId;
using snapshot::Span;

// Of an object that is far larger than what is seen of it. Appending by doubling never leaves less
// than half in use, whatever it is that was appended.
constexpr std::uint64_t kUsedPart = 3;
constexpr std::size_t kMost = 10;
// Of what may be parts of one finding.
constexpr std::size_t kMostParts = 40;
constexpr ByteSize kLeastPart{std::uint64_t{64} << 10};

/// What is seen of an object.
struct Seen {
  std::uint64_t by_capacity = 0, by_length = 0;  ///< bytes
  const PartView* widest = nullptr;
  bool sure = true;
};

Seen seen_through(const PartView* first, const PartView* last) {
  Seen seen;
  std::uint64_t capacity_end = 0, length_end = 0;
  auto add = [](std::uint64_t& sum, std::uint64_t& up_to, std::uint64_t begin, std::uint64_t end) {
    begin = std::max(begin, up_to);
    if (end > begin) sum += end - begin;
    up_to = std::max(up_to, end);
  };
  for (const PartView* view = first; view != last; ++view) {
    add(seen.by_capacity, capacity_end, view->begin, view->capacity_end);
    add(seen.by_length, length_end, view->begin, view->length_end);
    seen.sure = seen.sure && view->sure;
    bool wider = seen.widest == nullptr ||
                 view->capacity_end - view->begin > seen.widest->capacity_end - seen.widest->begin;
    if (wider) seen.widest = view;
  }
  return seen;
}

struct Sums {
  std::uint32_t holder = 0;  ///< of ViewHolders
  NarrowViews views;
  std::vector<ObjectId> objects;
};

void describe(const Evidence& evidence, const graph::RootPaths& paths,
              const std::vector<PartView>& samples, NarrowViews& views) {
  views.holder = way_to(evidence, paths, samples);
  views.pooled = is_pooled(views.holder);
  views.header_type = evidence.snapshot.types[samples.front().type].name;
  std::string type =
      graph::object_type_name(evidence.snapshot.types, evidence.types, samples.front().target);
  if (type != "?") views.type = type;
}

bool are_alike(const NarrowViews& a, const NarrowViews& b) {
  return a.holder == b.holder && a.type == b.type && a.sure == b.sure &&
         a.may_reslice == b.may_reslice;
}

void add(Sums& sum, Sums more) {
  sum.views.objects += more.views.objects;
  sum.views.headers += more.views.headers;
  sum.views.bytes += more.views.bytes;
  sum.views.parts.insert(sum.views.parts.end(), more.views.parts.begin(), more.views.parts.end());
  sum.views.seen += more.views.seen;
  sum.objects.insert(sum.objects.end(), more.objects.begin(), more.objects.end());
}

// Those that people would call the same are one: a part of a map that a goroutine is just looking
// at has another owner than the rest.
std::vector<Sums> joined(std::vector<Sums> parts) {
  std::vector<Sums> all;
  for (Sums& part : parts) {
    auto same = std::ranges::find_if(
        all, [&](const Sums& known) { return are_alike(known.views, part.views); });
    if (same == all.end()) {
      all.push_back(std::move(part));
    } else {
      add(*same, std::move(part));
    }
  }
  return all;
}

void sort_by_waste(std::vector<Sums>& sums) {
  std::ranges::stable_sort(sums, std::ranges::greater(),
                           [](const Sums& sum) { return sum.views.wasted(); });
}

std::vector<NarrowViews> largest(const Evidence& evidence, const ViewHolders& holders,
                                 std::vector<Sums> sums) {
  std::erase_if(sums, [](const Sums& sum) { return sum.views.wasted() < kLeastPart; });
  sort_by_waste(sums);
  if (sums.size() > kMostParts) sums.resize(kMostParts);
  ByteSize all_wasted;
  for (const Sums& sum : sums) all_wasted += sum.views.wasted();
  // The paths cost a search of the whole heap.
  if (all_wasted < kLeastWaste) return {};
  graph::RootPaths paths(evidence.graph);
  for (Sums& sum : sums) describe(evidence, paths, holders.samples(sum.holder), sum.views);
  sums = joined(std::move(sums));
  std::erase_if(sums, [](const Sums& sum) { return sum.views.wasted() < kLeastWaste; });
  sort_by_waste(sums);
  if (sums.size() > kMost) sums.resize(kMost);

  std::vector<NarrowViews> all;
  std::vector<std::vector<ObjectId>> objects;
  for (Sums& sum : sums) {
    std::ranges::sort(sum.objects);
    objects.push_back(std::move(sum.objects));
    all.push_back(std::move(sum.views));
  }
  std::vector<AllocationOrigin> origins = allocation_origins(evidence.snapshot, objects);
  for (std::size_t i = 0; i < all.size(); ++i) all[i].origin = std::move(origins[i]);
  return all;
}

}  // namespace

std::vector<NarrowViews> find_narrow_views(const Evidence& evidence, bool strings) {
  if (evidence.extents == nullptr) return {};
  const snapshot::Heap& heap = evidence.snapshot.heap;
  ViewHolders holders(evidence);
  snapshot::SpanFinder spans(heap);
  std::vector<Sums> sums;
  evidence.extents->for_each_object([&](const PartView* first, const PartView* last) {
    Seen seen = seen_through(first, last);
    const Span& span = spans.of(first->target);
    bool narrow = seen.by_capacity * kUsedPart <= span.slot_bytes;
    // Room at the end is there for more, unless others have used what comes before.
    bool may_reslice = !narrow && span.pointer_free && first->begin != 0 &&
                       seen.by_length * kUsedPart <= span.slot_bytes;
    if (seen.widest->string != strings || !(narrow || may_reslice)) return;
    std::uint64_t seen_bytes = narrow ? seen.by_capacity : seen.by_length;
    std::uint32_t holder = holders.number_of(*seen.widest) * 2 + (may_reslice ? 1 : 0);
    if (holder >= sums.size()) sums.resize(std::size_t{holder} + 1);
    sums[holder].holder = holder / 2;
    NarrowViews& views = sums[holder].views;
    views.sure = views.sure && seen.sure;
    views.bytes += ByteSize(span.slot_bytes);
    views.seen += ByteSize(seen_bytes);
    views.parts.push_back({first->target, ByteSize(span.slot_bytes - seen_bytes)});
    views.may_reslice = may_reslice;
    views.headers += static_cast<std::uint64_t>(last - first);
    ++views.objects;
    sums[holder].objects.push_back(first->target);
  });
  return largest(evidence, holders, std::move(sums));
}

Finding narrow_view_finding(const Evidence& evidence, const NarrowViews& views,
                            std::string scenario) {
  Finding finding;
  finding.scenario = std::move(scenario);
  finding.permanence = Permanence::kTemporary;
  bool likely =
      views.sure && !views.pooled && !views.may_reslice && is_material(evidence, views.wasted());
  finding.confidence = likely ? Confidence::kLikely : Confidence::kPossible;
  finding.bytes = views.wasted();
  finding.removal.parts = views.parts;
  finding.count = views.objects;
  finding.type = views.type;
  finding.holder = views.holder;
  // Before the origin is known: which stack the sampler met most may differ from day to day.
  finding.fingerprint = fingerprint_of(finding);
  finding.evidence.push_back({"used", to_text(views.seen) + " of " + to_text(views.bytes) + " in " +
                                          counted(views.objects, "block") + ", through " +
                                          counted(views.headers, "header") +
                                          "; bytes that several show count once"});
  finding.evidence.push_back(
      {"each", "keeps a block of " + to_text(ByteSize(views.bytes.bytes() / views.objects)) +
                   " for " + to_text(ByteSize(views.seen.bytes() / views.objects))});
  if (!views.origin.frames.empty()) {
    finding.origin = views.origin.frames;
    finding.evidence.push_back({"sampled", percent_text(views.origin.share, 1) +
                                               " of the blocks that the heap profile sampled (" +
                                               counted(views.origin.samples, "object") +
                                               ") were allocated there"});
  }
  finding.evidence.push_back(
      {"why",
       "temporary: a block is freed when the last header into it is dropped; the collector "
       "frees whole blocks only"});
  if (!views.sure)
    finding.evidence.push_back(
        {"note", "the type of what holds some of them is not known, so they may be no headers"});
  if (views.pooled) finding.evidence.push_back({"note", "a sync.Pool keeps them to be used again"});
  return finding;
}

}  // namespace seep::analysis
