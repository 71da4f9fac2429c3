// For tests of what was not yet tried on programs of older Go releases.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "support/target_process.h"

namespace seep::test {

/// go_versions(), without those before Go 1.`oldest`.
inline std::vector<std::string> go_versions_from(int oldest) {
  std::vector<std::string> versions = go_versions();
  std::erase_if(versions, [&](const std::string& version) {
    return std::atoi(version.substr(version.find('.') + 1).c_str()) < oldest;
  });
  return versions;
}

}  // namespace seep::test
