#include "pipeline/process_list.h"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "base/diagnostics.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/go_file.h"
#include "goruntime/peek.h"
#include "goruntime/program_build.h"
#include "procfs/cgroup.h"
#include "procfs/container.h"
#include "procfs/executable.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/live_process.h"
#include "target/mapped_files.h"
#include "target/program_files.h"

namespace seep::pipeline {
namespace {

using analysis::ProcessReport;
using analysis::ProcessRow;

// What is the same for all processes that run one file, or that have loaded it as a library.
struct Executable {
  std::optional<elf::BuildInfo> build;  ///< absent: not a Go program
  Result<goruntime::PeekPlan> plan = fail(ErrorKind::kUnsupported, "");
  bool position_independent = false;
  bool dynamic = false;  ///< it loads libraries, of which one may be Go's
  int tries = 0;         ///< how many processes were asked for what is missing
};

// A process that is just starting or ending may not show what another one of the same file does.
constexpr int kMostTries = 8;

// The file with Go's runtime that a process runs.
struct GoFile {
  const Executable* file;
  std::optional<std::uint64_t> slide{};  ///< of a library
};

class ProcessLister {
 public:
  /// The row of a process; nothing if it is none of a Go program, or gone.
  std::optional<ProcessRow> look_at(pid_t pid);
  std::vector<std::string> notes() const;

 private:
  const Executable& executable(procfs::FileIdentity identity, pid_t pid);
  std::optional<GoFile> library(pid_t pid);
  std::optional<GoFile> go_file(procfs::FileIdentity identity, pid_t pid);
  /// `slide` is that of a library; none: the file is the executable.
  Executable describe(pid_t pid, const elf::ElfFile& file, std::optional<std::uint64_t> slide);
  Result<goruntime::PeekPlan> plan(pid_t pid, const elf::ElfFile& file, const elf::BuildInfo& build,
                                   std::optional<std::uint64_t> slide);
  /// False if the process is gone.
  bool add_figures(pid_t pid, procfs::FileIdentity before, const GoFile& program, ProcessRow& row);
  Result<goruntime::PeekedFigures> peek(pid_t pid, const GoFile& program);

  goruntime::PeekPlanner planner_;
  std::map<procfs::FileIdentity, Executable> executables_;
  std::map<std::pair<std::string, std::uint64_t>, Executable> libraries_;  ///< by path and inode
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

// What another seep froze to look at: it is stopped under ptrace and its end is told to nobody
// (target/freeze.h).
bool is_frozen_copy(const procfs::ProcessStat& stat) {
  return stat.state == 't' && stat.exit_signal == 0;
}

Executable ProcessLister::describe(pid_t pid, const elf::ElfFile& file,
                                   std::optional<std::uint64_t> slide) {
  Executable known;
  known.dynamic = file.dynamic();
  Result<elf::BuildInfo> build = goruntime::read_program_build(file);
  if (!build || elf::imports_go_runtime(file)) return known;
  known.plan = plan(pid, file, *build, slide);
  known.position_independent = file.position_independent();
  known.build = std::move(*build);
  return known;
}

const Executable& ProcessLister::executable(procfs::FileIdentity identity, pid_t pid) {
  Executable& known = executables_[identity];
  bool is_new = known.tries == 0;
  bool lacks_plan = known.build && !known.plan;
  if ((is_new || lacks_plan) && known.tries < kMostTries) {
    Result<elf::ElfFile> file = elf::ElfFile::open(procfs::proc_path(pid, "exe"));
    if (!file) return known;
    int tries = known.tries + 1;
    known = describe(pid, *file, std::nullopt);
    known.tries = tries;
  }
  return known;
}

std::optional<GoFile> ProcessLister::library(pid_t pid) {
  Diagnostics ignored;  // lines of the maps that make no sense hide no process
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid, ignored);
  if (!mappings) return std::nullopt;
  for (const target::MappedCode& mapped : target::files_with_code(*mappings)) {
    auto [place, is_new] = libraries_.try_emplace({mapped.path, mapped.inode});
    if (!is_new && !place->second.build) continue;
    Result<elf::ElfFile> file = target::open_mapped_file(pid, mapped);
    if (!file) continue;
    std::optional<std::uint64_t> slide = target::slide_of(*file, mapped);
    if (is_new && slide && elf::looks_like_go(*file)) {
      place->second = describe(pid, *file, slide);
    }
    if (place->second.build && slide) return GoFile{&place->second, slide};
  }
  return std::nullopt;
}

std::optional<GoFile> ProcessLister::go_file(procfs::FileIdentity identity, pid_t pid) {
  const Executable& program = executable(identity, pid);
  if (program.build) return GoFile{&program};
  return program.dynamic ? library(pid) : std::nullopt;
}

Result<goruntime::PeekPlan> ProcessLister::plan(pid_t pid, const elf::ElfFile& file,
                                                const elf::BuildInfo& build,
                                                std::optional<std::uint64_t> slide) {
  target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
  if (!slide) slide = TRY(target::find_slide(pid, file));
  return planner_.plan(file, build, memory, *slide);
}

Result<goruntime::PeekedFigures> ProcessLister::peek(pid_t pid, const GoFile& program) {
  if (!program.file->plan) return std::unexpected(program.file->plan.error());
  target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
  std::uint64_t slide = program.slide.value_or(0);
  if (!program.slide && program.file->position_independent) {
    elf::ElfFile file = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe")));
    slide = TRY(target::find_slide(pid, file));
  }
  return goruntime::peek(memory, *program.file->plan, slide);
}

bool ProcessLister::add_figures(pid_t pid, procfs::FileIdentity before, const GoFile& program,
                                ProcessRow& row) {
  Result<goruntime::PeekedFigures> figures = peek(pid, program);
  Result<procfs::FileIdentity> after = procfs::read_executable_identity(pid);
  if (!after) return false;
  if (!figures) {
    unknown_.count(figures.error().kind == ErrorKind::kPermissionDenied
                       ? "their memory may not be read"
                       : figures.error().message);
    add_limit(pid, std::nullopt, row);
    return true;
  }
  // It may have become another program between two reads: then none of them means anything.
  if (*after != before) return false;
  std::optional<std::uint64_t> live =
      figures->heap_marked ? figures->heap_marked : figures->heap_live;
  if (live) row.heap_live = ByteSize(*live);
  row.goroutines = figures->goroutines;
  if (!live || !row.goroutines) unknown_.count("their memory could not be read");
  add_limit(pid, figures->memory_limit, row);
  return true;
}

std::optional<ProcessRow> ProcessLister::look_at(pid_t pid) {
  Result<procfs::FileIdentity> identity = procfs::read_executable_identity(pid);
  if (!identity) {
    if (identity.error().kind != ErrorKind::kPermissionDenied) return std::nullopt;
    // Nobody but root is told so of threads of the kernel, which run no file at all.
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    if (stat && !stat->is_kernel_thread() && !stat->is_zombie()) ++hidden_;
    return std::nullopt;
  }
  std::optional<GoFile> program = go_file(*identity, pid);
  if (!program) return std::nullopt;
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (!stat || !status || is_frozen_copy(*stat)) return std::nullopt;
  ProcessRow row;
  row.pid = static_cast<std::uint32_t>(pid);
  row.rss = status->resident;
  row.go_version = program->file->build->go_version;
  std::string path = procfs::read_executable_path(pid);
  row.program = path.substr(path.rfind('/') + 1);
  if (row.program.empty()) row.program = status->name;
  add_container(pid, row);
  if (!add_figures(pid, *identity, *program, row)) return std::nullopt;
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

Result<ProcessReport> list_go_processes() {
  ProcessLister lister;
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
