// Releases of Go that are newer than those that seep was tested with. They are tried, and believed
// only if the rules that Go's runtime keeps hold on what was read; otherwise one line says which
// does not, and there is no report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/layout/go_version.h"
#include "snapshot/snapshot.h"

namespace seep::goruntime {

struct UntestedRelease {
  std::string name;     ///< "Go 1.29.1"
  std::string read_as;  ///< "Go 1.27"
};

/// Nothing for a release that is known. Patches of a known release change where fields are, never
/// what they mean, so with debug information every patch is known.
std::optional<UntestedRelease> untested_release(const GoVersion& version, bool has_dwarf);

/// The error of a step that failed: says first that the release is unknown, if it is, and if that
/// can be the cause.
Error not_understood(const std::optional<UntestedRelease>& release, Error error);

/// What reading a program came to. Of a release that is known, that is the last word; else an error
/// takes the place of what was read if it is against the rules, and if all of them hold, a note
/// that the release is untested is left in the diagnostics.
Result<void> check_untested(const std::optional<UntestedRelease>& release,
                            const Result<void>& outcome, snapshot::Snapshot& read);

}  // namespace seep::goruntime
