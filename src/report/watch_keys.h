// What the keys of the live view do.
#pragma once

#include <cstdint>

#include "report/watch_view.h"

namespace seep::report {

enum class Key : std::uint8_t {
  kNone,
  kUp,
  kDown,
  kPageUp,
  kPageDown,
  kHome,
  kEnd,
  kOpen,
  kBack,
  kSort,
  kReverse,
  kSnapshot,
  kHelp,
  kQuit,
};

/// A letter's meaning; arrows and the like are told by the terminal.
Key key_of(char letter);

/// What the caller is to do, which the view cannot.
enum class Request : std::uint8_t { kNone, kSnapshot, kQuit };

/// Changes the view, which is settled before and after. A snapshot is of the selected process.
Request press(WatchView& view, const monitor::WatchState& state, Key key);

}  // namespace seep::report
