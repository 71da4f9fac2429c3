// A watch as lines: for files, pipes and the journal.
#pragma once

#include <set>
#include <string>

#include "cli/watch_display.h"

namespace seep::cli {

/// Says at once what happens, and the figures now and then: every ten seconds at first, and the
/// more seldom the longer the watch, for a file that somebody reads tomorrow.
class PlainDisplay final : public WatchDisplay {
 public:
  Result<void> show(const monitor::WatchState& state, const pipeline::WatchNews& news,
                    Instant now) override;

 private:
  Instant started_{};
  std::int64_t figures_due_ns_ = 0;
  std::set<std::string> told_notes_;  ///< those of the last round, without their numbers
};

}  // namespace seep::cli
