#include "cli/snapshot_command.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/byte_size.h"
#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/capture_core.h"
#include "report/report_head.h"
#include "snapshot/snapshot_file.h"

namespace seep::cli {

namespace {

// Asked before the process is stopped: nothing is stopped for a file that cannot be written.
Result<void> check_can_write(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error))
    return fail(ErrorKind::kInvalidArgument,
                "\"" + path + "\" cannot be written as a file; name one with -o FILE.seep");
  if (!std::filesystem::is_directory(folder, error))
    return fail(ErrorKind::kInvalidArgument, "cannot write \"" + path + "\": there is no folder " +
                                                 folder.string() + "; make it, or name another");
  // A file is written beside its name first, a device or pipe in place.
  bool in_place = std::filesystem::is_other(path, error);
  if (access(in_place ? path.c_str() : folder.c_str(), in_place ? W_OK : W_OK | X_OK) != 0)
    return fail(ErrorKind::kPermissionDenied, "cannot write \"" + path +
                                                  "\": " + std::strerror(errno) +
                                                  "; name a file in a folder that you may write");
  return {};
}

Result<snapshot::Snapshot> take_snapshot(const Target& target, const Arguments& arguments,
                                         ProgressLine& progress) {
  pipeline::CaptureOptions options;
  options.mode = arguments.value("--mode", "fork") == "stop" ? snapshot::FreezeMode::kStop
                                                             : snapshot::FreezeMode::kFork;
  options.files = program_files_of(arguments);
  options.values = arguments.has("--values");
  options.resident = true;
  options.progress = progress.callback();
  if (const CoreFileTarget* core = std::get_if<CoreFileTarget>(&target))
    return pipeline::capture_core(core->path, options);
  return pipeline::capture(std::get<LiveTarget>(target).pid, options);
}

Result<void> check_target(const Target& target, const Arguments& arguments) {
  if (std::holds_alternative<SnapshotFileTarget>(target))
    return fail(ErrorKind::kInvalidArgument,
                "a snapshot is taken of a live process or of a core file; name one of them");
  if (std::holds_alternative<CoreFileTarget>(target) && arguments.has("--mode"))
    return fail(ErrorKind::kInvalidArgument,
                "--mode is for live processes: a core file stands still; leave it out");
  return {};
}

std::string cost_text(const snapshot::FreezeReport& freeze) {
  if (freeze.mode == snapshot::FreezeMode::kNone) return "; from a core file\n";
  char stopped[64];
  std::snprintf(stopped, sizeof stopped, "; the process stood still for %.1f ms (%s)\n",
                freeze.stopped_ms, report::freeze_mode_text(freeze.mode));
  return stopped;
}

}  // namespace

Result<CommandOutput> run_snapshot(const Arguments& arguments, const Terminal& terminal) {
  Target target = TRY(parse_target(arguments.positional().front()));
  TRY(check_target(target, arguments));
  std::string path = arguments.value("--output");
  TRY(check_can_write(path));
  ProgressLine progress(terminal.progress);
  snapshot::Snapshot snapshot = TRY(take_snapshot(target, arguments, progress));
  TRY(snapshot::write_snapshot_file(snapshot, path));

  std::error_code error;
  std::uintmax_t bytes = std::filesystem::file_size(path, error);
  CommandOutput output;
  output.text = "wrote " + path + (error ? "" : ", " + to_text(ByteSize(bytes)));
  output.text += cost_text(snapshot.freeze);
  return output;
}

}  // namespace seep::cli
