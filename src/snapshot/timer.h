// Timers: what is going to happen by itself, when, and to whom.
#pragma once

#include <cstdint>
#include <optional>

#include "base/address.h"
#include "snapshot/gc_root.h"
#include "snapshot/heap.h"
#include "snapshot/string_table.h"

namespace seep::snapshot {

/// What a timer does when it is due.
enum class TimerKind : std::uint8_t {
  kChannel,   ///< sends the time to a channel: time.NewTimer, time.NewTicker, time.After, time.Tick
  kFunction,  ///< starts a goroutine: time.AfterFunc, and with it deadlines of contexts
  kSleep,     ///< wakes a goroutine: time.Sleep
  kDeadline,  ///< ends a read or write: SetDeadline of connections and files
  kOther,     ///< the runtime's own business
};

struct Timer {
  TimerKind kind = TimerKind::kOther;
  Address address;  ///< of the runtime's record
  ObjectId object;  ///< that it lies in, as a time.Timer does; none outside the heap (kDeadline)
  /// It is going to fire; else it was stopped, or has fired for the last time.
  bool active = false;
  /// The runtime has it in its lists, so it stays whoever else forgets it. `root` is then the root
  /// that it is, unless it lies outside the heap.
  bool held = false;
  /// It is in those lists only while somebody waits for its channel. Between that nothing is sent,
  /// and who looks into the channel finds what is due by then.
  bool on_demand = false;
  RootId root;
  double due_seconds = 0;     ///< until it fires, as of the freeze; below 0: overdue
  double period_seconds = 0;  ///< of a ticker; 0: it fires once
  /// What it calls: kFunction: the program's function; else the runtime's or package time's.
  StringId function;
  /// What it acts on: the channel, the function value, the goroutine's g.
  Address argument;
  ObjectId argument_object;
  std::uint32_t waiting = 0;    ///< kChannel: goroutines that wait for the channel
  std::uint32_t buffered = 0;   ///< kChannel: values that nobody has received yet
  std::uint32_t capacity = 0;   ///< kChannel
  std::uint64_t goroutine = 0;  ///< kSleep: id of the one that sleeps
  /// kChannel: since when nobody has received what it sent, or would have sent on demand; none if
  /// nothing waits to be received, or if the time is not known.
  std::optional<double> unread_seconds;

  bool operator==(const Timer&) const = default;
};

}  // namespace seep::snapshot
