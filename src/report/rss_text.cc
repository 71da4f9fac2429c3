#include "report/rss_text.h"

#include <algorithm>

#include "analysis/verdict.h"
#include "base/count_text.h"
#include "report/finding_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::Finding;
using analysis::RssAccount;
using analysis::RssReport;
using snapshot::name_of;
using snapshot::Resident;

constexpr std::size_t kSizeWidth = 9;
constexpr std::size_t kBarCells = 16;
constexpr std::size_t kShareWidth = 11;
constexpr double kWorthARow = 0.005;  // what would be shown as a hundredth or more

double share_of(ByteSize part, ByteSize whole) {
  return whole.bytes() == 0
             ? 0
             : static_cast<double>(part.bytes()) / static_cast<double>(whole.bytes());
}

ByteSize account(const RssReport& report, Resident which) {
  for (const RssAccount& row : report.rss.accounts)
    if (row.name == name_of(which)) return row.bytes;
  return {};
}

const Finding* first_fault(const RssReport& report) {
  for (const Finding& finding : report.findings)
    if (analysis::is_fault(finding)) return &finding;
  return nullptr;
}

// Without a look at the objects all of it is one account.
std::string shown_name(const RssReport& report, const std::string& name) {
  if (!report.heap_divided && name == name_of(Resident::kHeapLive)) return "Go heap, in use";
  return name;
}

std::string largest_text(const RssReport& report) {
  auto largest =
      std::max_element(report.rss.accounts.begin(), report.rss.accounts.end(),
                       [](const RssAccount& a, const RssAccount& b) { return a.bytes < b.bytes; });
  if (largest == report.rss.accounts.end()) return "Nothing is out of proportion.";
  std::string name = shown_name(report, largest->name);
  if (report.heap_divided && largest->name == name_of(Resident::kHeapLive)) name = "live Go heap";
  return percent_text(share_of(largest->bytes, report.rss.rss), 1) + " of RSS is " + name +
         ", and nothing is out of proportion.";
}

std::string headline(const RssReport& report, const TextStyle& style) {
  if (const Finding* fault = first_fault(report)) {
    if (analysis::is_about_limit(*fault))
      return headline_text({"! LIMIT", Ink::kSuspicious}, sentence(fault->title), style);
    return headline_text({"✗ RSS GAP", Ink::kLeak},
                         gap_text(*fault, report.rss.rss, account(report, Resident::kHeapLive)),
                         style);
  }
  if (!report.findings.empty() && !report.findings.front().informational)
    return headline_text({"? possible", Ink::kSuspicious}, sentence(report.findings.front().title),
                         style);
  return headline_text({"✓ no gap", Ink::kRuledOut}, largest_text(report), style);
}

// Worth a row without a byte, because their absence is an answer.
bool is_always_shown(const RssReport& report, const std::string& name) {
  return !report.program.go_version.empty() &&
         (name == name_of(Resident::kHeapLive) || name == name_of(Resident::kCMemory) ||
          name == name_of(Resident::kReturnedLazily));
}

std::string account_lines(const RssReport& report, const TextStyle& style) {
  std::vector<RssAccount> rows;
  std::size_t name_width = 0;
  auto add = [&](const std::string& name, ByteSize bytes) {
    rows.push_back({shown_name(report, name), bytes});
    name_width = std::max(name_width, columns(rows.back().name));
  };
  ByteSize others;
  for (const RssAccount& row : report.rss.accounts) {
    if (is_always_shown(report, row.name) || share_of(row.bytes, report.rss.rss) >= kWorthARow)
      add(row.name, row.bytes);
    else
      others += row.bytes;
  }
  if (others != ByteSize()) add("all others", others);
  add(std::string(name_of(Resident::kUnexplained)), report.rss.unexplained);
  bool bars = style.bars && style.width >= name_width + kSizeWidth + kBarCells + kShareWidth + 6;
  std::string text = ink(style, Ink::kStrong, "RSS " + seep::to_text(report.rss.rss)) + "\n";
  for (const RssAccount& row : rows) {
    double share = share_of(row.bytes, report.rss.rss);
    std::string line =
        "  " + pad_right(row.name, name_width) + "  " +
        pad_left(row.bytes == ByteSize() ? "0" : seep::to_text(row.bytes), kSizeWidth);
    if (bars) line += "  " + bar(share, kBarCells);
    line += pad_left(percent_text(share, 1), kShareWidth);
    text += (row.bytes == ByteSize() ? ink(style, Ink::kDetail, line) : line) + "\n";
  }
  return text;
}

std::string cost_line(const RssReport& report, const TextStyle& style) {
  std::vector<std::string> parts;
  parts.push_back(report.from_file ? "as it was when the snapshot was taken"
                                   : "read without stopping the process");
  parts.push_back(report.pages_known ? "every page looked at"
                                     : "pages unknown: sums of mappings only");
  return in_lines(parts, style, Ink::kDetail, "  ");
}

}  // namespace

std::string rss_text(const RssReport& report, const TextStyle& style) {
  analysis::ReportHead head;
  head.program = report.program;
  std::string text = program_line(head, style) + "\n";
  text += headline(report, style) + "\n";
  text += account_lines(report, style);
  std::size_t number = 0;
  for (const Finding& finding : report.findings)
    text += "\n" + finding_block(finding, ++number, report.rss.rss, &finding == first_fault(report),
                                 style);
  for (const std::string& note : report.notes)
    text += "\n" + labelled("note", sentence(note), 6, style.width);
  text += "\n" + cost_line(report, style);
  if (!report.program.go_version.empty())
    text += more_line({"seep diagnose " + report.target, "seep heap " + report.target}, style);
  return text;
}

}  // namespace seep::report
