// Writing a file so that there is the whole of it or nothing.
#pragma once

#include <cstdio>
#include <functional>
#include <string>

#include "base/result.h"

namespace seep {

/// kPermissionDenied, kNotFound or kIo for an errno, with the path in front.
std::unexpected<Error> system_error(const std::string& path, int number);

/// Lets `write` write beside `path` and renames at the end: there is the whole file or none, and
/// what was there before stays until then. A `path` that is no regular file (a pipe, /dev/full) is
/// written to as it is. Fails with what `write` failed with, or with kIo, kPermissionDenied or
/// kNotFound; leaves nothing behind.
Result<void> write_whole_file(const std::string& path,
                              const std::function<Result<void>(std::FILE*)>& write);

}  // namespace seep
