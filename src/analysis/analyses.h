// All analyses.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

struct Analysis {
  const char* id;
  const char* title;
  std::vector<Finding> (*run)(const Evidence&);
};

const std::vector<Analysis>& all_analyses();

}  // namespace seep::analysis
