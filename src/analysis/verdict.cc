#include "analysis/verdict.h"

#include <algorithm>
#include <string_view>

#include "base/count_text.h"

namespace seep::analysis {
namespace {

bool is_about_goroutines(const Finding& finding) {
  // A known leak is told by its goroutines or by its objects.
  bool of_known = finding.scenario == "known-leak" && !finding.origin.empty() &&
                  finding.origin.front().role == OriginRole::kBlocked;
  return of_known || finding.scenario == "hung-goroutine" ||
         finding.scenario == "goroutine-pileup" || finding.scenario == "goroutine-growth";
}

bool is_about_rss(const Finding& finding) {
  return std::string_view(finding.scenario).starts_with("rss-");
}

Outcome outcome_of(const std::vector<const Finding*>& findings) {
  if (findings.empty()) return Outcome::kRuledOut;
  bool fault = std::any_of(findings.begin(), findings.end(),
                           [](const Finding* finding) { return is_fault(*finding); });
  return fault ? Outcome::kConfirmed : Outcome::kInconclusive;
}

std::vector<const Finding*> findings_where(const std::vector<Finding>& findings,
                                           bool (*belongs)(const Finding&)) {
  std::vector<const Finding*> chosen;
  for (const Finding& finding : findings)
    if (!finding.informational && belongs(finding)) chosen.push_back(&finding);
  return chosen;
}

}  // namespace

bool is_fault(const Finding& finding) {
  return !finding.informational && finding.confidence >= Confidence::kLikely;
}

Hypothesis goroutines_hypothesis(const Evidence& evidence, const std::vector<Finding>& findings) {
  std::vector<const Finding*> mine = findings_where(findings, is_about_goroutines);
  Hypothesis hypothesis{.name = "goroutines", .outcome = outcome_of(mine), .evidence = {}};
  std::uint64_t all = 0, leaked = 0, piled = 0;
  bool parked_main = false;
  for (const GoroutineGroup& group : evidence.goroutine_groups) {
    all += group.members.size();
    if (group.verdict == GoroutineVerdict::kLeaked) leaked += group.members.size();
    parked_main = parked_main || group.parked_main;
  }
  for (const Finding* finding : mine)
    if (finding->scenario == "goroutine-pileup") piled += finding->count;
  hypothesis.evidence.push_back(
      count_text(all) + " now; " +
      (leaked == 0 ? "every one can still run" : count_text(leaked) + " can never run again"));
  if (piled > 0)
    hypothesis.evidence.push_back(count_text(piled) +
                                  " are piled up; one snapshot cannot tell load from a leak");
  if (parked_main)
    hypothesis.evidence.push_back("main waits for ever in select {}, which is no leak");
  if (evidence.leaked.unknown_wait > 0)
    hypothesis.evidence.push_back(counted(evidence.leaked.unknown_wait, "goroutine") +
                                  " of which it is not known what they wait for");
  return hypothesis;
}

Hypothesis heap_hypothesis(const Evidence& evidence, const std::vector<Finding>& findings) {
  std::vector<const Finding*> mine = findings_where(findings, [](const Finding& finding) {
    return !is_about_goroutines(finding) && !is_about_rss(finding);
  });
  Hypothesis hypothesis{.name = "heap", .outcome = outcome_of(mine), .evidence = {}};
  ByteSize live = evidence.completeness.reachable_bytes;
  ByteSize hung;
  for (const Finding& finding : findings)
    if (finding.scenario == "hung-goroutine") hung += finding.bytes;
  hypothesis.evidence.push_back(hung == ByteSize()
                                    ? "live heap " + to_text(live)
                                    : "live heap without those goroutines " + to_text(live - hung));
  if (mine.empty()) {
    hypothesis.evidence.push_back("no single holder keeps a tenth of it and more than 1 MiB");
  } else if (hypothesis.outcome == Outcome::kInconclusive) {
    const Finding* largest =
        *std::max_element(mine.begin(), mine.end(),
                          [](const Finding* a, const Finding* b) { return a->bytes < b->bytes; });
    hypothesis.evidence.push_back(largest->title + "; whether it grows, one snapshot cannot tell");
  }
  return hypothesis;
}

Verdict verdict_of(const Evidence& evidence, const std::vector<Finding>& findings) {
  if (std::any_of(findings.begin(), findings.end(), is_fault)) return Verdict::kLeak;
  const snapshot::ProgramInfo& program = evidence.snapshot.program;
  if (program.limit_bytes && *program.limit_bytes > 0 &&
      program.rss_bytes >= *program.limit_bytes / 10 * 9)
    return Verdict::kNearLimit;
  bool open = std::any_of(findings.begin(), findings.end(),
                          [](const Finding& finding) { return !finding.informational; });
  return open ? Verdict::kInconclusive : Verdict::kHealthy;
}

}  // namespace seep::analysis
