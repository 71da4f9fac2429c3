// Where the resident memory of a process is, and what explains that it is far above the heap: what
// `seep rss` shows. Plain values; pipeline/ makes them, report/ prints them.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis.h"

namespace seep::analysis {

struct RssReport {
  std::string target;  ///< as the user named it
  snapshot::ProgramInfo program;
  RssSummary rss;
  bool heap_divided = false;  ///< live heap and garbage are told apart
  bool pages_known = false;   ///< each page was looked at, not sums of mappings only
  bool from_file = false;     ///< a saved reading, not one of this moment
  std::vector<Finding> findings;
  std::vector<std::string> notes;  ///< what could not be told, as phrases
};

}  // namespace seep::analysis
