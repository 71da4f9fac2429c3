// seep diagnose: one verdict, three hypotheses with evidence, and the findings.
#pragma once

#include "cli/command.h"

namespace seep::cli {

Result<CommandOutput> run_diagnose(const Arguments& arguments, const Terminal& terminal);

}  // namespace seep::cli
