// `seep rss` for people.
#pragma once

#include <string>

#include "analysis/rss/rss_report.h"
#include "report/text_layout.h"

namespace seep::report {

std::string rss_text(const analysis::RssReport& report, const TextStyle& style);

}  // namespace seep::report
