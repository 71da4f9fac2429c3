#include "analysis/verdict.h"

#include <algorithm>

#include "analysis/growth.h"
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

bool is_about_growth(const Finding& finding) {
  return finding.scenario == "growing-container" || finding.scenario == "growing-site" ||
         finding.scenario == "goroutine-growth";
}

// What is held, but did not become more while that could be seen, is what the program needs.
bool leaves_open(const Evidence& evidence, const Finding& finding) {
  // Nor does memory outside of the heap.
  if (finding.informational || is_about_rss(finding)) return false;
  bool watched = evidence.growth != nullptr && evidence.growth->is_conclusive();
  return !watched || is_about_growth(finding);
}

// Memory outside of the live heap explains so much of RSS that the heap is not what fills it.
bool fills_little(const Evidence& evidence, const std::vector<Finding>& findings, ByteSize live) {
  constexpr std::uint64_t kLittle = 4;  ///< a quarter
  ByteSize rss(evidence.snapshot.program.rss_bytes);
  return live.bytes() <= rss.bytes() / kLittle &&
         std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
           return is_about_rss(finding) && is_fault(finding) && finding.bytes > live;
         });
}

Outcome outcome_of(const Evidence& evidence, const std::vector<const Finding*>& findings) {
  auto any = [&](auto&& is) { return std::any_of(findings.begin(), findings.end(), is); };
  if (any([](const Finding* finding) { return is_fault(*finding); })) return Outcome::kConfirmed;
  return any([&](const Finding* finding) { return leaves_open(evidence, *finding); })
             ? Outcome::kInconclusive
             : Outcome::kRuledOut;
}

std::string size_text(double bytes) {
  return to_text(ByteSize(static_cast<std::uint64_t>(std::max(0.0, bytes))));
}

// "171 MiB; it was 170 MiB 30 s ago".
std::string live_text(const Evidence& evidence, ByteSize live) {
  if (evidence.growth == nullptr) return to_text(live);
  return to_text(live) + "; all of it was " + size_text(evidence.growth->live.first) + " " +
         duration_text(evidence.growth->seconds) + " before";
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

bool is_about_limit(const Finding& finding) {
  return finding.scenario == "rss-limit-too-close" || finding.scenario == "rss-late-collection";
}

Hypothesis goroutines_hypothesis(const Evidence& evidence, const std::vector<Finding>& findings) {
  std::vector<const Finding*> mine = findings_where(findings, is_about_goroutines);
  Hypothesis hypothesis{
      .name = "goroutines", .outcome = outcome_of(evidence, mine), .evidence = {}};
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
    hypothesis.evidence.push_back(
        count_text(piled) + " are piled up" +
        (evidence.growth == nullptr ? "; one snapshot cannot tell load from a leak" : ""));
  if (evidence.growth != nullptr)
    for (const GrowingStart& start : evidence.growth->starts) {
      if (start.trend != Trend::kGrowing && start.trend != Trend::kGrew) continue;
      hypothesis.evidence.push_back(
          counted(static_cast<std::uint64_t>(start.count.growth()), "goroutine") +
          " more of one go statement in " + duration_text(evidence.growth->seconds));
      break;
    }
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
  Hypothesis hypothesis{.name = "heap", .outcome = outcome_of(evidence, mine), .evidence = {}};
  ByteSize live = evidence.completeness.reachable_bytes;
  ByteSize hung;
  for (const Finding& finding : findings)
    if (finding.scenario == "hung-goroutine") hung += finding.bytes;
  hypothesis.evidence.push_back(hung == ByteSize() ? "live heap " + live_text(evidence, live)
                                                   : "live heap without those goroutines " +
                                                         live_text(evidence, live - hung));
  if (evidence.growth != nullptr && hypothesis.outcome == Outcome::kRuledOut) {
    hypothesis.evidence.push_back("no holder grew by more than " + to_text(evidence.growth->floor) +
                                  " in both halves of that");
    return hypothesis;
  }
  if (hypothesis.outcome == Outcome::kInconclusive && fills_little(evidence, findings, live)) {
    hypothesis.outcome = Outcome::kRuledOut;
    hypothesis.evidence.push_back(
        percent_text(static_cast<double>(live.bytes()),
                     static_cast<double>(evidence.snapshot.program.rss_bytes)) +
        " of RSS: it is not what fills the memory");
  } else if (mine.empty()) {
    hypothesis.evidence.push_back("no single holder keeps a tenth of it and more than 1 MiB");
  } else if (hypothesis.outcome == Outcome::kInconclusive) {
    const Finding* largest =
        *std::max_element(mine.begin(), mine.end(),
                          [](const Finding* a, const Finding* b) { return a->bytes < b->bytes; });
    hypothesis.evidence.push_back(
        largest->title +
        (evidence.growth == nullptr ? "; whether it grows, one snapshot cannot tell" : ""));
  }
  return hypothesis;
}

Verdict verdict_of(const Evidence& evidence, const std::vector<Finding>& findings) {
  bool growing = false, gap = false, limited = false;
  for (const Finding& finding : findings) {
    if (!is_fault(finding)) continue;
    if (is_about_limit(finding)) {
      limited = true;
    } else if (is_about_rss(finding)) {
      gap = true;
    } else if (is_about_growth(finding)) {
      growing = true;
    } else {
      return Verdict::kLeak;
    }
  }
  if (growing) return Verdict::kGrowing;
  if (gap) return Verdict::kRssGap;
  if (limited) return Verdict::kNearLimit;
  const snapshot::ProgramInfo& program = evidence.snapshot.program;
  if (program.limit_bytes && *program.limit_bytes > 0 &&
      program.rss_bytes >= *program.limit_bytes / 10 * 9)
    return Verdict::kNearLimit;
  bool open = std::any_of(findings.begin(), findings.end(),
                          [&](const Finding& finding) { return leaves_open(evidence, finding); });
  return open ? Verdict::kInconclusive : Verdict::kHealthy;
}

}  // namespace seep::analysis
