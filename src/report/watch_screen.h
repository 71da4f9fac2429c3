// The live view of `seep watch` as a screen: the list of processes, one process, or the help.
#pragma once

#include "report/screen.h"
#include "report/watch_view.h"

namespace seep::report {

/// Smaller than this, the screen says so instead.
inline constexpr std::size_t kLeastWidth = 60;
inline constexpr std::size_t kLeastHeight = 12;

/// Fits the view's size exactly. `view` is settled.
Screen watch_screen(const WatchView& view, const monitor::WatchState& state);

}  // namespace seep::report
