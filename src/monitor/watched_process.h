// What a watch knows at one instant, for people, JSON and verdicts: its processes, each with its
// recent samples. The sampler makes it; the live view, plain lines and JSON only read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/figure.h"
#include "monitor/oom_cause.h"
#include "monitor/process_verdict.h"

namespace seep::monitor {

/// What two snapshots at a distance, taken because of an alarm, say about it.
struct JoinedFinding {
  std::string title;  ///< one line for people
  std::string scenario;
  std::string confidence;  ///< "likely", "proven"
  std::uint64_t bytes = 0;
  std::optional<double> growth_bytes_per_s;
  std::string remedy;
  std::string fingerprint;
};

/// How a process came to its end for want of memory.
struct OomEnd {
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;
  bool counted = false;  ///< the kernel counted an oom_kill just then; else memory was at its limit
  std::uint64_t limit = 0;  ///< bytes
  OomAnswer answer;
};

struct WatchedProcess {
  ProcessIdentity identity;
  std::string program;          ///< last part of the executable's path
  std::string executable;       ///< its path; empty where it may not be known
  std::string go_version;       ///< empty: not a Go program
  std::string container;        ///< id or name; empty on the host
  std::string container_short;  ///< the same for people
  bool ended = false;           ///< the last sample was its last

  /// Oldest first, at equal distances over the whole watch; the last is the newest. Samples of an
  /// earlier process of the same program come before the restart's mark.
  std::vector<ProcessSample> history;
  std::vector<std::int64_t> restarts_ns;  ///< on the clock of ProcessSample::monotonic_ns
  ProcessSample latest;       ///< of each figure what was read last, also what is read seldom
  std::uint64_t samples = 0;  ///< how many were taken

  std::optional<std::uint64_t> memory_limit;  ///< bytes; the tightest of cgroup and GOMEMLIMIT …
  std::string limit_source;                   ///< … "cgroup" or "gomemlimit"; else the "host"
  std::optional<std::uint64_t> file_limit;    ///< RLIMIT_NOFILE
  std::optional<ProcessVerdict> verdict;      ///< nothing before the first time it is judged
  std::optional<OomEnd> oom;                  ///< of the last process that ended so
  std::vector<JoinedFinding> findings;        ///< what explains the verdict
  std::vector<std::string> snapshots;         ///< files that were saved of it
  std::vector<std::string> notes;             ///< what of it cannot be read, and why
};

struct WatchState {
  std::int64_t wall_ns = 0;  ///< of the last round, since 1970
  double interval_s = 1;
  std::string store;  ///< its path; empty without one
  std::vector<WatchedProcess> processes;
  std::vector<std::string> notes;  ///< "the store's disk is full since 14:03; sampling goes on"
};

}  // namespace seep::monitor
