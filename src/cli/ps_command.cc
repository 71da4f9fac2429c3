#include "cli/ps_command.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "cli/text_style_of.h"
#include "pipeline/process_list.h"
#include "procfs/process_status.h"
#include "report/ps_json.h"
#include "report/ps_text.h"

namespace seep::cli {
namespace {

/// Where stores are looked for that nobody names: the system's, and this user's.
std::vector<std::string> usual_stores() {
  std::vector<std::string> paths = {"/var/lib/seep/watch.db"};
  auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value ? value : "");
  };
  std::string state = variable("XDG_STATE_HOME");
  std::string home = variable("HOME");
  if (state.empty() && !home.empty()) state = home + "/.local/state";
  if (!state.empty()) paths.push_back(state + "/seep/watch.db");
  return paths;
}

Result<pipeline::KnownVerdicts> known_verdicts(const Arguments& arguments, std::string& note) {
  pipeline::KnownVerdicts verdicts;
  Result<std::string> boot_id = procfs::read_boot_id();
  if (!boot_id) return verdicts;
  Instant now = Instant::now();
  if (arguments.has("--store")) {
    TRY(verdicts.add(arguments.value("--store"), *boot_id, now));
    return verdicts;
  }
  for (const std::string& path : usual_stores()) {
    if (::access(path.c_str(), F_OK) != 0) continue;
    Result<void> added = verdicts.add(path, *boot_id, now);
    if (!added) note += "seep: verdicts are unknown: " + added.error().message + "\n";
  }
  return verdicts;
}

}  // namespace

Result<CommandOutput> run_ps(const Arguments& arguments, const Terminal& terminal) {
  CommandOutput output;
  pipeline::KnownVerdicts verdicts = TRY(known_verdicts(arguments, output.note));
  analysis::ProcessReport report = TRY(pipeline::list_go_processes(verdicts));
  output.text = arguments.has("--json") ? report::ps_json(report)
                                        : report::ps_text(report, text_style_of(terminal));
  for (const std::string& note : report.notes) output.note += "seep: " + note + "\n";
  return output;
}

}  // namespace seep::cli
