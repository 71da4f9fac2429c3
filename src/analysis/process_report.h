// The list of Go processes of a machine: what `seep ps` shows. Plain values; pipeline/ makes them,
// report/ prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_size.h"

namespace seep::analysis {

/// One live Go process. What is not known is absent.
struct ProcessRow {
  std::uint32_t pid = 0;
  std::string program;     ///< last part of the executable's path
  std::string go_version;  ///< "go1.27.4 X:nogreenteagc"
  std::string container;   ///< id, or name where containers have one; empty on the host
  std::string container_short;
  std::string container_runtime;  ///< docker, containerd, cri-o, podman, lxc ...
  std::string pod_uid;
  ByteSize rss;
  std::optional<ByteSize> heap_live;  ///< what the last collection found alive
  std::optional<std::uint64_t> goroutines;
  std::optional<ByteSize> limit;  ///< of the cgroup or GOMEMLIMIT, the lower; the host's is none
  std::string limit_source;       ///< cgroup, gomemlimit; empty without a limit
  std::string verdict;            ///< of a watch that knows it; empty if none does
};

struct ProcessReport {
  std::vector<ProcessRow> rows;  ///< largest RSS first
  /// What could not be told, as phrases: "live heap and goroutines of 2 processes unknown: ...".
  std::vector<std::string> notes;
};

}  // namespace seep::analysis
