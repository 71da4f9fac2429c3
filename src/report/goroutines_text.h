// `seep goroutines` for people.
#pragma once

#include <string>

#include "analysis/diagnosis.h"
#include "report/text_layout.h"

namespace seep::report {

std::string goroutines_text(const analysis::GoroutineReport& report, const TextStyle& style);

}  // namespace seep::report
