#include "pipeline/go_process.h"

#include <vector>

#include "base/diagnostics.h"
#include "elf/go_file.h"
#include "goruntime/figures/peek.h"
#include "goruntime/layout/program_build.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"
#include "target/mapped_files.h"
#include "target/program_files.h"

namespace seep::pipeline {
namespace {

// A process that is just starting or ending may not show what another one of the same file does.
constexpr int kMostTries = 8;
// A machine that builds programs all day has ever new files.
constexpr std::size_t kMostFiles = 4096;

// What another seep froze to look at: it is stopped under ptrace and its end is told to nobody
// (target/freeze.h).
bool is_frozen_copy(const procfs::ProcessStat& stat) {
  return stat.state == 't' && stat.exit_signal == 0;
}

}  // namespace

PeekedFile GoProcessFinder::describe(pid_t pid, const elf::ElfFile& file,
                                     std::optional<std::uint64_t> slide) {
  PeekedFile known;
  known.dynamic = file.dynamic();
  Result<elf::BuildInfo> build = goruntime::read_program_build(file);
  if (!build || elf::imports_go_runtime(file)) return known;
  known.plan = plan(pid, file, *build, slide);
  known.position_independent = file.position_independent();
  known.build = std::move(*build);
  return known;
}

GoProcessFinder::File GoProcessFinder::executable(const procfs::FileIdentity& identity, pid_t pid) {
  File& known = executables_[identity];
  if (!known) known = std::make_shared<PeekedFile>();
  bool is_new = known->tries == 0;
  bool lacks_plan = known->build && !known->plan;
  if ((is_new || lacks_plan) && known->tries < kMostTries) {
    Result<elf::ElfFile> file = elf::ElfFile::open(procfs::proc_path(pid, "exe"));
    if (!file) return known;
    PeekedFile better = describe(pid, *file, std::nullopt);
    better.tries = known->tries + 1;
    known = std::make_shared<PeekedFile>(std::move(better));
  }
  return known;
}

std::optional<GoProcess> GoProcessFinder::library(pid_t pid) {
  Diagnostics ignored;  // lines of the maps that make no sense hide no process
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid, ignored);
  if (!mappings) return std::nullopt;
  for (const target::MappedCode& mapped : target::files_with_code(*mappings)) {
    auto [place, is_new] = libraries_.try_emplace({mapped.path, mapped.inode});
    if (is_new) place->second = std::make_shared<PeekedFile>();
    if (!is_new && !place->second->build) continue;
    Result<elf::ElfFile> file = target::open_mapped_file(pid, mapped);
    if (!file) continue;
    std::optional<std::uint64_t> slide = target::slide_of(*file, mapped);
    if (is_new && slide && elf::looks_like_go(*file)) {
      place->second = std::make_shared<PeekedFile>(describe(pid, *file, slide));
    }
    if (place->second->build && slide) return GoProcess{{}, {}, place->second, slide};
  }
  return std::nullopt;
}

std::optional<GoProcess> GoProcessFinder::go_file(const procfs::FileIdentity& identity, pid_t pid) {
  File program = executable(identity, pid);
  if (program->build) return GoProcess{{}, {}, program};
  return program->dynamic ? library(pid) : std::nullopt;
}

Result<goruntime::PeekPlan> GoProcessFinder::plan(pid_t pid, const elf::ElfFile& file,
                                                  const elf::BuildInfo& build,
                                                  std::optional<std::uint64_t> slide) {
  target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
  if (!slide) slide = TRY(target::find_slide(pid, file));
  return planner_.plan(file, build, memory, *slide);
}

void GoProcessFinder::forget_old_files() {
  if (executables_.size() > kMostFiles) executables_.clear();
  if (libraries_.size() > kMostFiles) libraries_.clear();
}

Result<std::optional<GoProcess>> GoProcessFinder::find(pid_t pid) {
  Result<procfs::FileIdentity> identity = procfs::read_executable_identity(pid);
  if (!identity) {
    if (identity.error().kind != ErrorKind::kPermissionDenied) return std::nullopt;
    // Nobody but root is told so of threads of the kernel, which run no file at all.
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    if (!stat || stat->is_kernel_thread() || stat->is_zombie()) return std::nullopt;
    return std::unexpected(std::move(identity).error());
  }
  forget_old_files();
  std::optional<GoProcess> found = go_file(*identity, pid);
  if (!found) return std::nullopt;
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  if (!stat || is_frozen_copy(*stat)) return std::nullopt;
  found->executable = *identity;
  found->stat = std::move(*stat);
  return found;
}

Result<GoPeek> GoPeek::open(const GoProcess& process) {
  if (!process.file->plan) return std::unexpected(process.file->plan.error());
  pid_t pid = process.stat.pid;
  target::LiveProcess memory = TRY(target::LiveProcess::open(pid));
  std::uint64_t slide = process.library_slide.value_or(0);
  if (!process.library_slide && process.file->position_independent) {
    elf::ElfFile file = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe")));
    slide = TRY(target::find_slide(pid, file));
  }
  return GoPeek(std::move(memory), process.file, slide);
}

snapshot::GoFigures GoPeek::read() const { return goruntime::peek(memory_, *file_->plan, slide_); }

}  // namespace seep::pipeline
