#include "pipeline/capture_core.h"

#include <memory>
#include <utility>

#include "goruntime/go_program.h"
#include "goruntime/last_instant.h"
#include "pipeline/program_info.h"
#include "pipeline/read_image.h"
#include "pipeline/value_previews.h"
#include "target/core_file.h"
#include "target/core_program.h"

namespace seep::pipeline {

Result<snapshot::Snapshot> capture_core(const std::string& path, const CaptureOptions& options) {
  ProgressCallback progress = options.progress ? options.progress : [](Step) {};
  snapshot::Snapshot out;

  progress(Step::kOpenTarget);
  std::unique_ptr<target::CoreFile> core = TRY(target::CoreFile::open(path));
  target::ProgramFiles files = TRY(target::find_program_files_of(*core, options.files));
  progress(Step::kReadDebugInformation);
  std::unique_ptr<goruntime::GoProgram> program =
      TRY(goruntime::open_program(std::move(files), *core));
  out.program = describe_core(*core, *program);
  out.diagnostics.merge(core->diagnostics());

  std::uint64_t instant = goruntime::last_noted_instant(*core, program->layout, program->variables);
  TRY(read_image(*program, {*core, core->notes().threads, instant}, progress, out));
  if (options.values) add_value_previews(*core, out);
  out.freeze.threads = static_cast<std::uint32_t>(core->notes().threads.size());
  if (out.runtime.memory_limit) {
    out.program.limit_bytes = out.runtime.memory_limit;
    out.program.limit_source = snapshot::LimitSource::kGoMemLimit;
  }
  return out;
}

}  // namespace seep::pipeline
