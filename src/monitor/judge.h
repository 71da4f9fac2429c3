// When a watch judges its processes, and by what: each at most once a minute, the longer they are
// known the more seldom, and never more of them in a round than a small share of a processor
// allows. A verdict takes milliseconds; with hundreds of processes that is the dearest part.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "monitor/sampler.h"

namespace seep::monitor {

struct JudgeRules {
  ProcessRules process{};
  double least_s = 60;             ///< between two verdicts on a process …
  double most_s = 900;             ///< … up to this …
  double share_of_age = 0.05;      ///< … as its run gets longer
  double processor_share = 0.005;  ///< of one core, on average; at least one process a round
  std::uint64_t host_bytes = 0;    ///< of memory: the limit where there is no other; 0: unknown
};

class Judge {
 public:
  explicit Judge(const JudgeRules& rules = {}) : rules_(rules) {}

  /// Judges those whose time has come. The result: whose verdict is another word than before.
  std::vector<std::size_t> round(Sampler& sampler, Instant now);

  /// All of them, at the end of a watch.
  void judge_all(Sampler& sampler);

  /// Tells why a process came to its end, if it was for want of memory. `counted`: the kernel
  /// counted an oom_kill just then.
  void explain_end(Sampler& sampler, std::size_t process, bool counted, Instant when) const;

 private:
  using Key = std::pair<std::uint32_t, std::uint64_t>;  ///< of ProcessIdentity

  bool judge(Sampler& sampler, std::size_t process) const;
  double until_next_s(const Course& course) const;

  JudgeRules rules_;
  std::map<Key, std::int64_t> due_ns_;
  double saved_s_ = 0;  ///< processor time that may be spent
  std::int64_t last_round_ns_ = 0;
};

}  // namespace seep::monitor
