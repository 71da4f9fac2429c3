// Which processes run Go, as their executable or as a library of it, and how to peek at one. Made
// to be asked again and again: what processes of one file have in common is found out once.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "goruntime/figures/peek_plan.h"
#include "procfs/executable.h"
#include "procfs/process_status.h"
#include "snapshot/go_figures.h"
#include "target/live_process.h"

namespace seep::pipeline {

/// A file as far as peeking is concerned.
struct PeekedFile {
  std::optional<elf::BuildInfo> build;  ///< absent: no Go in it
  Result<goruntime::PeekPlan> plan = fail(ErrorKind::kUnsupported, "");
  bool position_independent = false;
  bool dynamic = false;  ///< it loads libraries, of which one may be Go's
  int tries = 0;         ///< how many processes were asked for what is missing
};

/// A process whose program, or a library of it, has Go's runtime.
struct GoProcess {
  procfs::ProcessStat stat;
  procfs::FileIdentity executable;
  /// Shared: a process may be peeked at for longer than the finder remembers its file.
  std::shared_ptr<const PeekedFile> file;
  std::optional<std::uint64_t> library_slide{};  ///< absent: the file is the executable
};

class GoProcessFinder {
 public:
  /// Nothing if there is no Go in it, if it has ended, or if it is a copy that another seep froze
  /// to look at. kPermissionDenied if this user may not know.
  Result<std::optional<GoProcess>> find(pid_t pid);

 private:
  using File = std::shared_ptr<const PeekedFile>;

  File executable(const procfs::FileIdentity& identity, pid_t pid);
  std::optional<GoProcess> library(pid_t pid);
  std::optional<GoProcess> go_file(const procfs::FileIdentity& identity, pid_t pid);
  /// `slide` is that of a library; none: the file is the executable.
  PeekedFile describe(pid_t pid, const elf::ElfFile& file, std::optional<std::uint64_t> slide);
  Result<goruntime::PeekPlan> plan(pid_t pid, const elf::ElfFile& file, const elf::BuildInfo& build,
                                   std::optional<std::uint64_t> slide);
  void forget_old_files();

  goruntime::PeekPlanner planner_;
  std::map<procfs::FileIdentity, File> executables_;
  std::map<std::pair<std::string, std::uint64_t>, File> libraries_;  ///< by path and inode
};

/// The memory of a Go process with what is needed to read figures from it.
class GoPeek {
 public:
  /// The plan's error where the program cannot be read, those of LiveProcess::open, kNotFound.
  static Result<GoPeek> open(const GoProcess& process);

  snapshot::GoFigures read() const;

  const target::MemoryReader& memory() const { return memory_; }
  const goruntime::PeekPlan& plan() const { return *file_->plan; }
  std::uint64_t slide() const { return slide_; }

 private:
  GoPeek(target::LiveProcess memory, std::shared_ptr<const PeekedFile> file, std::uint64_t slide)
      : memory_(std::move(memory)), file_(std::move(file)), slide_(slide) {}

  target::LiveProcess memory_;
  std::shared_ptr<const PeekedFile> file_;
  std::uint64_t slide_;
};

}  // namespace seep::pipeline
