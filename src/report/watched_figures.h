// What the live view says of one process, in figures and words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "monitor/watched_process.h"
#include "report/text_layout.h"

namespace seep::report {

/// What was read of it last.
std::optional<std::int64_t> latest(const monitor::WatchedProcess& process, monitor::Figure figure);

/// RSS as a share of the limit.
std::optional<double> limit_share(const monitor::WatchedProcess& process);

/// From this share on a process is shown to be near its limit.
inline constexpr double kNearLimit = 0.8;

struct VerdictLook {
  std::string text;  ///< "✗ leak", "✓ healthy"; "–" where it was not judged yet
  Ink ink = Ink::kPlain;
};
VerdictLook verdict_look(const monitor::WatchedProcess& process);

/// "24.4 MiB", "48,050"; "–" where nothing is known.
std::string figure_text(const monitor::WatchedProcess& process, monitor::Figure figure);

/// One unit, for a column: "50 min", "3 h", "4 d".
std::string short_duration(double seconds);

/// "go1.26.11" of "go1.26.11 X:nogreenteagc": the experiments of its toolchain are left out.
std::string short_go_version(const std::string& version);

}  // namespace seep::report
