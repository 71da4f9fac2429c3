// What `seep rss` answers: where the resident memory is, and what explains that it is far above the
// heap.
#pragma once

#include <sys/types.h>

#include <string>

#include "analysis/rss/rss_report.h"
#include "base/result.h"
#include "pipeline/analyze.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

/// Of a live process, Go or not, without stopping it.
Result<analysis::RssReport> explain_rss(pid_t pid, const std::string& target);

/// Of a snapshot, as it was then. kUnsupported where nobody looked at it then, as of core files.
Result<analysis::RssReport> explain_rss(const snapshot::Snapshot& snapshot,
                                        const AnalyzeOptions& options);

}  // namespace seep::pipeline
