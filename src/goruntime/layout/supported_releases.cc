#include "goruntime/layout/supported_releases.h"

#include "goruntime/layout/go_version.h"
#include "goruntime/layout/layout_table.h"

namespace seep::goruntime {

std::string supported_releases() {
  return "Go 1." + std::to_string(kOldestSupportedMinor) + " to 1." +
         std::to_string(layout_table().releases.back().minor);
}

std::string newest_tested_release() {
  TableRelease newest = layout_table().releases.back();
  return "go1." + std::to_string(newest.minor) + "." + std::to_string(newest.patch);
}

}  // namespace seep::goruntime
