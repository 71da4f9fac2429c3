// Follows processes from their start to their end, and the same program when it is started again:
// a round at a time, at the interval that the caller keeps. What it knows is a WatchState.
//
// Only ids that were not there before are examined. A process shows its parent's program until it
// has called exec, so one that is not to be watched is looked at again in the next rounds, and then
// twice a minute. Ids are used again by the kernel: what is followed is held open and cannot be
// mistaken, what is not followed is found at the next look.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "monitor/course.h"
#include "monitor/even_spacing.h"
#include "monitor/process_source.h"
#include "monitor/watched_process.h"

namespace seep::monitor {

struct SamplerRules {
  double interval_s = 1;
  std::size_t most_processes = 4096;
  std::size_t most_ended = 64;        ///< kept beside those that run; the oldest go first
  std::size_t most_of_history = 240;  ///< samples in WatchedProcess::history
};

/// What happened in a round, for lines of text, the store and whoever acts on it. Indices into
/// WatchState::processes.
struct RoundEvents {
  struct End {
    std::size_t process = 0;
    bool oom_counted = false;  ///< the kernel counted an oom_kill in its cgroup just then
  };

  std::vector<std::size_t> started;    ///< also found for the first time
  std::vector<std::size_t> restarted;  ///< go on with the series of one that had ended
  std::vector<End> ended;
  std::vector<std::size_t> sampled;
};

class Sampler {
 public:
  /// `source` outlives this.
  explicit Sampler(ProcessSource& source, const SamplerRules& rules = {});

  /// Looks for new processes and samples all. Indices of earlier rounds mean nothing any more.
  RoundEvents round(Instant now);

  /// Before the first round: a program that was seen by an earlier watch, as it was then. Its
  /// samples and the marks of its restarts follow in the order of time. If it runs it is found in a
  /// round, and goes on with this.
  std::size_t remember(WatchedProcess past);
  void remember_sample(std::size_t index, const ProcessSample& sample);
  void remember_restart(std::size_t index, std::int64_t monotonic_ns);

  const WatchState& state() const { return state_; }
  /// For verdicts, findings and notes; processes are neither added nor removed from outside.
  WatchState& state() { return state_; }
  const Course& course(std::size_t process) const { return followed_[process].course; }
  /// What could not be followed or kept, in words.
  std::vector<std::string> notes() const;

 private:
  struct Followed {
    std::unique_ptr<SampledProcess> process;  ///< null: ended
    std::string series_key;
    Course course;
    EvenSpacing spacing;
    std::int64_t last_ns = 0;    ///< of its newest sample
    bool executed_anew = false;  ///< ended by running a program again, with the same id
    std::optional<std::int64_t> oom_kills{};
  };
  struct Passed {
    std::int64_t again_ns = 0;
    int looks = 0;
  };

  void find_new(Instant now, RoundEvents& events);
  void follow(FoundProcess found, Instant now, RoundEvents& events);
  std::optional<std::size_t> earlier_run(const FoundProcess& found) const;
  void take_up(std::size_t index, FoundProcess found);
  void sample(std::size_t index, Instant now, RoundEvents& events);
  void end(std::size_t index, const ProcessSample& last_words, RoundEvents& events);
  void record(std::size_t index, const ProcessSample& sample);
  void forget_ended();
  std::set<std::string> keys_of_ended() const;

  ProcessSource& source_;
  SamplerRules rules_;
  WatchState state_;
  std::vector<Followed> followed_;       ///< beside state_.processes
  std::map<pid_t, std::size_t> by_pid_;  ///< those that run
  std::map<pid_t, Passed> passed_;       ///< looked at and not followed
  std::uint64_t rounds_ = 0;
  std::uint64_t refused_ = 0;  ///< beyond most_processes
  std::uint64_t forgotten_ = 0;
};

}  // namespace seep::monitor
