#include "cli/diagnose_command.h"

#include <signal.h>

#include <algorithm>

#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/analyze.h"
#include "pipeline/three_looks.h"
#include "report/diagnosis_text.h"
#include "report/json_reports.h"

namespace seep::cli {
namespace {

constexpr double kDefaultWatchSeconds = 30;

bool is_fault(const analysis::Finding& finding) {
  return !finding.informational && finding.confidence >= analysis::Confidence::kLikely;
}

volatile sig_atomic_t interrupted = 0;

void note_interrupt(int) { interrupted = 1; }

/// While it lives the first Ctrl-C asks for the answer; the second ends seep, which leaves the
/// target as it was.
class InterruptWatch {
 public:
  InterruptWatch() {
    interrupted = 0;
    struct sigaction action{};
    action.sa_handler = note_interrupt;
    action.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    sigaction(SIGINT, &action, &before_);
  }
  ~InterruptWatch() { sigaction(SIGINT, &before_, nullptr); }
  InterruptWatch(const InterruptWatch&) = delete;
  InterruptWatch& operator=(const InterruptWatch&) = delete;

 private:
  struct sigaction before_{};
};

Result<analysis::Diagnosis> watch_process(pid_t pid, double seconds, const std::string& target,
                                          const Arguments& arguments, ProgressLine& progress) {
  pipeline::ThreeLooksOptions options;
  options.analyze = {.target = target, .progress = progress.callback()};
  options.capture.files = program_files_of(arguments);
  options.capture.values = arguments.has("--values");
  options.capture.resident = true;
  options.capture.progress = progress.callback();
  options.seconds = seconds;
  options.wait = [&](double left, const std::function<void()>& look) {
    return pipeline::wait_for_process(
        pid, left,
        [&] {
          progress.show(pipeline::Step::kWatch);
          look();
        },
        [] { return interrupted != 0; });
  };
  InterruptWatch interrupts;
  return pipeline::diagnose_over_time(pid, options);
}

Result<analysis::Diagnosis> diagnose_once(const std::string& target, const Arguments& arguments,
                                          ProgressLine& progress) {
  pipeline::CaptureOptions options;
  options.files = program_files_of(arguments);
  options.values = arguments.has("--values");
  options.resident = true;
  options.progress = progress.callback();
  snapshot::Snapshot snapshot = TRY(load_target(target, options));
  return pipeline::diagnose(snapshot, {.target = target, .progress = progress.callback()});
}

}  // namespace

Result<CommandOutput> run_diagnose(const Arguments& arguments, const Terminal& terminal) {
  const std::string& target = arguments.positional().front();
  double seconds = TRY(arguments.duration("--for", kDefaultWatchSeconds));
  ProgressLine progress(terminal.progress);
  Target parsed = TRY(parse_target(target));
  const LiveTarget* live = std::get_if<LiveTarget>(&parsed);
  analysis::Diagnosis diagnosis =
      TRY(live != nullptr && seconds > 0
              ? watch_process(live->pid, seconds, target, arguments, progress)
              : diagnose_once(target, arguments, progress));

  CommandOutput output;
  output.text = arguments.has("--json")
                    ? report::diagnosis_json(diagnosis)
                    : report::diagnosis_text(diagnosis, text_style_of(terminal));
  if (std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(), is_fault))
    output.status = ExitStatus::kFound;
  for (const std::string& note : diagnosis.notes) output.note += "seep: " + note + "\n";
  return output;
}

}  // namespace seep::cli
