#include "report/heap_text.h"

#include <algorithm>

#include "base/count_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::HeapPath;
using analysis::HeapReport;
using analysis::HeapRow;
using analysis::HeapTreeRow;

constexpr std::size_t kSizeWidth = 9;
constexpr std::size_t kCountWidth = 13;
constexpr std::size_t kBarCells = 7;

double share_of(ByteSize part, ByteSize whole) {
  return whole.bytes() == 0
             ? 0
             : static_cast<double>(part.bytes()) / static_cast<double>(whole.bytes());
}

// A narrow terminal has no room for bars.
bool has_bars(const TextStyle& style) { return style.bars && style.width >= 80; }

std::string share_column(ByteSize part, ByteSize whole, const TextStyle& style) {
  double share = share_of(part, whole);
  std::string percent = pad_left(percent_text(share, 1), 9);
  return has_bars(style) ? bar(share, kBarCells) + percent : percent;
}

std::size_t share_width(const TextStyle& style) { return has_bars(style) ? kBarCells + 9 : 9; }

// A name that is longer than its column is shortened in the middle: both ends of a path matter.
std::string with_name(const std::string& columns_before, const std::string& name,
                      const TextStyle& style) {
  std::size_t used = columns(columns_before);
  std::size_t left = style.width > used + 16 ? style.width - used : 16;
  return columns_before + shorten_middle(name, left) + "\n";
}

std::string row_lines(const HeapReport& report, const TextStyle& style) {
  // What holds has no bytes of its own that are worth a column; types and sites have.
  bool own = std::any_of(report.rows.begin(), report.rows.end(),
                         [](const HeapRow& row) { return row.shallow != ByteSize(); });
  std::string head = pad_left("retained", kSizeWidth) + "  " +
                     pad_right("share", share_width(style)) + pad_left("objects", kCountWidth) +
                     (own ? pad_left("own", kSizeWidth + 2) : "") + "  " + report.rows_are;
  std::string text = ink(style, Ink::kDetail, head) + "\n";
  for (const HeapRow& row : report.rows) {
    std::string before = pad_left(seep::to_text(row.retained), kSizeWidth) + "  " +
                         share_column(row.retained, report.head.completeness.object_bytes, style) +
                         pad_left(count_text(row.count), kCountWidth);
    if (own) before += pad_left(seep::to_text(row.shallow), kSizeWidth + 2);
    text += with_name(before + "  ", row.name, style);
  }
  if (report.rows_left_out > 0)
    text += ink(style, Ink::kDetail,
                pad_left("…", kSizeWidth) + "  " + counted(report.rows_left_out, "row") +
                    " more (--top N shows more)") +
            "\n";
  return text;
}

std::string tree_lines(const HeapReport& report, const TextStyle& style) {
  std::string text;
  for (const HeapTreeRow& line : report.tree) {
    std::string before =
        pad_left(seep::to_text(line.row.retained), kSizeWidth) + "  " +
        share_column(line.row.retained, report.head.completeness.object_bytes, style) + "  " +
        std::string(std::size_t{line.depth} * 2, ' ');
    text += with_name(before, line.row.name, style);
  }
  return text;
}

std::string path_lines(const HeapPath& path, const TextStyle& style) {
  std::string text = ink(style, Ink::kStrong, path.target) + "\n";
  for (std::size_t i = 0; i < path.steps.size(); ++i) {
    std::string indent =
        i == 0 ? "   " : "   " + std::string(std::min<std::size_t>(i, 12) * 2, ' ') + "→ ";
    text += with_name(indent, path.steps[i], style);
  }
  return text;
}

}  // namespace

std::string heap_text(const HeapReport& report, const TextStyle& style) {
  const analysis::Completeness& read = report.head.completeness;
  std::string text = program_line(report.head, style);
  double typed = static_cast<double>((read.reachable_bytes - read.untyped_bytes).bytes());
  text +=
      in_lines({"reachable " + seep::to_text(read.reachable_bytes) + " in " +
                    counted(read.reachable_objects, "object"),
                "garbage " + seep::to_text(report.garbage),
                percent_text(typed, static_cast<double>(read.reachable_bytes.bytes())) + " typed"},
               style, Ink::kPlain, "  ");
  if (!report.rows.empty()) text += "\n" + row_lines(report, style);
  if (!report.tree.empty()) text += "\n" + tree_lines(report, style);
  for (const HeapPath& path : report.paths) text += "\n" + path_lines(path, style);
  for (const std::string& note : report.notes) text += "\n" + labelled("", note, 0, style.width);
  text += "\n" + cost_lines(report.head, style);
  const std::string& target = report.head.target;
  text += more_line({"seep heap " + target + " --by type", "seep heap " + target + " --path TYPE",
                     "seep heap " + target + " --tree", "seep diagnose " + target},
                    style);
  return text;
}

}  // namespace seep::report
