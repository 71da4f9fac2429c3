#include "report/report_head.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/count_text.h"

namespace seep::report {

using analysis::Completeness;
using analysis::ReportHead;
using snapshot::FreezeMode;
using snapshot::FreezeReport;
using snapshot::ProgramInfo;

namespace {

const char* to_text(snapshot::LimitSource source) {
  switch (source) {
    case snapshot::LimitSource::kNone:
      break;
    case snapshot::LimitSource::kCgroup:
      return "cgroup";
    case snapshot::LimitSource::kGoMemLimit:
      return "GOMEMLIMIT";
    case snapshot::LimitSource::kHost:
      return "host";
  }
  return "no limit";
}

std::string milliseconds(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), value < 9.95 ? "%.1f ms" : "%.0f ms", value);
  return text.data();
}

}  // namespace

const char* freeze_mode_text(FreezeMode mode) {
  switch (mode) {
    case FreezeMode::kNone:
      return "none";
    case FreezeMode::kFork:
      return "fork";
    case FreezeMode::kStop:
      return "stop";
  }
  return "none";
}

std::string program_line(const ReportHead& head, const TextStyle& style) {
  const ProgramInfo& program = head.program;
  std::vector<std::string> parts;
  parts.push_back((program.program.empty() ? std::string("?") : program.program) +
                  (program.pid != 0 ? " (pid " + std::to_string(program.pid) + ")" : ""));
  if (!program.go_version.empty()) parts.push_back(program.go_version);
  if (program.uptime_s > 0) parts.push_back("up " + duration_text(program.uptime_s));
  if (program.rss_bytes > 0) {
    std::string rss = "RSS " + seep::to_text(ByteSize(program.rss_bytes));
    if (program.limit_bytes)
      rss += " of " + seep::to_text(ByteSize(*program.limit_bytes)) + " (" +
             to_text(program.limit_source) + ")";
    parts.push_back(rss);
  }
  if (program.kind == snapshot::TargetKind::kSnapshot) parts.push_back("from a snapshot");
  if (program.kind == snapshot::TargetKind::kCore) parts.push_back("from a core file");
  return in_lines(parts, style, Ink::kPlain, "  ");
}

std::string cost_lines(const ReportHead& head, const TextStyle& style) {
  const Completeness& read = head.completeness;
  std::vector<std::string> parts;
  for (const FreezeReport& freeze : head.freezes) {
    if (freeze.mode == FreezeMode::kNone) continue;
    std::string text =
        "stopped for " + milliseconds(freeze.stopped_ms) + " (" + freeze_mode_text(freeze.mode);
    if (freeze.attempts > 1) text += ", " + std::to_string(freeze.attempts) + " attempts";
    parts.push_back(text + ")");
    if (freeze.fallback_reason) parts.push_back("not by fork: " + *freeze.fallback_reason);
  }
  double typed = static_cast<double>((read.reachable_bytes - read.untyped_bytes).bytes());
  parts.push_back(counted(read.objects, "object") + ", " +
                  percent_text(typed, static_cast<double>(read.reachable_bytes.bytes())) +
                  " of bytes typed");
  std::uint64_t not_unwound = read.goroutines - std::min(read.goroutines, read.goroutines_unwound);
  parts.push_back(not_unwound == 0 ? "all " + counted(read.goroutines, "stack") + " unwound"
                                   : count_text(not_unwound) + " of " +
                                         counted(read.goroutines, "stack") + " not unwound");
  if (read.unreadable_bytes > 0)
    parts.push_back(seep::to_text(ByteSize(read.unreadable_bytes)) + " not readable");
  for (const auto& [what, count] : read.anomalies) parts.push_back(count_text(count) + " " + what);
  return in_lines(parts, style, Ink::kDetail, "  ");
}

std::string more_line(const std::vector<std::string>& commands, const TextStyle& style) {
  if (commands.empty()) return "";
  std::vector<std::string> parts = commands;
  parts.front() = "more: " + parts.front();
  return in_lines(parts, style, Ink::kDetail, "      ");
}

}  // namespace seep::report
