// `go tool pprof`, as people open profiles with it.
#pragma once

#include <string>

#include "support/command.h"

namespace seep::test {

/// What the tool of that release says of a profile's functions, with figures in bytes where the
/// sample type ("inuse_space", "goroutine") is a space. Touches no network; `folder` is for files
/// of its own.
CommandResult pprof_top(const std::string& version, const std::string& file,
                        const std::string& sample_type, const std::string& folder);

}  // namespace seep::test
