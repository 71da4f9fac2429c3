#include "cli/snapshot_command.h"

#include <filesystem>

#include "base/byte_size.h"
#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "report/report_head.h"
#include "snapshot/snapshot_file.h"

namespace seep::cli {

Result<CommandOutput> run_snapshot(const Arguments& arguments, const Terminal& terminal) {
  Target target = TRY(parse_target(arguments.positional().front()));
  const LiveTarget* live = std::get_if<LiveTarget>(&target);
  if (live == nullptr)
    return fail(ErrorKind::kInvalidArgument,
                "a snapshot is taken of a live process; name its process id");
  std::string path = arguments.value("--output");
  ProgressLine progress(terminal.progress);
  pipeline::CaptureOptions options;
  options.mode = arguments.value("--mode", "fork") == "stop" ? snapshot::FreezeMode::kStop
                                                             : snapshot::FreezeMode::kFork;
  options.values = arguments.has("--values");
  options.progress = progress.callback();
  snapshot::Snapshot snapshot = TRY(pipeline::capture(live->pid, options));
  TRY(snapshot::write_snapshot_file(snapshot, path));

  std::error_code error;
  std::uintmax_t bytes = std::filesystem::file_size(path, error);
  CommandOutput output;
  output.text = "wrote " + path + (error ? "" : ", " + to_text(ByteSize(bytes)));
  char stopped[64];
  std::snprintf(stopped, sizeof stopped, "; the process stood still for %.1f ms (%s)\n",
                snapshot.freeze.stopped_ms, report::freeze_mode_text(snapshot.freeze.mode));
  output.text += stopped;
  return output;
}

}  // namespace seep::cli
