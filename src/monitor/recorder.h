// What a watch writes down, and what an earlier one wrote: between the sampler's values and the
// store's. A store that cannot be written is said, and stops nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "monitor/judge.h"
#include "monitor/sampler.h"
#include "monitor/store.h"

namespace seep::monitor {

class Recorder {
 public:
  /// Fails like Store::open.
  static Result<Recorder> open(const std::string& path, const StoreLimits& limits = {});

  /// Before the first round: gives the sampler the past of programs for which `wanted` says so, and
  /// has the judge tell how they ended. `boot_id` is the present boot's.
  Result<void> recall(const std::string& boot_id, Instant now,
                      const std::function<bool(const ProgramName&)>& wanted, Sampler& sampler,
                      const Judge& judge);

  /// The round that has just been sampled. `verdicts`: whose is another word than before.
  void write(const WatchState& state, const RoundEvents& events,
             const std::vector<std::size_t>& verdicts, Instant now);
  /// Something worth knowing of a process, with the next round.
  void note(const WatchedProcess& process, const std::string& text, Instant now);

  /// What could not be written or read.
  std::vector<std::string> notes() const;

 private:
  explicit Recorder(Store store) : store_(std::move(store)) {}

  void add_samples(const WatchState& state, const RoundEvents& events);
  void add_verdict(const WatchedProcess& process, Instant now);
  void add_end(const WatchedProcess& process, bool counted, Instant now);

  Store store_;
  Round round_;              ///< kept between rounds: its strings are used again
  Diagnostics diagnostics_;  ///< of what was read
  std::string trouble_;      ///< why the last round could not be written; empty: it was
  std::uint64_t lost_rounds_ = 0;
};

}  // namespace seep::monitor
