// What shows a running watch: lines, a screen, or nothing until the end.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "monitor/watched_process.h"
#include "pipeline/process_watch.h"

namespace seep::cli {

/// What the user wants of the watch.
struct DisplayWish {
  bool ends = false;  ///< has seen enough
  std::optional<monitor::ProcessIdentity> snapshot{};
};

class WatchDisplay {
 public:
  virtual ~WatchDisplay() = default;

  /// After each round. An error ends the watch: nobody sees it any more.
  virtual Result<void> show(const monitor::WatchState& state, const pipeline::WatchNews& news,
                            Instant now) = 0;

  /// A file to wait for beside the time: that of the keys. -1: none.
  virtual int input() const { return -1; }
  /// When there is something in it, and when a signal came (the size has changed).
  virtual Result<DisplayWish> handle_input(const monitor::WatchState&) { return DisplayWish{}; }
  /// An answer to a wish.
  virtual void say(const monitor::WatchState&, const std::string&) {}
};

}  // namespace seep::cli
