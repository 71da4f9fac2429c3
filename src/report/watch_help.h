// The live view's page of help: keys, verdicts, signs.
#pragma once

#include <vector>

#include "report/screen.h"

namespace seep::report {

std::vector<Line> watch_help_lines(std::size_t width);

}  // namespace seep::report
