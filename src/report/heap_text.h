// `seep heap` for people.
#pragma once

#include <string>

#include "analysis/diagnosis.h"
#include "report/text_layout.h"

namespace seep::report {

std::string heap_text(const analysis::HeapReport& report, const TextStyle& style);

}  // namespace seep::report
