#include "cli/ps_command.h"

#include "cli/text_style_of.h"
#include "pipeline/process_list.h"
#include "report/ps_json.h"
#include "report/ps_text.h"

namespace seep::cli {

Result<CommandOutput> run_ps(const Arguments& arguments, const Terminal& terminal) {
  analysis::ProcessReport report = TRY(pipeline::list_go_processes());
  CommandOutput output;
  output.text = arguments.has("--json") ? report::ps_json(report)
                                        : report::ps_text(report, text_style_of(terminal));
  for (const std::string& note : report.notes) output.note += "seep: " + note + "\n";
  return output;
}

}  // namespace seep::cli
