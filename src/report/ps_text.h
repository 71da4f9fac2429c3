// `seep ps` for people.
#pragma once

#include <string>

#include "analysis/process_report.h"
#include "report/text_layout.h"

namespace seep::report {

std::string ps_text(const analysis::ProcessReport& report, const TextStyle& style);

}  // namespace seep::report
