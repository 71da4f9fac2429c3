// Which Go release built the program. Only goruntime/ includes this: elsewhere the version is text
// to show. Even here readers ask the layout for shapes, never the version for its number; what is
// left for it is to refuse releases that nobody has tried.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace seep::goruntime {

struct GoVersion {
  int minor = 0;                         ///< 27 of "go1.27.4"
  int patch = 0;                         ///< 4; 0 for release candidates and "go1.27"
  bool development = false;              ///< built from an unreleased tree
  std::vector<std::string> experiments;  ///< "nogreenteagc" of "go1.27.4 X:nogreenteagc"
  std::string text;                      ///< as the program has it
};

/// The oldest release that seep reads. Newer ones than it knows are tried: what it needs is asked
/// for by name.
inline constexpr int kOldestSupportedMinor = 12;

/// Understands "go1.27.4", "go1.27rc1", "go1.27.4 X:a,b", "devel go1.28-5f0a9c2 ...". kUnsupported
/// for what is no version of Go 1.
Result<GoVersion> parse_go_version(std::string_view text);

/// kUnsupported, with a sentence, for a release that is too old.
Result<void> check_supported(const GoVersion& version);

}  // namespace seep::goruntime
