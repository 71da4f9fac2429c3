// From evidence and findings to three hypotheses and one verdict.
#pragma once

#include <vector>

#include "analysis/diagnosis.h"
#include "analysis/evidence.h"

namespace seep::analysis {

Hypothesis goroutines_hypothesis(const Evidence& evidence, const std::vector<Finding>& findings);
Hypothesis heap_hypothesis(const Evidence& evidence, const std::vector<Finding>& findings);

/// A finding that is likely or proven and no mere information.
bool is_fault(const Finding& finding);

/// A limit does not fit the program; no memory lies beside the heap.
bool is_about_limit(const Finding& finding);

Verdict verdict_of(const Evidence& evidence, const std::vector<Finding>& findings);

}  // namespace seep::analysis
