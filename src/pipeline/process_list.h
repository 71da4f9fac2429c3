// All Go processes that this user may look at, with a few figures of each. Nothing is stopped.
#pragma once

#include "analysis/process_report.h"
#include "base/result.h"
#include "pipeline/known_verdicts.h"

namespace seep::pipeline {

/// Processes that end meanwhile are left out. Fails only if /proc cannot be listed.
Result<analysis::ProcessReport> list_go_processes(const KnownVerdicts& verdicts = {});

}  // namespace seep::pipeline
