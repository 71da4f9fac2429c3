// The processes of this machine as a watch samples them: the kernel's figures of each, and Go's own
// where there is Go in it.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "monitor/memory_groups.h"
#include "monitor/process_source.h"
#include "pipeline/go_process.h"
#include "procfs/executable.h"

namespace seep::pipeline {

/// Which processes are watched: all Go programs, or those named, also when they are started again.
struct WatchTargets {
  bool all = false;
  std::vector<pid_t> pids;            ///< Go or not
  std::vector<std::string> patterns;  ///< of names of Go programs, as procfs::program_matches
};

class WatchedProcesses final : public monitor::ProcessSource {
 public:
  explicit WatchedProcesses(WatchTargets targets);

  Result<std::vector<pid_t>> list(const std::set<std::string>& restarts) override;
  std::optional<monitor::FoundProcess> examine(pid_t pid,
                                               const std::set<std::string>& restarts) override;
  std::vector<std::string> notes() const override;

  /// Whether a program of an earlier watch is one of the targets.
  bool wants(const std::string& program, const std::string& executable) const;

 private:
  /// A process in which there was no Go, by its program, and how often that was believed since.
  struct Other {
    procfs::FileIdentity executable;
    int believed = 0;
  };

  bool is_named(pid_t pid, std::uint64_t start_ticks);
  bool is_known_other(pid_t pid, const procfs::FileIdentity& executable);
  void note_hidden(pid_t pid, const Error& error);
  bool matches(const std::string& program) const;
  std::optional<monitor::FoundProcess> describe(pid_t pid, const std::string& path,
                                                const std::optional<GoProcess>& go,
                                                const std::set<std::string>& restarts);

  WatchTargets targets_;
  std::string boot_id_;
  std::map<pid_t, std::uint64_t> named_;  ///< of targets_.pids: when they were started
  std::map<pid_t, Other> others_;
  std::set<pid_t> hidden_;
  GoProcessFinder finder_;
  monitor::MemoryGroups groups_;
};

}  // namespace seep::pipeline
