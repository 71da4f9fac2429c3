#include "cli/diff_command.h"

#include <utility>

#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/compare.h"
#include "report/diff_text.h"
#include "report/json_reports.h"

namespace seep::cli {
namespace {

using analysis::DiffBy;

DiffBy diff_by(const std::string& word) {
  return word == "type"        ? DiffBy::kType
         : word == "site"      ? DiffBy::kSite
         : word == "goroutine" ? DiffBy::kGoroutine
                               : DiffBy::kHolder;
}

// In a scope of its own: the first snapshot is gone before the second comes.
Result<analysis::HeapSide> first_side(const std::string& target, const Arguments& arguments,
                                      ProgressLine& progress) {
  snapshot::Snapshot snapshot = TRY(
      load_target(target, {.files = program_files_of(arguments), .progress = progress.callback()}));
  return pipeline::summarize(snapshot, {.target = target, .progress = progress.callback()});
}

}  // namespace

Result<CommandOutput> run_diff(const Arguments& arguments, const Terminal& terminal) {
  const std::string& before = arguments.positional()[0];
  const std::string& after = arguments.positional()[1];
  std::uint64_t top = TRY(arguments.count("--top", 20));
  // What is wrong with the second is said before the first is read.
  static_cast<void>(TRY(parse_target(after)));
  ProgressLine progress(terminal.progress);
  analysis::HeapSide side = TRY(first_side(before, arguments, progress));
  snapshot::Snapshot snapshot = TRY(
      load_target(after, {.files = program_files_of(arguments), .progress = progress.callback()}));
  analysis::DiffReport report = TRY(pipeline::compare(
      std::move(side), snapshot, {.target = after, .progress = progress.callback()}));
  report.by = diff_by(arguments.value("--by", "holder"));
  report.top = top;

  CommandOutput output;
  output.text = arguments.has("--json") ? report::diff_json(report)
                                        : report::diff_text(report, text_style_of(terminal));
  if (report.grew) output.status = ExitStatus::kFound;
  return output;
}

}  // namespace seep::cli
