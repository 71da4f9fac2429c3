// Opens files as another process would: in its mount namespace, below its root.
#pragma once

#include <string>

#include "base/result.h"

namespace seep::target {

/// A descriptor of a plain file, open for reading; kNotFound for anything else. `root` is the
/// folder that the path and all symbolic links on the way begin at, so that nothing outside it is
/// reached.
Result<int> open_below(const std::string& root, const std::string& path);

}  // namespace seep::target
