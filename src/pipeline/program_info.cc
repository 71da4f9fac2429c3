#include "pipeline/program_info.h"

#include <algorithm>
#include <chrono>

#include "elf/elf_file.h"
#include "procfs/cgroup.h"
#include "procfs/executable.h"
#include "procfs/open_files.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/core_program.h"

namespace seep::pipeline {

namespace {

std::uint64_t unix_ms_now() {
  std::chrono::system_clock::duration now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

snapshot::ProgramInfo named(pid_t pid, const std::string& executable) {
  snapshot::ProgramInfo info;
  info.pid = static_cast<std::uint32_t>(pid);
  info.executable = executable;
  info.program = info.executable.substr(info.executable.rfind('/') + 1);
  return info;
}

void add_build(const elf::BuildInfo& build, snapshot::ProgramInfo& info) {
  info.go_version = build.go_version;
  info.main_package = build.main_package;
}

snapshot::ProgramInfo describe(pid_t pid, const std::string& executable,
                               const goruntime::GoProgram& program) {
  snapshot::ProgramInfo info = named(pid, executable);
  add_build(program.build, info);
  info.build_id = elf::read_build_id(program.files.executable);
  info.stripped = program.symbols.empty();
  return info;
}

std::optional<snapshot::OpenFiles> open_files_of(pid_t pid) {
  Result<procfs::OpenFiles> open = procfs::read_open_files(pid);
  if (!open) return std::nullopt;
  return snapshot::OpenFiles{open->files, open->sockets, open->pipes, open->others, open->limit};
}

void add_process(pid_t pid, snapshot::ProgramInfo& info) {
  info.kind = snapshot::TargetKind::kLive;
  info.captured_unix_ms = unix_ms_now();
  if (Result<procfs::ProcessStatus> status = procfs::read_status(pid)) {
    info.rss_bytes = status->resident.bytes();
  }
  info.open_files = open_files_of(pid);
  if (Result<procfs::ProcessStat> stat = procfs::read_stat(pid)) {
    info.uptime_s = procfs::read_uptime_seconds(*stat).value_or(0);
    info.start_ticks = stat->start_ticks;
    info.boot_id = procfs::read_boot_id().value_or("");
  }
}

}  // namespace

snapshot::ProgramInfo describe_program(pid_t pid, const goruntime::GoProgram& program) {
  snapshot::ProgramInfo info = describe(pid, procfs::read_executable_path(pid), program);
  add_process(pid, info);
  return info;
}

snapshot::ProgramInfo describe_process(pid_t pid, const std::optional<elf::BuildInfo>& build) {
  snapshot::ProgramInfo info = named(pid, procfs::read_executable_path(pid));
  if (build) add_build(*build, info);
  if (Result<elf::ElfFile> file = elf::ElfFile::open(procfs::proc_path(pid, "exe"))) {
    info.build_id = elf::read_build_id(*file);
    info.stripped = file->find_section(".symtab") == nullptr;
  }
  add_process(pid, info);
  return info;
}

snapshot::ProgramInfo describe_core(const target::CoreFile& core,
                                    const goruntime::GoProgram& program) {
  std::string executable = target::find_executable_in(core).path;
  if (executable.empty()) executable = program.files.executable.path();
  snapshot::ProgramInfo info = describe(core.notes().pid, executable, program);
  info.kind = snapshot::TargetKind::kCore;
  info.captured_unix_ms = core.written_unix_ms();
  return info;
}

void choose_limit(pid_t pid, const snapshot::RuntimeStatistics& runtime,
                  snapshot::ProgramInfo& info) {
  Result<procfs::MemoryLimits> limits = procfs::read_memory_limits(pid);
  auto lower_to = [&info](std::uint64_t bytes, snapshot::LimitSource source) {
    if (bytes == 0 || (info.limit_bytes && *info.limit_bytes <= bytes)) return;
    info.limit_bytes = bytes;
    info.limit_source = source;
  };
  if (limits && limits->cgroup_limit) {
    lower_to(limits->cgroup_limit->bytes(), snapshot::LimitSource::kCgroup);
  }
  if (runtime.memory_limit) lower_to(*runtime.memory_limit, snapshot::LimitSource::kGoMemLimit);
  if (limits) lower_to(limits->host.total.bytes(), snapshot::LimitSource::kHost);
}

}  // namespace seep::pipeline
