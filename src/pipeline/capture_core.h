// From a core file to a snapshot: the steps of capture.cc, with nothing to be frozen.
#pragma once

#include <string>

#include "base/result.h"
#include "pipeline/capture.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

/// `options.mode` has no meaning for a core.
Result<snapshot::Snapshot> capture_core(const std::string& path, const CaptureOptions& options);

}  // namespace seep::pipeline
