// Which releases seep knows, in words: the only thing about Go releases that others may say.
#pragma once

namespace seep::goruntime {

inline constexpr const char* kSupportedReleases = "Go 1.12 to 1.27";

}  // namespace seep::goruntime
