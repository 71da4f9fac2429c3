#include "pipeline/capture_core.h"

#include <memory>
#include <utility>

#include "base/byte_size.h"
#include "goruntime/go_program.h"
#include "goruntime/goroutines/last_instant.h"
#include "pipeline/program_info.h"
#include "pipeline/read_image.h"
#include "pipeline/value_previews.h"
#include "target/core_file.h"
#include "target/core_program.h"

namespace seep::pipeline {

namespace {

Result<snapshot::Snapshot> run_steps(target::CoreFile& core, const CaptureOptions& options) {
  ProgressCallback progress = options.progress ? options.progress : [](Step) {};
  snapshot::Snapshot out;

  progress(Step::kReadDebugInformation);
  target::ProgramFiles files = TRY(target::find_program_files_of(core, options.files));
  std::unique_ptr<goruntime::GoProgram> program =
      TRY(goruntime::open_program(std::move(files), core));
  out.program = describe_core(core, *program);
  out.diagnostics.merge(core.diagnostics());

  std::uint64_t instant = goruntime::last_noted_instant(core, program->layout, program->variables);
  TRY(read_image(*program, {core, core.notes().threads, instant}, progress, out));
  if (options.values) add_value_previews(core, out);
  out.freeze.threads = static_cast<std::uint32_t>(core.notes().threads.size());
  if (out.runtime.memory_limit) {
    out.program.limit_bytes = out.runtime.memory_limit;
    out.program.limit_source = snapshot::LimitSource::kGoMemLimit;
  }
  return out;
}

// Memory that is not there is no riddle in a core: it was not written.
Error explained(Error error, const target::CoreFile& core) {
  bool cut_off = core.cut_off_bytes() > 0;
  bool of_memory = error.kind == ErrorKind::kUnreadable || error.kind == ErrorKind::kCorrupt;
  if (!of_memory || (error.kind == ErrorKind::kCorrupt && !cut_off)) return error;
  error.message += cut_off
                       ? "; the core file is cut off (" + to_text(ByteSize(core.cut_off_bytes())) +
                             " are missing): take a whole one"
                       : "; the core file does not hold that memory: take one with all private "
                         "memory (gcore, or bit 0 of /proc/PID/coredump_filter)";
  return error;
}

}  // namespace

Result<snapshot::Snapshot> capture_core(const std::string& path, const CaptureOptions& options) {
  if (options.progress) options.progress(Step::kOpenTarget);
  std::unique_ptr<target::CoreFile> core = TRY(target::CoreFile::open(path));
  Result<snapshot::Snapshot> read = run_steps(*core, options);
  if (!read) return std::unexpected(explained(std::move(read).error(), *core));
  return read;
}

}  // namespace seep::pipeline
