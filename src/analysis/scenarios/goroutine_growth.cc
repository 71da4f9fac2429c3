// Goroutines have ids that are never given out twice (runtime/proc.go, sched.goidgen), so those
// that came after the first snapshot are known one by one. A go statement grows if it has more of
// them in the middle than at the start, and more at the end than in the middle. Requests come and
// go: what was started in the first half must still be there for this to be more than possible.
//
// Those that can never run again are findings of their own (hung-goroutine) and not told twice.
#include "analysis/scenarios/goroutine_growth.h"

#include <algorithm>
#include <string>

#include "analysis/goroutine_holdings.h"
#include "analysis/goroutine_origin.h"
#include "analysis/growth.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Goroutine;

constexpr std::size_t kMost = 16;

struct Candidate {
  const GrowingStart* start = nullptr;
  GoroutineGroup largest;  ///< newcomers, as many as are at the place where most of them are
  GoroutineGroup all;      ///< all newcomers
};

const GoroutineGroup* group_with(const Evidence& evidence, std::uint32_t goroutine,
                                 const std::vector<std::uint32_t>& group_of) {
  std::uint32_t group = group_of[goroutine];
  return group == 0 ? nullptr : &evidence.goroutine_groups[group - 1];
}

std::vector<std::uint32_t> groups_by_goroutine(const Evidence& evidence) {
  std::vector<std::uint32_t> group_of(evidence.snapshot.goroutines.size());
  for (std::uint32_t i = 0; i < evidence.goroutine_groups.size(); ++i)
    for (std::uint32_t member : evidence.goroutine_groups[i].members) group_of[member] = i + 1;
  return group_of;
}

std::vector<Candidate> candidates_in(const Evidence& evidence) {
  std::vector<std::uint32_t> group_of = groups_by_goroutine(evidence);
  std::vector<Candidate> candidates;
  for (const GrowingStart& start : evidence.growth->starts) {
    if (start.trend != Trend::kGrowing && start.trend != Trend::kGrew) continue;
    std::vector<std::uint64_t> count(evidence.goroutine_groups.size() + 1);
    std::size_t leaked = 0;
    Candidate candidate;
    candidate.start = &start;
    for (std::uint32_t newcomer : start.newcomers) {
      const GoroutineGroup* group = group_with(evidence, newcomer, group_of);
      if (group == nullptr) continue;
      if (group->verdict == GoroutineVerdict::kLeaked) ++leaked;
      if (++count[group_of[newcomer]] > count[0]) {
        count[0] = count[group_of[newcomer]];
        candidate.largest = *group;
      }
      candidate.all.members.push_back(newcomer);
      candidate.all.stack_bytes += evidence.snapshot.goroutines[newcomer].stack_bytes;
    }
    if (count[0] == 0 || leaked * 2 > start.newcomers.size()) continue;
    candidates.push_back(std::move(candidate));
    if (candidates.size() == kMost) break;
  }
  return candidates;
}

std::string course_text(const GrowingStart& start, const Growth& growth) {
  auto number = [](double value) { return count_text(static_cast<std::uint64_t>(value)); };
  std::string text = number(start.count.first) + " at the start, ";
  if (start.count.middle) text += number(*start.count.middle) + " in the middle, ";
  return text + number(start.count.last) + " at the end of " + duration_text(growth.seconds);
}

Finding describe(const Candidate& candidate, graph::Extent held, const Evidence& evidence) {
  const Growth& growth = *evidence.growth;
  const GrowingStart& start = *candidate.start;
  std::uint64_t more = static_cast<std::uint64_t>(start.count.growth());
  std::uint64_t newcomers = std::max<std::size_t>(start.newcomers.size(), 1);
  Finding finding;
  finding.scenario = "goroutine-growth";
  finding.permanence = Permanence::kUnknown;
  bool stay = start.count.middle &&
              static_cast<double>(start.kept) * 2 >= *start.count.middle - start.count.first;
  finding.confidence =
      start.trend == Trend::kGrowing && stay ? Confidence::kLikely : Confidence::kPossible;
  finding.bytes = held.bytes;
  finding.removal = removal_of(evidence.snapshot, {&candidate.all});
  finding.count = static_cast<std::uint64_t>(start.count.last);
  if (growth.seconds > 0) {
    finding.growth_count_per_s = start.count.growth() / growth.seconds;
    finding.growth_bytes_per_s = *finding.growth_count_per_s *
                                 static_cast<double>(held.bytes.bytes()) /
                                 static_cast<double>(newcomers);
  }
  finding.origin = origin_of(evidence.snapshot, candidate.largest);
  finding.title = counted(more, "goroutine") + " more in " + duration_text(growth.seconds) +
                  ", now in " + place_name(evidence.snapshot, candidate.largest.stack) +
                  ", that one go statement started";
  finding.evidence.push_back({"grew", course_text(start, growth)});
  finding.evidence.push_back(
      {"stay", start.count.middle
                   ? count_text(start.kept) +
                         " of those started in the first half are still there at the end"
                   : "two snapshots do not tell whether those that are new stay"});
  finding.evidence.push_back(
      {"each", "of the new ones holds " + to_text(ByteSize(held.bytes.bytes() / newcomers)) +
                   " of heap and a stack of " +
                   to_text(ByteSize(candidate.all.stack_bytes / newcomers))});
  if (std::string waited = waited_text(candidate.largest); !waited.empty())
    finding.evidence.push_back({"since", waited});
  finding.evidence.push_back(
      {"why",
       "something that can still run reaches what they wait for, or they can run: whether "
       "they ever end cannot be told from the memory"});
  finding.remedy =
      "give each of them an end: return when the context is done, when the other side closes, or "
      "after so many attempts; and bound how many are started";
  finding.fingerprint = fingerprint_of(finding);
  return finding;
}

}  // namespace

std::vector<Finding> find_goroutine_growth(const Evidence& evidence) {
  if (evidence.growth == nullptr) return {};
  std::vector<Candidate> candidates = candidates_in(evidence);
  if (candidates.empty()) return {};
  std::vector<GoroutineBundle> bundles;
  for (const Candidate& candidate : candidates) bundles.push_back({&candidate.all});
  RootGroups held = holdings_of(evidence.graph, bundles);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < candidates.size(); ++i)
    findings.push_back(describe(candidates[i], held.exclusive()[i + 1], evidence));
  return findings;
}

void add_goroutine_pace(const Evidence& evidence, std::vector<Finding>& findings) {
  if (evidence.growth == nullptr || evidence.growth->seconds <= 0) return;
  const Growth& growth = *evidence.growth;
  for (Finding& finding : findings) {
    bool about = finding.scenario == "hung-goroutine" || finding.scenario == "goroutine-pileup";
    if (!about || finding.growth_count_per_s || finding.count == 0 || finding.origin.empty())
      continue;
    const OriginFrame& started = finding.origin.back();
    if (started.role != OriginRole::kStarted) continue;
    std::string key = started.function + "\n" + started.file + ":" + std::to_string(started.line);
    for (const GrowingStart& start : growth.starts) {
      if (start.key != key) continue;
      finding.growth_count_per_s = start.count.growth() / growth.seconds;
      finding.growth_bytes_per_s = *finding.growth_count_per_s *
                                   static_cast<double>(finding.bytes.bytes()) /
                                   static_cast<double>(finding.count);
      finding.evidence.push_back({"grew", course_text(start, growth)});
    }
  }
}

}  // namespace seep::analysis
