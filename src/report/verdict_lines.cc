#include "report/verdict_lines.h"

#include <algorithm>

#include "base/byte_size.h"
#include "monitor/verdict_text.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::ProcessVerdict;
using monitor::SeriesKind;
using monitor::SeriesVerdict;
using monitor::WatchedProcess;

constexpr std::size_t kStatementsFirst = 2;
constexpr std::size_t kMargin = 16;
constexpr std::size_t kNarrowest = 20;

const SeriesVerdict* find(const ProcessVerdict& verdict, SeriesKind kind) {
  auto found = std::find_if(verdict.series.begin(), verdict.series.end(),
                            [kind](const SeriesVerdict& one) { return one.series == kind; });
  return found == verdict.series.end() ? nullptr : &*found;
}

/// What the verdict rests on, the most important first: of growth the series that grows, of all
/// else what was found out about the process.
std::vector<std::string> statements(const ProcessVerdict& verdict) {
  const SeriesVerdict* leading = verdict.leading ? find(verdict, *verdict.leading) : nullptr;
  std::vector<std::string> all = verdict.evidence;
  if (leading == nullptr) return all;
  bool first = monitor::is_alarm(verdict.kind) || all.empty();
  auto place = first ? all.begin() : all.end();
  if (!leading->evidence.empty()) place = all.insert(place, leading->evidence.front()) + 1;
  if (leading->evidence.size() > 1)
    all.insert(all.end(), leading->evidence.begin() + 1, leading->evidence.end());
  return all;
}

void add_statement(std::vector<Line>& lines, std::string_view label, std::string_view statement,
                   std::size_t width, Ink ink, Ink label_ink) {
  bool first = true;
  for (const std::string& part : wrap(statement, std::max(width, kMargin + kNarrowest) - kMargin)) {
    lines.emplace_back(pad_right(first ? label : "", kMargin), CellStyle{.ink = label_ink});
    lines.back().add(part, ink);
    first = false;
  }
}

std::string end_text(const monitor::OomEnd& end) {
  std::string text = end.counted ? "killed by the kernel for want of memory"
                                 : "ended with its memory at the limit";
  if (end.limit > 0) text += ", limit " + to_text(ByteSize(end.limit));
  if (!end.answer.cause) return text + "; the samples do not tell why";
  switch (*end.answer.cause) {
    case monitor::OomCause::kLeak:
      return text + ": a leak that came to its end";
    case monitor::OomCause::kTooMuchData:
      return text + ": one load of too much data";
    case monitor::OomCause::kLimitTooSmall:
      break;
  }
  return text + ": the limit is too small for what it steadily needs";
}

void add_finding(std::vector<Line>& lines, const monitor::JoinedFinding& finding,
                 std::size_t width) {
  add_statement(lines, "because", finding.title + " (" + finding.confidence + ")", width,
                Ink::kStrong, Ink::kDetail);
  add_statement(lines, "fix", finding.remedy, width, Ink::kPlain, Ink::kDetail);
}

/// What there is about the end of a process, and files that were saved of it.
void add_past(std::vector<Line>& lines, const WatchedProcess& process, std::size_t width) {
  if (process.oom) {
    std::string label = process.ended ? "its end" : "its last end";
    if (!process.ended)
      add_statement(lines, label, end_text(*process.oom), width, Ink::kPlain, Ink::kDetail);
    for (const std::string& statement : process.oom->answer.evidence)
      add_statement(lines, process.ended ? label : "", statement, width, Ink::kPlain, Ink::kDetail);
  }
  for (const std::string& file : process.snapshots)
    add_statement(lines, "snapshot", file, width, Ink::kPlain, Ink::kDetail);
}

}  // namespace

std::vector<Line> headline_lines(const WatchedProcess& process, std::size_t width) {
  std::vector<Line> lines;
  VerdictLook look = verdict_look(process);
  if (process.ended && process.oom) {
    add_statement(lines, look.text, end_text(*process.oom), width, Ink::kStrong, look.ink);
    look = {};
  }
  if (!process.verdict) {
    add_statement(lines, look.text, "not judged yet", width, Ink::kDetail, look.ink);
    return lines;
  }
  std::vector<std::string> all = statements(*process.verdict);
  if (all.empty()) all.push_back("");
  std::string label = look.text;
  for (std::size_t i = 0; i < all.size() && i < kStatementsFirst; ++i) {
    add_statement(lines, label, all[i], width, i == 0 ? Ink::kStrong : Ink::kPlain, look.ink);
    label.clear();
  }
  if (!process.findings.empty()) add_finding(lines, process.findings.front(), width);
  return lines;
}

std::vector<Line> evidence_lines(const WatchedProcess& process, std::size_t width) {
  std::vector<Line> lines;
  for (std::size_t i = 1; i < process.findings.size(); ++i)
    add_finding(lines, process.findings[i], width);
  add_past(lines, process, width);
  for (const std::string& note : process.notes)
    add_statement(lines, "not read", note, width, Ink::kSuspicious, Ink::kSuspicious);
  if (!process.verdict) return lines;
  std::vector<std::string> all = statements(*process.verdict);
  for (std::size_t i = kStatementsFirst; i < all.size(); ++i)
    add_statement(lines, i == kStatementsFirst ? "evidence" : "", all[i], width, Ink::kPlain,
                  Ink::kDetail);
  for (const SeriesVerdict& series : process.verdict->series) {
    if (series.series == process.verdict->leading) continue;
    std::string label(monitor::name_of(series.series));
    bool first = true;
    for (std::string_view statement : series.evidence) {
      // "RSS  RSS is at …" would say it twice.
      if (first && statement.starts_with(label + " ")) statement.remove_prefix(label.size() + 1);
      add_statement(lines, first ? label : "", statement, width, Ink::kDetail, Ink::kDetail);
      first = false;
    }
  }
  return lines;
}

Line growth_mark(const WatchedProcess& process, SeriesKind series) {
  const SeriesVerdict* verdict = process.verdict ? find(*process.verdict, series) : nullptr;
  if (verdict == nullptr || !monitor::is_alarm(verdict->kind)) return {};
  bool leak = verdict->kind == monitor::VerdictKind::kLeak;
  return Line((leak ? "✗" : "!") + std::string(" +") + monitor::rate_text(series, verdict->rate),
              {.ink = leak ? Ink::kLeak : Ink::kSuspicious});
}

}  // namespace seep::report
