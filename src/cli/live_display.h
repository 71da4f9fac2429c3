// A watch on a terminal: the live view, and the keys that work on it.
#pragma once

#include <string>

#include "cli/full_screen.h"
#include "cli/watch_display.h"
#include "report/watch_view.h"

namespace seep::cli {

class LiveDisplay final : public WatchDisplay {
 public:
  /// The terminal is seep's until this ends: nothing else may be written to it. Fails where plain
  /// lines are to be used instead, and says why.
  static Result<LiveDisplay> open();

  Result<void> show(const monitor::WatchState& state, const pipeline::WatchNews& news,
                    Instant now) override;
  int input() const override;
  Result<DisplayWish> handle_input(const monitor::WatchState& state) override;
  void say(const monitor::WatchState& state, const std::string& text) override;

 private:
  explicit LiveDisplay(FullScreen screen) : screen_(std::move(screen)) {}
  void draw(const monitor::WatchState& state);

  FullScreen screen_;
  report::WatchView view_;
};

}  // namespace seep::cli
