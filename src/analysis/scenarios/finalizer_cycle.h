// Finalizers and cleanups that can never run, because what they keep alive leads back to the object
// that they are set on.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_finalizer_cycles(const Evidence& evidence);

}  // namespace seep::analysis
