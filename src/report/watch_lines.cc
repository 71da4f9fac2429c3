#include "report/watch_lines.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/byte_size.h"
#include "base/count_text.h"

namespace seep::report {

using monitor::Figure;
using monitor::ProcessVerdict;
using monitor::SeriesVerdict;
using monitor::VerdictKind;
using monitor::WatchedProcess;
using monitor::WatchState;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Of ever so many processes, those are told at the end that are worth it.
constexpr std::size_t kMostTold = 20;

std::string local_time(std::int64_t wall_ns) {
  time_t seconds = static_cast<time_t>(wall_ns / kSecond);
  tm parts{};
  localtime_r(&seconds, &parts);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return text.data();
}

// Names of programs are foreign: none of their characters may end a line or steer a terminal.
std::string printable(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(
      plain, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return plain;
}

std::string name_of_process(const WatchedProcess& process) {
  return printable(process.program) + " " + std::to_string(process.identity.pid);
}

std::string bytes_text(std::int64_t bytes) {
  return to_text(ByteSize(static_cast<std::uint64_t>(std::max<std::int64_t>(0, bytes))));
}

void append(std::string& text, const std::string& part, std::string_view separator) {
  if (part.empty()) return;
  if (!text.empty()) text += separator;
  text += part;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) append(text, part, "; ");
  return text;
}

const SeriesVerdict* leading(const ProcessVerdict& verdict) {
  for (const SeriesVerdict& one : verdict.series)
    if (verdict.leading == one.series) return &one;
  return nullptr;
}

/// How bad a process is, for an order: alarms first.
int rank_of(const WatchedProcess& process) {
  if (!process.verdict) return 9;
  switch (process.verdict->kind) {
    case VerdictKind::kLeak:
      return 0;
    case VerdictKind::kGrowing:
      return 1;
    case VerdictKind::kNearLimit:
      return process.oom ? 0 : 2;
    case VerdictKind::kRssGap:
      return 3;
    case VerdictKind::kWarmingUp:
      return 5;
    case VerdictKind::kHealthy:
      return 6;
    case VerdictKind::kInconclusive:
      return 7;
  }
  return 9;
}

std::string paragraph(const WatchedProcess& process) {
  std::string text = name_of_process(process) + (process.ended ? " (ended)" : "") + ": " +
                     verdict_text(process) + "\n  " + figures_text(process) + "\n";
  if (!process.restarts_ns.empty())
    text += "  started again " + counted(process.restarts_ns.size(), "time") + "\n";
  if (process.oom) text += "  ended: " + oom_text(*process.oom) + "\n";
  for (const monitor::JoinedFinding& finding : process.findings) {
    text += "  found: " + printable(finding.title) + " (" + finding.confidence + ")\n";
    if (!finding.remedy.empty()) text += "    fix: " + finding.remedy + "\n";
  }
  for (const std::string& path : process.snapshots) text += "  snapshot: " + path + "\n";
  for (const std::string& note : process.notes) text += "  note: " + printable(note) + "\n";
  return text;
}

}  // namespace

std::string oom_text(const monitor::OomEnd& oom) {
  std::string text = oom.counted ? "the kernel killed it for want of memory"
                                 : "its memory was at the limit when it ended";
  text += " (limit " + to_text(ByteSize(oom.limit)) + ")";
  if (oom.answer.cause) text += ": " + std::string(monitor::name_of(*oom.answer.cause));
  append(text, joined(oom.answer.evidence), "; ");
  return text;
}

std::string watch_line(std::int64_t wall_ns, const WatchedProcess& process, std::string_view text) {
  return watch_line(wall_ns, name_of_process(process) + ": " + std::string(text));
}

std::string watch_line(std::int64_t wall_ns, std::string_view text) {
  return local_time(wall_ns) + "  " + printable(text) + "\n";
}

std::string figures_text(const WatchedProcess& process) {
  const monitor::ProcessSample& now = process.latest;
  std::string text;
  if (std::optional<std::int64_t> rss = now[Figure::kRss]) {
    text = "RSS " + bytes_text(*rss);
    if (process.memory_limit)
      text += " of " + to_text(ByteSize(*process.memory_limit)) + " (" + process.limit_source + ")";
  }
  if (std::optional<std::int64_t> heap = now[Figure::kHeapMarked])
    append(text, "live heap " + bytes_text(*heap), ", ");
  if (std::optional<std::int64_t> goroutines = now[Figure::kGoroutines])
    append(text, counted(static_cast<std::uint64_t>(*goroutines), "goroutine"), ", ");
  if (std::optional<std::int64_t> files = now[Figure::kOpenFiles])
    append(text, counted(static_cast<std::uint64_t>(*files), "open file"), ", ");
  return text;
}

std::string found_text(const WatchedProcess& process) {
  std::string text = process.go_version;
  if (text.empty())
    text = process.executable.empty() ? "its program may not be looked at" : "not a Go program";
  if (!process.container_short.empty()) text += " in " + process.container_short;
  append(text, figures_text(process), ", ");
  for (const std::string& note : process.notes) append(text, note, "; ");
  return text;
}

std::string verdict_text(const WatchedProcess& process) {
  if (!process.verdict) return "not judged yet";
  const ProcessVerdict& verdict = *process.verdict;
  std::string text(monitor::name_of(verdict.kind));
  const SeriesVerdict* lead = leading(verdict);
  std::string evidence;
  if (lead) append(evidence, joined(lead->evidence), "; ");
  append(evidence, joined(verdict.evidence), "; ");
  // Most evidence begins with the name of its series, some with what happened.
  std::string name(lead ? monitor::name_of(lead->series) : "");
  if (lead && !lead->evidence.empty() && !evidence.starts_with(name))
    evidence = name + ": " + evidence;
  append(text, evidence, ": ");
  return text;
}

std::string end_text(const WatchedProcess& process) {
  return process.oom ? "ended: " + oom_text(*process.oom) : "ended";
}

std::string totals_text(const WatchState& state) {
  std::map<int, std::pair<std::string, std::uint64_t>> kinds;
  std::int64_t rss = 0;
  std::uint64_t running = 0;
  for (const WatchedProcess& process : state.processes) {
    if (process.ended) continue;
    ++running;
    rss += process.latest[Figure::kRss].value_or(0);
    if (!process.verdict) continue;
    auto& [name, count] = kinds[rank_of(process)];
    name = monitor::name_of(process.verdict->kind);
    ++count;
  }
  std::string text = running == 1 ? "1 process" : count_text(running) + " processes";
  text += ", RSS " + bytes_text(rss);
  std::string verdicts;
  for (const auto& [rank, kind] : kinds)
    append(verdicts, count_text(kind.second) + " " + kind.first, ", ");
  append(text, verdicts, ": ");
  return text;
}

std::string watch_summary(const WatchState& state, double seconds) {
  std::vector<const WatchedProcess*> order;
  for (const WatchedProcess& process : state.processes) order.push_back(&process);
  std::ranges::stable_sort(order, [](const WatchedProcess* a, const WatchedProcess* b) {
    int first = rank_of(*a), second = rank_of(*b);
    if (first != second) return first < second;
    return a->latest[Figure::kRss].value_or(0) > b->latest[Figure::kRss].value_or(0);
  });
  std::string text = "\nwatched for " + duration_text(seconds) + ": " + totals_text(state) + "\n";
  std::size_t told = std::min(order.size(), kMostTold);
  for (std::size_t i = 0; i < told; ++i) text += paragraph(*order[i]);
  if (told < order.size())
    text += "and " + count_text(order.size() - told) + " more; --json tells all\n";
  return text;
}

}  // namespace seep::report
