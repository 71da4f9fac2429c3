#include "analysis/rss/rss_summary.h"

#include <algorithm>
#include <array>
#include <string>

#include "analysis/verdict.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::name_of;
using snapshot::Resident;
using snapshot::ResidentMemory;

// Up to this much besides the heap is ordinary: the executable, the runtime's tables, heap that was
// freed a moment ago.
constexpr ByteSize kOrdinary{std::uint64_t{64} << 20};
constexpr std::uint64_t kOrdinaryShare = 4;  ///< a quarter

bool is_large(const RssSummary& summary, ByteSize part) {
  return part > kOrdinary && part.bytes() > summary.rss.bytes() / kOrdinaryShare;
}

ByteSize account(const RssSummary& summary, Resident which) {
  for (const RssAccount& row : summary.accounts)
    if (row.name == name_of(which)) return row.bytes;
  return {};
}

// Accounts that people think of as one thing.
struct Group {
  const char* name;
  std::array<Resident, 2> accounts;
};
constexpr std::array<Group, 7> kGroups = {{
    {"heap", {Resident::kHeapLive, Resident::kHeapGarbage}},
    {"stacks", {Resident::kStacks, Resident::kStacks}},
    {"kept for the heap", {Resident::kHeapWaste, Resident::kHeapFree}},
    {"given back already", {Resident::kReturnedLazily, Resident::kHugeExcess}},
    {"C memory", {Resident::kCMemory, Resident::kThreadStacks}},
    {"its own mappings", {Resident::kOwnMappings, Resident::kOwnMappings}},
    {"files", {Resident::kMappedFiles, Resident::kSharedMemory}},
}};

ByteSize sum_of(const RssSummary& summary, const Group& group) {
  ByteSize sum = account(summary, group.accounts[0]);
  if (group.accounts[1] != group.accounts[0]) sum += account(summary, group.accounts[1]);
  return sum;
}

// "1.61 GiB RSS = 1.31 GiB heap + 195 MiB stacks + 113 MiB other": what is under a hundredth is
// among the others.
std::string sum_text(const RssSummary& summary) {
  std::string text = to_text(summary.rss) + " RSS = ";
  ByteSize other = summary.rss;
  for (const Group& group : kGroups) {
    ByteSize bytes = sum_of(summary, group);
    bool always = group.name == kGroups[0].name;
    if (!always && bytes.bytes() < summary.rss.bytes() / 100) continue;
    text += (text.ends_with("= ") ? "" : " + ") + to_text(bytes) + " " + group.name;
    other = other - bytes;
  }
  return other == ByteSize() ? text : text + " + " + to_text(other) + " other";
}

Hypothesis coarse_hypothesis(const RssSummary& summary, Hypothesis hypothesis) {
  ByteSize kept = account(summary, Resident::kHeapWaste) + account(summary, Resident::kHeapFree);
  if (!is_large(summary, kept) && !is_large(summary, summary.unexplained)) {
    hypothesis.outcome = Outcome::kRuledOut;
    return hypothesis;
  }
  if (is_large(summary, kept))
    hypothesis.evidence.push_back(
        "much of it is free heap that Go keeps, as after a peak; it goes back to the system "
        "slowly");
  if (is_large(summary, summary.unexplained))
    hypothesis.evidence.push_back(
        "much of it lies outside the Go heap: C memory, mapped files or the runtime's own tables");
  return hypothesis;
}

std::string unexplained_text(const RssSummary& summary) {
  if (summary.unexplained.bytes() < summary.rss.bytes() / 100) return "nothing unexplained";
  return to_text(summary.unexplained) + " unexplained";
}

}  // namespace

RssSummary summarize_rss(const ResidentMemory& memory) {
  RssSummary summary;
  summary.rss = ByteSize(memory.rss_bytes);
  summary.by_page = true;
  for (std::size_t i = 0; i < snapshot::kResidentAccounts; ++i) {
    Resident which = static_cast<Resident>(i);
    if (which == Resident::kUnexplained) continue;
    summary.accounts.push_back({std::string(name_of(which)), ByteSize(memory[which])});
  }
  summary.unexplained = ByteSize(memory[Resident::kUnexplained]);
  return summary;
}

ResidentMemory divide_heap(ResidentMemory memory, const Completeness& completeness) {
  if (!memory.heap_divided || completeness.object_bytes == ByteSize()) return memory;
  // Some of each may not be resident; which, nobody knows.
  double share = static_cast<double>(completeness.reachable_bytes.bytes()) /
                 static_cast<double>(completeness.object_bytes.bytes());
  std::uint64_t objects = memory[Resident::kHeapLive] + memory[Resident::kHeapGarbage];
  std::uint64_t live =
      share < 1 ? static_cast<std::uint64_t>(static_cast<double>(objects) * share) : objects;
  memory[Resident::kHeapLive] = std::min(live, objects);
  memory[Resident::kHeapGarbage] = objects - memory[Resident::kHeapLive];
  memory.unjudged_bytes = 0;
  return memory;
}

RssSummary summarize_rss(const snapshot::Snapshot& snapshot, const Completeness& completeness) {
  if (snapshot.resident) return summarize_rss(divide_heap(snapshot.resident->memory, completeness));
  const snapshot::RuntimeStatistics& runtime = snapshot.runtime;
  struct Part {
    Resident account;
    ByteSize bytes;
  };
  std::array<Part, 5> parts = {{
      {Resident::kHeapLive, completeness.reachable_bytes},
      {Resident::kHeapGarbage, completeness.object_bytes - completeness.reachable_bytes},
      {Resident::kStacks, ByteSize(runtime.stacks_in_use)},
      {Resident::kHeapWaste, ByteSize(runtime.heap_in_use) - completeness.object_bytes},
      {Resident::kHeapFree, ByteSize(runtime.heap_free)},
  }};
  RssSummary summary;
  summary.rss = ByteSize(snapshot.program.rss_bytes);
  // Pages that were never touched are in the runtime's sums but not resident: the least certain
  // parts come last and get what is left. Of a core, nobody knows which were.
  bool known = summary.rss != ByteSize();
  ByteSize left = known ? summary.rss : ByteSize(~std::uint64_t{0});
  for (const Part& part : parts) {
    ByteSize resident = std::min(part.bytes, left);
    summary.accounts.push_back({std::string(name_of(part.account)), resident});
    left = left - resident;
  }
  if (known) summary.unexplained = left;
  return summary;
}

Hypothesis rss_hypothesis(const RssSummary& summary, const std::vector<Finding>& causes) {
  Hypothesis hypothesis{.name = "rss", .outcome = Outcome::kInconclusive, .evidence = {}};
  if (summary.rss == ByteSize()) {
    hypothesis.evidence.push_back("the resident memory of the process is not known");
    return hypothesis;
  }
  hypothesis.evidence.push_back(sum_text(summary));
  if (!summary.by_page) return coarse_hypothesis(summary, std::move(hypothesis));
  hypothesis.outcome =
      is_large(summary, summary.unexplained) ? Outcome::kInconclusive : Outcome::kRuledOut;
  for (const Finding& cause : causes) {
    if (!is_about_rss(cause) || is_about_limit(cause) || !is_fault(cause)) continue;
    hypothesis.outcome = Outcome::kConfirmed;
    hypothesis.evidence.push_back(cause.title);
  }
  if (hypothesis.outcome != Outcome::kConfirmed)
    hypothesis.evidence.push_back(unexplained_text(summary));
  return hypothesis;
}

}  // namespace seep::analysis
