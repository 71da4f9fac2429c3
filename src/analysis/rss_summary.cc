#include "analysis/rss_summary.h"

#include <algorithm>
#include <array>

#include "base/count_text.h"

namespace seep::analysis {
namespace {

// Up to this much besides the heap is ordinary: the executable, the runtime's tables, heap that was
// freed a moment ago.
constexpr ByteSize kOrdinary{std::uint64_t{64} << 20};
constexpr std::uint64_t kOrdinaryShare = 4;  ///< a quarter

constexpr const char* kLive = "Go heap, live";
constexpr const char* kGarbage = "Go heap, garbage";
constexpr const char* kStacks = "goroutine stacks";
constexpr const char* kUnused = "Go heap, unused parts of spans";
constexpr const char* kFree = "Go heap, free and kept";

ByteSize account(const RssSummary& summary, const char* name) {
  for (const RssAccount& row : summary.accounts)
    if (row.name == name) return row.bytes;
  return {};
}

}  // namespace

RssSummary summarize_rss(const snapshot::Snapshot& snapshot, const Completeness& completeness) {
  const snapshot::RuntimeStatistics& runtime = snapshot.runtime;
  struct Part {
    const char* name;
    ByteSize bytes;
  };
  std::array<Part, 5> parts = {{
      {kLive, completeness.reachable_bytes},
      {kGarbage, completeness.object_bytes - completeness.reachable_bytes},
      {kStacks, ByteSize(runtime.stacks_in_use)},
      {kUnused, ByteSize(runtime.heap_in_use) - completeness.object_bytes},
      {kFree, ByteSize(runtime.heap_free)},
  }};
  RssSummary summary;
  summary.rss = ByteSize(snapshot.program.rss_bytes);
  // Pages that were never touched are in the runtime's sums but not resident: the least certain
  // parts come last and get what is left. Of a core, nobody knows which were.
  bool known = summary.rss != ByteSize();
  ByteSize left = known ? summary.rss : ByteSize(~std::uint64_t{0});
  for (const Part& part : parts) {
    ByteSize resident = std::min(part.bytes, left);
    summary.accounts.push_back({part.name, resident});
    left = left - resident;
  }
  if (known) summary.unexplained = left;
  return summary;
}

Hypothesis rss_hypothesis(const RssSummary& summary) {
  Hypothesis hypothesis{.name = "rss", .outcome = Outcome::kInconclusive, .evidence = {}};
  if (summary.rss == ByteSize()) {
    hypothesis.evidence.push_back("the resident memory of the process is not known");
    return hypothesis;
  }
  ByteSize heap = account(summary, kLive) + account(summary, kGarbage);
  ByteSize stacks = account(summary, kStacks);
  ByteSize kept = account(summary, kUnused) + account(summary, kFree);
  ByteSize other = summary.unexplained;
  hypothesis.evidence.push_back(to_text(summary.rss) + " RSS = " + to_text(heap) + " heap + " +
                                to_text(stacks) + " stacks + " + to_text(kept) +
                                " kept for the heap + " + to_text(other) + " other");
  auto large = [&](ByteSize part) {
    return part > kOrdinary && part.bytes() * kOrdinaryShare > summary.rss.bytes();
  };
  if (!large(kept) && !large(other)) {
    hypothesis.outcome = Outcome::kRuledOut;
    return hypothesis;
  }
  if (large(kept))
    hypothesis.evidence.push_back(
        "much of it is free heap that Go keeps, as after a peak; it goes back to the system "
        "slowly");
  if (large(other))
    hypothesis.evidence.push_back(
        "much of it lies outside the Go heap: C memory, mapped files or the runtime's own tables");
  return hypothesis;
}

}  // namespace seep::analysis
