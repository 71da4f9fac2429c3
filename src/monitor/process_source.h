// Where a watch's processes and their figures come from. The sampler only knows this interface:
// what is Go's is read by a room above, and tests make up whole machines.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "monitor/figure.h"

namespace seep::monitor {

/// One process, held open: what is read is never another's that got its id.
class SampledProcess {
 public:
  enum class State {
    kRunning,
    kEnded,         ///< of the sample only kCgroupOomKills may have been read
    kOtherProgram,  ///< it has become another program: to be examined anew
  };

  virtual ~SampledProcess() = default;

  /// Fills in what can be read; the times of the sample are set already.
  virtual State read(ProcessSample& sample) = 0;

  /// What of it cannot be read, and why; as of the last sample.
  virtual std::vector<std::string> notes() const { return {}; }
};

struct FoundProcess {
  ProcessIdentity identity;
  std::string program;  ///< here and below as in WatchedProcess
  std::string executable;
  std::string go_version;
  std::string container;
  std::string container_short;
  std::string series_key;       ///< what stays the same when the program is started again
  std::int64_t started_ns = 0;  ///< CLOCK_BOOTTIME
  std::optional<std::uint64_t> file_limit;  ///< RLIMIT_NOFILE
  /// Wanted only if it goes on with a series that has ended: nobody has named it.
  bool only_as_restart = false;
  std::unique_ptr<SampledProcess> process;
};

/// Of a Go program: its path and where it runs.
inline std::string series_key(const std::string& executable, const std::string& container) {
  return executable + '\n' + container;
}

class ProcessSource {
 public:
  virtual ~ProcessSource() = default;

  /// Processes that might be worth a look, rising. `restarts` are the keys of series that have
  /// ended: a process with one of them is wanted even if nobody has named it.
  virtual Result<std::vector<pid_t>> list(const std::set<std::string>& restarts) = 0;

  /// Nothing: not one to watch, at least not yet.
  virtual std::optional<FoundProcess> examine(pid_t pid, const std::set<std::string>& restarts) = 0;

  /// Called at the beginning of each round.
  virtual void begin_round() {}

  /// What could not be looked at, in words; as of now.
  virtual std::vector<std::string> notes() const { return {}; }
};

}  // namespace seep::monitor
