#include "report/diagnosis_text.h"

#include <algorithm>

#include "analysis/verdict.h"
#include "base/count_text.h"
#include "report/finding_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::Confidence;
using analysis::Diagnosis;
using analysis::Finding;
using analysis::Hypothesis;
using analysis::Outcome;
using analysis::Verdict;

constexpr std::size_t kMargin = 13;       // "   blocked   "
constexpr std::size_t kFullFindings = 8;  // the rest is one line each

Headline headline_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kHealthy:
      return {"✓ no leak found", Ink::kRuledOut};
    case Verdict::kLeak:
      return {"✗ LEAK", Ink::kLeak};
    case Verdict::kGrowing:
      return {"✗ GROWING", Ink::kLeak};
    case Verdict::kRssGap:
      return {"✗ RSS GAP", Ink::kLeak};
    case Verdict::kNearLimit:
      return {"! NEAR LIMIT", Ink::kSuspicious};
    case Verdict::kInconclusive:
      return {"? no leak proven", Ink::kSuspicious};
  }
  return {"?", Ink::kSuspicious};
}

// The fault that the verdict rests on.
const Finding* first_fault(const Diagnosis& diagnosis) {
  bool of_heap = diagnosis.verdict == Verdict::kLeak || diagnosis.verdict == Verdict::kGrowing;
  for (const Finding& finding : diagnosis.findings)
    if (analysis::is_fault(finding) && !(of_heap && analysis::is_about_rss(finding)))
      return &finding;
  return nullptr;
}

// Ten times as long, as a duration that --for takes.
std::string longer_watch(double seconds) {
  double minutes = seconds / 6;
  if (minutes < 1) return "1m";
  if (minutes < 60) return std::to_string(static_cast<int>(minutes)) + "m";
  return std::to_string(static_cast<int>(minutes / 60)) + "h";
}

std::string change_text(const analysis::TimeSummary& time) {
  if (time.live_last >= time.live_first)
    return "up by " + seep::to_text(time.live_last - time.live_first);
  return "down by " + seep::to_text(time.live_first - time.live_last);
}

std::string time_text(const analysis::TimeSummary& time) {
  std::string text = change_text(time) + " in " + duration_text(time.seconds) + " with " +
                     counted(time.collections, "collection") +
                     (time.looks < 3 ? "; two snapshots tell what grew, not whether it goes on."
                                     : "; no holder is known to keep growing.");
  text[0] = 'U';
  if (time.live_last < time.live_first) text[0] = 'D';
  if (time.seconds <= 0) return text;
  double an_hour = static_cast<double>(time.floor.bytes()) / time.seconds * 3600;
  return text + " Cannot see below " +
         seep::to_text(ByteSize(static_cast<std::uint64_t>(an_hour))) + "/h in " +
         duration_text(time.seconds) + "; --for " + longer_watch(time.seconds) + " would.";
}

std::string headline(const Diagnosis& diagnosis, const TextStyle& style) {
  Headline head = headline_of(diagnosis.verdict);
  const analysis::Completeness& read = diagnosis.head.completeness;
  std::string text;
  if (const Finding* fault = first_fault(diagnosis)) {
    text = diagnosis.verdict == Verdict::kRssGap
               ? gap_text(*fault, diagnosis.rss.rss, read.reachable_bytes)
               : sentence(fault->title);
  } else {
    text = "Live heap " + seep::to_text(read.reachable_bytes) + " in " +
           counted(read.reachable_objects, "object") + ", " +
           counted(read.goroutines, "goroutine") + ".";
    // What cannot be told is said, not hidden.
    text += diagnosis.time ? " " + time_text(*diagnosis.time)
                           : " One snapshot shows what is held, not what grows.";
  }
  return headline_text(head, text, style);
}

std::string hypothesis_name(const std::string& name) {
  return name == "rss" ? "RSS vs heap" : name;
}

std::string hypothesis_lines(const Diagnosis& diagnosis, const TextStyle& style) {
  constexpr std::size_t kNameWidth = 14;
  constexpr std::size_t kOutcomeWidth = 15;
  std::string text;
  std::size_t number = 0;
  for (const Hypothesis& hypothesis : diagnosis.hypotheses) {
    std::string outcome = "? open";
    Ink how = Ink::kSuspicious;
    if (hypothesis.outcome == Outcome::kConfirmed) {
      outcome = "✗ confirmed";
      how = Ink::kLeak;
    } else if (hypothesis.outcome == Outcome::kRuledOut) {
      outcome = "✓ ruled out";
      how = Ink::kRuledOut;
    }
    std::string evidence;
    for (const std::string& line : hypothesis.evidence)
      evidence += (evidence.empty() ? "" : "; ") + line;
    std::string name = " " + std::to_string(++number) + " " + hypothesis_name(hypothesis.name);
    std::size_t margin = kNameWidth + 2 + kOutcomeWidth;
    std::string beside = labelled("", evidence, margin, style.width).substr(margin);
    text += pad_right(name, kNameWidth + 2) + ink(style, how, outcome) +
            std::string(kOutcomeWidth - columns(outcome), ' ') + beside;
  }
  return text;
}

// What many findings give back together, where the sum would say too much.
std::string together_text(const analysis::Together& together) {
  if (together.findings < 2) return "";
  std::string all = together.findings == 2 ? "both" : "all " + count_text(together.findings);
  std::string text =
      "fixing " + all + " findings together would give back " + seep::to_text(together.bytes);
  if (together.bytes < together.sum)
    text += ", not the sum of " + seep::to_text(together.sum) + ": what they share counts once";
  if (together.left_out > 0)
    text += "; without " + counted(together.left_out, "finding") +
            " of which it is not known which objects they mean";
  return text;
}

std::vector<std::string> more_commands(const Diagnosis& diagnosis) {
  const std::string& target = diagnosis.head.target;
  std::vector<std::string> commands;
  if (diagnosis.verdict == Verdict::kRssGap) commands.push_back("seep rss " + target);
  bool hung =
      std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(),
                  [](const Finding& finding) { return finding.scenario == "hung-goroutine"; });
  commands.push_back("seep goroutines " + target + (hung ? " --leaked" : ""));
  commands.push_back("seep heap " + target);
  commands.push_back("seep diagnose " + target + " --json");
  return commands;
}

}  // namespace

std::string diagnosis_text(const Diagnosis& diagnosis, const TextStyle& style) {
  std::string text = program_line(diagnosis.head, style) + "\n";
  text += headline(diagnosis, style) + "\n";
  text += hypothesis_lines(diagnosis, style);
  if (diagnosis.time)
    for (const std::string& warm_up : diagnosis.time->warm_ups)
      text +=
          labelled(" warm-up", warm_up + ": it slows down, so it is no leak", kMargin, style.width);
  std::size_t number = 0;
  for (const Finding& finding : diagnosis.findings) {
    if (++number > kFullFindings) break;
    ByteSize whole = analysis::is_about_rss(finding) ? diagnosis.rss.rss
                                                     : diagnosis.head.completeness.object_bytes;
    bool said_above = &finding == first_fault(diagnosis);
    text += "\n" + finding_block(finding, number, whole, said_above, style);
  }
  if (diagnosis.findings.size() > kFullFindings) {
    text += "\n";
    for (std::size_t i = kFullFindings; i < diagnosis.findings.size(); ++i)
      text += labelled(" " + std::to_string(i + 1), sentence(diagnosis.findings[i].title), 5,
                       style.width);
  }
  if (std::string all = together_text(diagnosis.together); !all.empty())
    text += "\n" + labelled("together", sentence(all), 10, style.width);
  for (const std::string& note : diagnosis.notes)
    text += "\n" + labelled("note", sentence(note), 6, style.width);
  text += "\n" + cost_lines(diagnosis.head, style);
  text += more_line(more_commands(diagnosis), style);
  return text;
}

}  // namespace seep::report
