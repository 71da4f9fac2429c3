#include "report/finding_text.h"

#include <algorithm>

#include "analysis/holder_path.h"
#include "base/count_text.h"

namespace seep::report {
namespace {

using analysis::Confidence;
using analysis::Finding;
using analysis::OriginFrame;
using analysis::OriginRole;

constexpr std::size_t kMargin = 13;   // "   blocked   "
constexpr std::size_t kBarCells = 7;  // as wide as look.md draws it
constexpr std::size_t kCallers = 6;   // frames of a stack that are shown

std::string scenario_name(const Finding& finding) {
  if (finding.scenario == "goroutine-pileup") return "goroutine pile-up";
  std::string name = finding.scenario;
  if (name == "rss-c-memory") return "C memory";
  if (analysis::is_about_rss(finding)) name = name.substr(4);
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
  // Not every finding is about an amount: a limit may not fit.
  std::string right = finding.bytes == ByteSize() ? "" : " " + seep::to_text(finding.bytes);
  double share = whole.bytes() == 0 ? 0
                                    : static_cast<double>(finding.bytes.bytes()) /
                                          static_cast<double>(whole.bytes());
  if (share > 0 && share <= 1) right += "  " + percent_text(share, 1);
  left += " ";
  if (style.bars && share > 0 && columns(left) + columns(right) + 1 + kBarCells <= style.width)
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

}  // namespace

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

std::string headline_text(const Headline& head, const std::string& text, const TextStyle& style) {
  std::size_t margin = columns(head.mark) + 2;
  std::string block = labelled(head.mark, text, margin, style.width);
  // Colour after the layout: escape sequences would count as columns of the words beside them.
  return ink(style, head.ink, head.mark) + block.substr(head.mark.size());
}

std::string gap_text(const Finding& finding, ByteSize rss, ByteSize live) {
  return sentence(finding.title) + " RSS without it: " + seep::to_text(rss - finding.bytes) +
         ". The live heap is " + seep::to_text(live) + ".";
}

std::string finding_block(const Finding& finding, std::size_t number, ByteSize whole,
                          bool said_above, const TextStyle& style) {
  std::string text = rule_line(finding, number, whole, style);
  auto add = [&](std::string_view label, const std::string& words) {
    if (!words.empty()) text += labelled("   " + std::string(label), words, kMargin, style.width);
  };
  if (!said_above) add("what", sentence(finding.title));
  add("holder", analysis::to_text(finding.holder));
  text += origin_lines(finding, style);
  for (const analysis::EvidenceLine& line : finding.evidence) add(line.label, line.text);
  add("pace", pace_text(finding));
  add("fix", finding.remedy);
  return text;
}

}  // namespace seep::report
