// The one door to standard output: everything arrives, or the caller learns that it did not.
#pragma once

#include <string_view>

#include "base/result.h"

namespace seep::cli {

/// Writes all of `text` to a file descriptor. A closed pipe and a full disk are kIo.
Result<void> write_all(int descriptor, std::string_view text);

}  // namespace seep::cli
