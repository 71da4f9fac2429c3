#include "pipeline/capture.h"

#include <time.h>

#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "goruntime/go_program.h"
#include "goruntime/goroutines/good_instant.h"
#include "goruntime/goroutines/went_on.h"
#include "goruntime/heap/heap_invariants.h"
#include "pipeline/memory_to_copy.h"
#include "pipeline/program_info.h"
#include "pipeline/read_image.h"
#include "pipeline/resident.h"
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

target::FreezeOptions freeze_options(pid_t pid, const goruntime::GoProgram& program,
                                     snapshot::FreezeMode mode) {
  target::FreezeOptions options;
  options.mode = mode;
  options.is_good_instant = [&program](const target::MemoryReader& memory,
                                       std::span<const target::ThreadRegisters> threads) {
    return goruntime::is_good_instant(memory, program.layout, program.variables, threads);
  };
  options.ranges_to_copy = [&program, pid](const target::MemoryReader& memory) {
    return memory_to_copy(pid, memory, program);
  };
  return options;
}

struct Reading {
  snapshot::Snapshot snapshot;
  Result<> outcome;
};

/// Freezes the program and reads the image.
Result<Reading> read_once(const target::LiveProcess& process, const goruntime::GoProgram& program,
                          const CaptureOptions& options, const ProgressCallback& progress) {
  Reading reading;
  snapshot::Snapshot& out = reading.snapshot;
  out.program = describe_program(process.pid(), program);

  progress(Step::kFreeze);
  target::Freeze frozen =
      TRY(target::freeze(process.pid(), freeze_options(process.pid(), program, options.mode)));
  std::uint64_t frozen_at_ns = monotonic_ns();

  reading.outcome =
      read_image(program, {frozen.memory(), frozen.threads(), frozen_at_ns}, progress, out);
  if (reading.outcome && options.values) add_value_previews(frozen.memory(), out);
  if (reading.outcome)
    goruntime::mark_those_that_went_on(frozen.memory(), process, program.layout, out.goroutines);

  progress(Step::kReleaseCopy);
  frozen.release();
  out.freeze = frozen.report();
  return reading;
}

/// Freezes and reads until the image does not contradict itself.
Result<snapshot::Snapshot> read_until_sound(const target::LiveProcess& process,
                                            const goruntime::GoProgram& program,
                                            const CaptureOptions& options,
                                            const ProgressCallback& progress) {
  snapshot::FreezeReport stops;
  for (int count = 1;; ++count) {
    Reading reading = TRY(read_once(process, program, options, progress));
    snapshot::Snapshot& out = reading.snapshot;
    out.freeze.attempts += stops.attempts;
    out.freeze.total_stopped_ms += stops.total_stopped_ms;
    if (count < goruntime::kMostReadings && !goruntime::all_hold(out.invariants)) {
      stops = out.freeze;
      continue;
    }
    if (!reading.outcome) return std::unexpected(reading.outcome.error());
    out.diagnostics.count("copies that contradicted themselves, and were taken anew",
                          static_cast<std::uint64_t>(count - 1));
    return std::move(out);
  }
}

std::optional<snapshot::ResidentReading> look_at_pages(pid_t pid) {
  Diagnostics diagnostics;
  Result<snapshot::ResidentReading> reading = read_resident(pid, diagnostics);
  if (!reading) return std::nullopt;
  reading->diagnostics = std::move(diagnostics);
  return std::move(*reading);
}

Result<snapshot::Snapshot> run_steps(pid_t pid, const CaptureOptions& options) {
  ProgressCallback progress = options.progress ? options.progress : [](Step) {};

  progress(Step::kOpenTarget);
  target::LiveProcess process = TRY(target::LiveProcess::open(pid));
  progress(Step::kReadDebugInformation);
  target::ProgramFiles files = TRY(target::find_program_files(pid, options.files));
  std::unique_ptr<goruntime::GoProgram> program =
      TRY(goruntime::open_program(std::move(files), process));

  // The process runs on while its pages are looked at: milliseconds for each GiB.
  std::optional<snapshot::ResidentReading> resident;
  if (options.resident) resident = look_at_pages(pid);

  snapshot::Snapshot out = TRY(read_until_sound(process, *program, options, progress));
  if (options.resident && !resident)
    out.diagnostics.count("accounts of resident memory that could not be made");
  out.resident = std::move(resident);
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
