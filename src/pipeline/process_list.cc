#include "pipeline/process_list.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "base/diagnostics.h"
#include "pipeline/go_process.h"
#include "procfs/cgroup.h"
#include "procfs/container.h"
#include "procfs/executable.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "snapshot/go_figures.h"

namespace seep::pipeline {
namespace {

using analysis::ProcessReport;
using analysis::ProcessRow;

class ProcessLister {
 public:
  explicit ProcessLister(const KnownVerdicts& verdicts) : verdicts_(verdicts) {}

  /// The row of a process; nothing if it is none of a Go program, or gone.
  std::optional<ProcessRow> look_at(pid_t pid);
  std::vector<std::string> notes() const;

 private:
  /// False if the process is gone.
  bool add_figures(const GoProcess& process, ProcessRow& row);

  const KnownVerdicts& verdicts_;
  GoProcessFinder finder_;
  Diagnostics unknown_;  ///< why figures are missing, by process
  std::uint64_t hidden_ = 0;
};

void add_container(pid_t pid, ProcessRow& row) {
  std::optional<procfs::Container> container = procfs::read_container(pid);
  if (!container) return;
  row.container = container->id;
  row.container_short = procfs::short_name(*container);
  row.container_runtime = container->runtime;
  row.pod_uid = container->pod_uid;
}

// A limit that the host does not reach is none.
void add_limit(pid_t pid, std::optional<std::uint64_t> go_limit, ProcessRow& row) {
  Result<procfs::MemoryLimits> limits = procfs::read_memory_limits(pid);
  ByteSize host = limits ? limits->host.total : ByteSize();
  auto lower_to = [&row, host](ByteSize limit, const char* source) {
    if (host.bytes() != 0 && limit >= host) return;
    if (row.limit && *row.limit <= limit) return;
    row.limit = limit;
    row.limit_source = source;
  };
  if (limits && limits->cgroup_limit) lower_to(*limits->cgroup_limit, "cgroup");
  if (go_limit) lower_to(ByteSize(*go_limit), "gomemlimit");
}

std::string counted_processes(std::uint64_t count) {
  return count_text(count) + (count == 1 ? " process" : " processes");
}

bool ProcessLister::add_figures(const GoProcess& process, ProcessRow& row) {
  pid_t pid = process.stat.pid;
  Result<GoPeek> peek = GoPeek::open(process);
  std::optional<snapshot::GoFigures> figures;
  if (peek) figures = peek->read();
  Result<procfs::FileIdentity> after = procfs::read_executable_identity(pid);
  if (!after) return false;
  if (!figures) {
    unknown_.count(peek.error().kind == ErrorKind::kPermissionDenied
                       ? "their memory may not be read"
                       : peek.error().message);
    add_limit(pid, std::nullopt, row);
    return true;
  }
  // It may have become another program between two reads: then none of them means anything.
  if (*after != process.executable) return false;
  std::optional<std::uint64_t> live =
      figures->heap_marked ? figures->heap_marked : figures->heap_live;
  if (live) row.heap_live = ByteSize(*live);
  row.goroutines = figures->goroutines;
  if (!live || !row.goroutines) unknown_.count("their memory could not be read");
  add_limit(pid, figures->memory_limit, row);
  return true;
}

std::optional<ProcessRow> ProcessLister::look_at(pid_t pid) {
  Result<std::optional<GoProcess>> found = finder_.find(pid);
  if (!found) ++hidden_;
  if (!found || !*found) return std::nullopt;
  const GoProcess& process = **found;
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (!status) return std::nullopt;
  ProcessRow row;
  row.pid = static_cast<std::uint32_t>(pid);
  row.rss = status->resident;
  row.go_version = process.file->build->go_version;
  row.program = procfs::program_name(procfs::read_executable_path(pid));
  if (row.program.empty()) row.program = status->name;
  row.verdict = verdicts_.of(row.pid, process.stat.start_ticks);
  add_container(pid, row);
  if (!add_figures(process, row)) return std::nullopt;
  return row;
}

std::vector<std::string> ProcessLister::notes() const {
  std::vector<std::string> notes;
  std::uint64_t total = 0;
  std::string reasons;
  for (const auto& [why, count] : unknown_.counts()) {
    total += count;
    std::string times = unknown_.counts().size() > 1 ? count_text(count) + ": " : "";
    reasons += (reasons.empty() ? "" : ", ") + times + why;
  }
  if (total > 0) {
    notes.push_back("live heap and goroutines are unknown for " + counted_processes(total) + " (" +
                    reasons + ")");
  }
  if (hidden_ > 0) {
    notes.push_back(counted_processes(hidden_) + " could not be looked at" +
                    (geteuid() == 0 ? "" : "; run as root to see the processes of all users"));
  }
  return notes;
}

}  // namespace

Result<ProcessReport> list_go_processes(const KnownVerdicts& verdicts) {
  ProcessLister lister(verdicts);
  ProcessReport report;
  for (pid_t pid : TRY(procfs::list_processes())) {
    if (std::optional<ProcessRow> row = lister.look_at(pid)) report.rows.push_back(std::move(*row));
  }
  std::sort(report.rows.begin(), report.rows.end(), [](const ProcessRow& a, const ProcessRow& b) {
    return a.rss != b.rss ? a.rss > b.rss : a.pid < b.pid;
  });
  report.notes = lister.notes();
  return report;
}

}  // namespace seep::pipeline
