// Snapshots that a watch takes by itself (--snapshot-at): one when a process comes near its limit,
// before the kernel ends it, and two at a distance when its verdict is an alarm, which are
// compared: what grew between them explains the verdict. Also one that a person asks for. Beside
// those that are not compared lie a heap and a goroutine profile, for `go tool pprof`.
//
// A snapshot stops the process for milliseconds, so nothing of this happens unasked. It may take
// seconds to read a large heap: that is done on a thread of its own, one at a time, while sampling
// goes on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/heap_side.h"
#include "base/clock.h"
#include "base/result.h"
#include "monitor/watched_process.h"
#include "pipeline/snapshot_folder.h"

namespace seep::pipeline {

struct SnapshotRules {
  /// Of the limit, from which on a snapshot is taken. Without it only those that are asked for.
  std::optional<double> share{};
  double again = 0.9;             ///< anew only after memory fell below this share of that
  double least_distance_s = 60;   ///< between two that are compared …
  double most_distance_s = 1800;  ///< … as far as it takes to see growth at the verdict's rate
  std::uint64_t host_bytes = 0;   ///< the limit where there is no other; 0: none
};

class TimelySnapshots {
 public:
  TimelySnapshots(const SnapshotRules& rules, SnapshotFolder folder);
  ~TimelySnapshots();

  struct News {
    std::size_t process = 0;  ///< index into WatchState::processes
    std::string text;         ///< "snapshot saved: PATH; it stood still for 12 ms; …"
  };

  /// Takes over what has been done, and begins what is due.
  std::vector<News> round(monitor::WatchState& state, Instant now);

  /// Begins one because somebody asked, and returns its path; a file that keep_bound() leaves
  /// alone. Fails if another is being taken.
  Result<std::string> take_now(const monitor::WatchedProcess& process, Instant now);

  /// Waits for a snapshot that is being taken.
  std::vector<News> finish(monitor::WatchState& state, Instant now);

 private:
  using Key = std::pair<std::uint32_t, std::uint64_t>;  ///< of ProcessIdentity

  /// What is known of a process beside its samples.
  struct Subject {
    bool saved = false;  ///< was near its limit, and has not gone back since
    bool alarmed = false;
    std::unique_ptr<analysis::HeapSide> before;  ///< of the first of two
    std::int64_t before_ns = 0;
    double distance_s = 0;
  };

  struct Done {
    Key key;
    std::string path;
    std::optional<Error> error;
    double stopped_ms = 0;
    std::string profiles;                          ///< what became of them, for people
    std::unique_ptr<analysis::HeapSide> side;      ///< if it was the first of two
    std::vector<monitor::JoinedFinding> findings;  ///< if it was the second
    bool compared = false;
  };

  enum class Purpose { kNearLimit, kFirstOfTwo, kSecondOfTwo, kAsked };

  static Done take(pid_t pid, Key key, const std::string& path, Purpose purpose,
                   std::unique_ptr<analysis::HeapSide> before);
  std::optional<Purpose> due(const monitor::WatchedProcess& process, Subject& subject,
                             Instant now) const;
  bool is_near_limit(const monitor::WatchedProcess& process, Subject& subject) const;
  std::string begin(const monitor::WatchedProcess& process, Subject& subject, Purpose purpose,
                    Instant now);
  std::vector<News> take_over(monitor::WatchState& state, Instant now);

  SnapshotRules rules_;
  SnapshotFolder folder_;
  std::map<Key, Subject> subjects_;
  std::optional<std::future<Done>> running_;
};

}  // namespace seep::pipeline
