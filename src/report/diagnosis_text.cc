#include "report/diagnosis_text.h"

#include <algorithm>

#include "analysis/holder_path.h"
#include "base/count_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::Confidence;
using analysis::Diagnosis;
using analysis::Finding;
using analysis::Hypothesis;
using analysis::OriginFrame;
using analysis::OriginRole;
using analysis::Outcome;
using analysis::Verdict;

constexpr std::size_t kMargin = 13;       // "   blocked   "
constexpr std::size_t kBarCells = 7;      // as wide as look.md draws it
constexpr std::size_t kCallers = 6;       // frames of a stack that are shown
constexpr std::size_t kFullFindings = 8;  // the rest is one line each

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

struct Headline {
  std::string mark;
  Ink ink;
};

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

const Finding* first_fault(const Diagnosis& diagnosis) {
  for (const Finding& finding : diagnosis.findings)
    if (!finding.informational && finding.confidence >= Confidence::kLikely) return &finding;
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
    text = sentence(fault->title);
  } else {
    text = "Live heap " + seep::to_text(read.reachable_bytes) + " in " +
           counted(read.reachable_objects, "object") + ", " +
           counted(read.goroutines, "goroutine") + ".";
    // What cannot be told is said, not hidden.
    text += diagnosis.time ? " " + time_text(*diagnosis.time)
                           : " One snapshot shows what is held, not what grows.";
  }
  std::size_t margin = columns(head.mark) + 2;
  std::string block = labelled(head.mark, text, margin, style.width);
  // Colour after the layout: escape sequences would count as columns of the words beside them.
  return ink(style, head.ink, head.mark) + block.substr(head.mark.size());
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

std::string scenario_name(const Finding& finding) {
  if (finding.scenario == "goroutine-pileup") return "goroutine pile-up";
  std::string name = finding.scenario;
  std::replace(name.begin(), name.end(), '-', ' ');
  if (finding.scenario == "hung-goroutine" && finding.count != 1) name += "s";
  return name;
}

std::string rule_line(const Finding& finding, std::size_t number, ByteSize whole,
                      const TextStyle& style) {
  std::string left = "── " + std::to_string(number) + "  " + scenario_name(finding);
  if (finding.informational) {
    left += " · no fault";
  } else {
    if (finding.permanence != analysis::Permanence::kUnknown)
      left += std::string(" · ") + to_text(finding.permanence);
    left += std::string(" · ") + to_text(finding.confidence);
  }
  std::string right = " " + seep::to_text(finding.bytes);
  double share = whole.bytes() == 0 ? 0
                                    : static_cast<double>(finding.bytes.bytes()) /
                                          static_cast<double>(whole.bytes());
  if (whole.bytes() > 0 && share <= 1) right += "  " + percent_text(share, 1);
  left += " ";
  if (style.bars && columns(left) + columns(right) + 1 + kBarCells <= style.width)
    right += " " + bar(share, kBarCells);
  std::size_t used = columns(left) + columns(right);
  std::string dashes;
  for (std::size_t i = used; i < style.width; ++i) dashes += "─";
  Ink how = finding.informational                       ? Ink::kDetail
            : finding.confidence >= Confidence::kLikely ? Ink::kLeak
                                                        : Ink::kSuspicious;
  return ink(style, how, left + dashes) + right + "\n";
}

std::string origin_label(OriginRole role, OriginRole previous, bool first) {
  if (!first && role == previous) return "";
  switch (role) {
    case OriginRole::kBlocked:
      return "blocked";
    case OriginRole::kCalledBy:
      return "";
    case OriginRole::kStarted:
      return "started";
    case OriginRole::kAllocated:
      return "from";
    case OriginRole::kDeferred:
      return "deferred";
  }
  return "";
}

std::string origin_lines(const Finding& finding, const TextStyle& style) {
  struct Row {
    std::string label, note, place, function;
  };
  std::vector<Row> rows;
  std::size_t note_width = 0, place_width = 0, callers = 0, left_out = 0;
  OriginRole previous = OriginRole::kBlocked;
  for (std::size_t i = 0; i < finding.origin.size(); ++i) {
    const OriginFrame& frame = finding.origin[i];
    if (frame.role == OriginRole::kCalledBy && ++callers > kCallers) {
      ++left_out;
      continue;
    }
    Row row{origin_label(frame.role, previous, i == 0), frame.note,
            place_text(frame.file, frame.line), frame.function};
    if (frame.role == OriginRole::kCalledBy && row.note.empty()) row.note = "called by";
    previous = frame.role;
    note_width = std::max(note_width, columns(row.note));
    place_width = std::max(place_width, columns(row.place));
    rows.push_back(std::move(row));
  }
  if (left_out > 0 && !rows.empty()) {
    auto last_caller = std::find_if(rows.rbegin(), rows.rend(),
                                    [](const Row& row) { return row.note == "called by"; });
    if (last_caller != rows.rend())
      last_caller->function += "  (and " + counted(left_out, "caller") + ")";
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line = pad_right("   " + row.label, kMargin);
    if (note_width > 0) line += pad_right(row.note, note_width + 2);
    if (place_width > 0) line += pad_right(row.place, place_width + 2);
    std::size_t left = style.width > columns(line) + 18 ? style.width - columns(line) : 18;
    text += line + shorten_middle(row.function, left) + "\n";
  }
  return text;
}

std::string pace_text(const Finding& finding) {
  auto an_hour = [](double a_second) {
    return static_cast<std::uint64_t>(std::max(0.0, a_second * 3600));
  };
  if (!finding.growth_bytes_per_s || *finding.growth_bytes_per_s <= 0) return "";
  std::string text = seep::to_text(ByteSize(an_hour(*finding.growth_bytes_per_s))) + "/h";
  if (finding.growth_count_per_s && *finding.growth_count_per_s > 0)
    text += ", " + count_text(an_hour(*finding.growth_count_per_s)) + " an hour";
  return text;
}

std::string finding_block(const Finding& finding, std::size_t number, ByteSize whole,
                          const TextStyle& style) {
  std::string text = rule_line(finding, number, whole, style);
  auto add = [&](std::string_view label, const std::string& words) {
    if (!words.empty()) text += labelled("   " + std::string(label), words, kMargin, style.width);
  };
  bool said_above =
      number == 1 && !finding.informational && finding.confidence >= Confidence::kLikely;
  if (!said_above) add("what", sentence(finding.title));
  add("holder", analysis::to_text(finding.holder));
  text += origin_lines(finding, style);
  for (const analysis::EvidenceLine& line : finding.evidence) add(line.label, line.text);
  add("pace", pace_text(finding));
  add("fix", finding.remedy);
  return text;
}

std::vector<std::string> more_commands(const Diagnosis& diagnosis) {
  const std::string& target = diagnosis.head.target;
  std::vector<std::string> commands;
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
  ByteSize whole = diagnosis.head.completeness.object_bytes;
  std::size_t number = 0;
  for (const Finding& finding : diagnosis.findings) {
    if (++number > kFullFindings) break;
    text += "\n" + finding_block(finding, number, whole, style);
  }
  if (diagnosis.findings.size() > kFullFindings) {
    text += "\n";
    for (std::size_t i = kFullFindings; i < diagnosis.findings.size(); ++i)
      text += labelled(" " + std::to_string(i + 1), sentence(diagnosis.findings[i].title), 5,
                       style.width);
  }
  for (const std::string& note : diagnosis.notes)
    text += "\n" + labelled("note", sentence(note), 6, style.width);
  text += "\n" + cost_lines(diagnosis.head, style);
  text += more_line(more_commands(diagnosis), style);
  return text;
}

}  // namespace seep::report
