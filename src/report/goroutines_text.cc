#include "report/goroutines_text.h"

#include <algorithm>

#include "base/count_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::GoroutineReport;
using analysis::GoroutineRow;
using analysis::GoroutineVerdict;
using analysis::OriginFrame;

constexpr std::size_t kFrames = 12;

std::string verdict_text(const GoroutineRow& row) {
  if (row.group.parked_main) return "main, waiting for ever on purpose";
  switch (row.group.verdict) {
    case GoroutineVerdict::kRunning:
      return "running";
    case GoroutineVerdict::kWaiting:
      return row.group.system ? "the runtime's own, waiting" : "waiting";
    case GoroutineVerdict::kStuck:
      return "stuck";
    case GoroutineVerdict::kLeaked:
      return "can never run again";
  }
  return "";
}

Ink verdict_ink(const GoroutineRow& row) {
  switch (row.group.verdict) {
    case GoroutineVerdict::kLeaked:
      return Ink::kLeak;
    case GoroutineVerdict::kStuck:
      return Ink::kSuspicious;
    default:
      return row.group.system ? Ink::kDetail : Ink::kPlain;
  }
}

std::string wait_text(const GoroutineRow& row) {
  if (row.group.verdict == GoroutineVerdict::kRunning)
    return analysis::status_text(row.group.status);
  std::string text = row.wait_reason;
  double longest = row.group.wait_s_max.value_or(0);
  double shortest = row.group.wait_s_min.value_or(0);
  // Go notes the time only when a collection passes; zero means "not long" and is not worth a word.
  if (longest >= 1) {
    std::string low = duration_text(shortest), high = duration_text(longest);
    if (shortest < 1)
      text += ", for up to " + high;
    else
      text += low == high ? ", for " + high : ", for " + low + " to " + high;
  }
  return text;
}

std::string frame_lines(const std::vector<OriginFrame>& stack, const OriginFrame& created_by,
                        const TextStyle& style) {
  std::size_t place_width = columns(place_text(created_by.file, created_by.line));
  std::size_t shown = std::min(stack.size(), kFrames);
  for (std::size_t i = 0; i < shown; ++i)
    place_width = std::max(place_width, columns(place_text(stack[i].file, stack[i].line)));
  auto line = [&](const char* label, const OriginFrame& frame) {
    std::string before = "     " + pad_right(label, 9) +
                         pad_right(place_text(frame.file, frame.line), place_width + 2);
    std::size_t left = style.width > columns(before) + 20 ? style.width - columns(before) : 20;
    return before + shorten_middle(frame.function, left) + "\n";
  };
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += line(i == 0 ? "at" : "", stack[i]);
  if (shown < stack.size())
    text += "              … " + counted(stack.size() - shown, "more caller") + "\n";
  if (!created_by.function.empty()) text += line("started", created_by);
  return text;
}

std::string row_text(const GoroutineRow& row, const TextStyle& style) {
  const analysis::GoroutineGroup& group = row.group;
  std::string head = pad_left(count_text(group.members.size()), 7) + " × " +
                     ink(style, verdict_ink(row), verdict_text(row));
  std::vector<std::string> parts = {head};
  if (std::string waits = wait_text(row); !waits.empty()) parts.push_back(waits);
  parts.push_back("holds " + seep::to_text(row.retained) + ", stack " +
                  seep::to_text(ByteSize(group.stack_bytes)));
  return in_lines(parts, style, Ink::kPlain, "          ") +
         frame_lines(row.stack, row.created_by, style);
}

}  // namespace

std::string goroutines_text(const GoroutineReport& report, const TextStyle& style) {
  std::string text = program_line(report.head, style);
  text += counted(report.goroutines, "goroutine") + " in " + counted(report.rows.size(), "group");
  if (report.leaked_only) text += " that can never run again";
  text += " · ";
  text += report.leaked == 0
              ? ink(style, Ink::kRuledOut, "every one can still run")
              : ink(style, Ink::kLeak, count_text(report.leaked) + " can never run again");
  text += "\n";
  for (const GoroutineRow& row : report.rows) text += "\n" + row_text(row, style);
  text += "\n" + cost_lines(report.head, style);
  const std::string& target = report.head.target;
  std::vector<std::string> more;
  if (!report.leaked_only && report.leaked > 0)
    more.push_back("seep goroutines " + target + " --leaked");
  more.push_back("seep diagnose " + target);
  more.push_back("seep goroutines " + target + " --json");
  text += more_line(more, style);
  return text;
}

}  // namespace seep::report
