// Profiles as files that `go tool pprof` opens: pprof's profile.proto, compressed by gzip.
// https://github.com/google/pprof/blob/main/proto/profile.proto
#pragma once

#include <string>

#include "base/result.h"
#include "profile/profile.h"

namespace seep::profile {

/// The bytes of such a file: strings, functions and locations each once, with ids from 1 without
/// gaps. kInvalidArgument: a sample has more or fewer values than there are types. kIo: no memory.
Result<std::string> encode_profile(const Profile& profile);

/// There is the whole file or none (base/whole_file.h).
Result<void> write_profile_file(const Profile& profile, const std::string& path);

}  // namespace seep::profile
