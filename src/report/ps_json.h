// `seep ps` for programs. The schema is a contract: docs/interface.md.
#pragma once

#include <string>

#include "analysis/process_report.h"

namespace seep::report {

/// seep.ps/1
std::string ps_json(const analysis::ProcessReport& report);

}  // namespace seep::report
