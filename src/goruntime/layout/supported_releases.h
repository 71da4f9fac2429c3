// Which releases seep knows, in words: the only thing about Go releases that others may say.
#pragma once

#include <string>

namespace seep::goruntime {

/// "Go 1.12 to 1.27".
std::string supported_releases();

/// "go1.27.4": newer ones are tried.
std::string newest_tested_release();

}  // namespace seep::goruntime
