#include "report/diff_text.h"

#include <algorithm>
#include <cmath>

#include "base/count_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::DiffBy;
using analysis::DiffReport;
using analysis::DiffRow;

constexpr std::size_t kSizeWidth = 10;
constexpr std::size_t kCountWidth = 11;
constexpr std::size_t kFindings = 5;

std::uint64_t rounded(double value) {
  return static_cast<std::uint64_t>(std::llround(std::abs(value)));
}

std::string change_of_bytes(double bytes) {
  if (rounded(bytes) == 0) return "0";
  return (bytes < 0 ? "−" : "+") + seep::to_text(ByteSize(rounded(bytes)));
}

std::string change_of_count(double count) {
  if (rounded(count) == 0) return "0";
  return (count < 0 ? "−" : "+") + count_text(rounded(count));
}

const char* rows_are(DiffBy by) {
  switch (by) {
    case DiffBy::kType:
      return "type";
    case DiffBy::kSite:
      return "allocated at";
    case DiffBy::kGoroutine:
      return "started at";
    case DiffBy::kHolder:
      break;
  }
  return "holder";
}

std::string row_lines(const DiffReport& report, const TextStyle& style) {
  bool pace = report.seconds > 0;
  bool goroutines = report.by == DiffBy::kGoroutine;
  std::string head =
      pad_left("growth", kSizeWidth) + (pace ? pad_left("an hour", kSizeWidth) : "") +
      pad_left("before", kSizeWidth) + pad_left("after", kSizeWidth) +
      pad_left(goroutines ? "goroutines" : "objects", kCountWidth) + "  " + rows_are(report.by);
  std::string text = ink(style, Ink::kDetail, head) + "\n";
  std::uint64_t shown = 0, left_out = 0;
  for (const DiffRow& row : report.rows()) {
    if (row.growth() == 0 && row.more() == 0) continue;
    if (shown == report.top) {
      ++left_out;
      continue;
    }
    ++shown;
    std::string line = pad_left(change_of_bytes(row.growth()), kSizeWidth);
    if (pace) line += pad_left(change_of_bytes(row.growth() / report.seconds * 3600), kSizeWidth);
    line += pad_left(seep::to_text(ByteSize(row.before_bytes)), kSizeWidth) +
            pad_left(seep::to_text(ByteSize(row.after_bytes)), kSizeWidth) +
            pad_left(change_of_count(row.more()), kCountWidth) + "  ";
    std::size_t used = columns(line);
    text +=
        line + shorten_middle(row.name, style.width > used + 16 ? style.width - used : 16) + "\n";
  }
  if (shown == 0) return "nothing grew and nothing shrank\n";
  if (left_out > 0)
    text += ink(style, Ink::kDetail,
                pad_left("…", kSizeWidth) + "  " + counted(left_out, "row") +
                    " more (--top N shows more)") +
            "\n";
  return text;
}

std::string summary_line(const DiffReport& report, const TextStyle& style) {
  ByteSize before = report.before.completeness.reachable_bytes;
  ByteSize after = report.after.completeness.reachable_bytes;
  double growth = static_cast<double>(after.bytes()) - static_cast<double>(before.bytes());
  std::vector<std::string> parts = {"reachable " + seep::to_text(before) + " → " +
                                    seep::to_text(after) + " (" + change_of_bytes(growth) + ")"};
  if (report.seconds > 0) {
    parts.push_back("in " + duration_text(report.seconds));
    parts.push_back(change_of_bytes(growth / report.seconds * 3600) + "/h");
  }
  parts.push_back(count_text(report.before.completeness.goroutines) + " → " +
                  counted(report.after.completeness.goroutines, "goroutine"));
  return in_lines(parts, style, Ink::kStrong, "  ");
}

}  // namespace

std::string diff_text(const DiffReport& report, const TextStyle& style) {
  std::string text = "before  " + program_line(report.before, style);
  text += "after   " + program_line(report.after, style);
  text += summary_line(report, style) + "\n" + row_lines(report, style);
  std::size_t shown = 0;
  for (const analysis::Finding& finding : report.findings) {
    if (shown++ == kFindings) break;
    text += "\n" + labelled("! grew", finding.title + ".", 9, style.width);
    text += labelled("  fix", finding.remedy, 9, style.width);
  }
  for (const std::string& note : report.notes) text += "\n" + labelled("", note, 0, style.width);
  const std::string& target = report.after.target;
  std::vector<std::string> more = {"--by type|site|goroutine", "seep heap " + target};
  more.push_back("seep diagnose " + target);
  return text + "\n" + more_line(more, style);
}

}  // namespace seep::report
