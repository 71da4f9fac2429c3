// seep diff for people.
#pragma once

#include <string>

#include "analysis/diff_report.h"
#include "report/text_layout.h"

namespace seep::report {

std::string diff_text(const analysis::DiffReport& report, const TextStyle& style);

}  // namespace seep::report
