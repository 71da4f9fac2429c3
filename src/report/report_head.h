// The first and the last lines of every report: which program, what it cost, how complete.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis.h"
#include "report/text_layout.h"

namespace seep::report {

/// "gateway (pid 4242) · go1.27.4 · up 3 d 4 h · RSS 1.61 GiB of 2.00 GiB (cgroup)"
std::string program_line(const analysis::ReportHead& head, const TextStyle& style);

/// "stopped for 31 ms (fork) · 9,120,331 objects, 97 % of bytes typed · 2 of 48,112 stacks not
/// unwound", and one more line for each thing that was skipped.
std::string cost_lines(const analysis::ReportHead& head, const TextStyle& style);

/// "more: seep goroutines 4242 --leaked · ..."
std::string more_line(const std::vector<std::string>& commands, const TextStyle& style);

/// "fork", "stop", "none".
const char* freeze_mode_text(snapshot::FreezeMode mode);

}  // namespace seep::report
