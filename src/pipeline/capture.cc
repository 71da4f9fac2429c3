#include "pipeline/capture.h"

#include <time.h>

#include <memory>
#include <span>
#include <utility>

#include "goruntime/go_program.h"
#include "goruntime/good_instant.h"
#include "pipeline/memory_to_copy.h"
#include "pipeline/program_info.h"
#include "pipeline/read_image.h"
#include "pipeline/value_previews.h"
#include "procfs/process_status.h"
#include "target/freeze.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::pipeline {

namespace {

std::uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

Result<snapshot::Snapshot> run_steps(pid_t pid, const CaptureOptions& options) {
  ProgressCallback progress = options.progress ? options.progress : [](Step) {};
  snapshot::Snapshot out;

  progress(Step::kOpenTarget);
  target::LiveProcess process = TRY(target::LiveProcess::open(pid));
  progress(Step::kReadDebugInformation);
  target::ProgramFiles files = TRY(target::find_program_files(pid, options.files));
  std::unique_ptr<goruntime::GoProgram> program =
      TRY(goruntime::open_program(std::move(files), process));
  out.program = describe_program(pid, *program);

  progress(Step::kFreeze);
  target::FreezeOptions freeze_options;
  freeze_options.mode = options.mode;
  freeze_options.is_good_instant = [&program](const target::MemoryReader& memory,
                                              std::span<const target::ThreadRegisters> threads) {
    return goruntime::is_good_instant(memory, program->layout, program->variables, threads);
  };
  freeze_options.ranges_to_copy = [&program, pid](const target::MemoryReader& memory) {
    return memory_to_copy(pid, memory, *program);
  };
  target::Freeze frozen = TRY(target::freeze(pid, freeze_options));
  std::uint64_t frozen_at_ns = monotonic_ns();

  TRY(read_image(*program, {frozen.memory(), frozen.threads(), frozen_at_ns}, progress, out));
  if (options.values) add_value_previews(frozen.memory(), out);

  progress(Step::kReleaseCopy);
  frozen.release();
  out.freeze = frozen.report();
  // Beyond this line the target is not touched again.
  choose_limit(pid, out.runtime, out.program);
  return out;
}

}  // namespace

Result<snapshot::Snapshot> capture(pid_t pid, const CaptureOptions& options) {
  Result<snapshot::Snapshot> taken = run_steps(pid, options);
  if (taken || taken.error().kind == ErrorKind::kNotFound) return taken;
  // Memory that cannot be read is no riddle once the process has ended.
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  bool was_alive = taken.error().kind != ErrorKind::kUnsupported;
  if (was_alive && (!stat || stat->is_zombie())) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(pid) + " ended meanwhile");
  }
  return taken;
}

}  // namespace seep::pipeline
