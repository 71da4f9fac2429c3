// The waist of the house: everything that was learnt from a program at one instant, as plain
// values. Those who read programs end here, those who analyse begin here; nobody above needs the
// target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "snapshot/gc_root.h"
#include "snapshot/go_type.h"
#include "snapshot/goroutine.h"
#include "snapshot/heap.h"
#include "snapshot/resident_memory.h"
#include "snapshot/string_table.h"
#include "snapshot/timer.h"

namespace seep::snapshot {

enum class TargetKind : std::uint8_t { kLive, kCore, kSnapshot };
enum class LimitSource : std::uint8_t { kNone, kCgroup, kGoMemLimit, kHost };

/// File descriptors that a process has open, by what they are.
struct OpenFiles {
  std::uint64_t files = 0;  ///< with directories and devices
  std::uint64_t sockets = 0;
  std::uint64_t pipes = 0;
  std::uint64_t others = 0;            ///< the kernel's own: epoll, timers, events
  std::optional<std::uint64_t> limit;  ///< how many there may be

  std::uint64_t all() const { return files + sockets + pipes + others; }
  bool operator==(const OpenFiles&) const = default;
};

/// Which program this was.
struct ProgramInfo {
  TargetKind kind = TargetKind::kLive;
  std::uint32_t pid = 0;
  std::string executable;    ///< path as the target sees it
  std::string program;       ///< its last element
  std::string go_version;    ///< "go1.27.4", for people only
  std::string main_package;  ///< import path of package main's module or directory; may be empty
  std::string build_id;      ///< hexadecimal
  bool stripped = false;
  double uptime_s = 0;
  std::uint64_t start_ticks = 0;       ///< when it started, in clock ticks after boot; 0: unknown
  std::string boot_id;                 ///< of the machine's boot; empty: unknown
  std::uint64_t captured_unix_ms = 0;  ///< wall clock at the freeze
  std::uint64_t rss_bytes = 0;
  std::optional<std::uint64_t> limit_bytes;
  LimitSource limit_source = LimitSource::kNone;
  std::optional<OpenFiles> open_files;  ///< none where only the kernel could have told

  bool operator==(const ProgramInfo&) const = default;
};

enum class FreezeMode : std::uint8_t { kNone, kFork, kStop };

/// What reading cost the target.
struct FreezeReport {
  FreezeMode mode = FreezeMode::kNone;
  double stopped_ms =
      0;  ///< first thread stopped until last thread resumed, of the stop that counted
  double total_stopped_ms = 0;  ///< over all attempts, and the short stop that reaps the copy
  std::uint32_t attempts = 0;
  std::uint32_t threads = 0;
  std::optional<std::string> fallback_reason;  ///< why not by fork

  bool operator==(const FreezeReport&) const = default;
};

/// The runtime's own figures at the freeze, in bytes.
struct RuntimeStatistics {
  std::uint64_t heap_in_use = 0;  ///< spans in use for objects
  std::uint64_t heap_live = 0;    ///< what the collector found live last, plus allocated since
  std::uint64_t heap_marked = 0;  ///< what the collector found live last
  std::uint64_t heap_goal = 0;
  std::uint64_t heap_released = 0;
  std::uint64_t heap_free = 0;  ///< kept, not in use
  std::uint64_t stacks_in_use = 0;
  std::uint32_t gc_cycles = 0;
  std::int32_t gc_percent = 0;                ///< GOGC; -1 is off
  std::optional<std::uint64_t> memory_limit;  ///< GOMEMLIMIT if set
  bool collecting = false;                    ///< the freeze fell into a mark phase

  bool operator==(const RuntimeStatistics&) const = default;
};

/// One bucket of the runtime's heap profile: a stack and a size, with sampled counts.
struct AllocationSite {
  StackId stack;
  std::uint64_t object_bytes = 0;
  std::uint64_t allocations = 0;
  std::uint64_t frees = 0;

  bool operator==(const AllocationSite&) const = default;
};

/// A sum or rule that Go's runtime keeps, checked on this snapshot (design 4).
struct Invariant {
  std::string name;  ///< "allocated slots equal allocCount"
  bool holds = true;
  std::string detail;  ///< figures: "3 of 41,202 spans differ"

  bool operator==(const Invariant&) const = default;
};

/// The first bytes of what an object holds; kept only when the user asked for values.
struct ValuePreview {
  ObjectId object;
  std::string bytes;

  bool operator==(const ValuePreview&) const = default;
};

/// What objects with pointers can consist of: one value of the type, or several.
struct HeapType {
  TypeId type;
  /// Whose size and pointer words they have: the type itself, or, where it is synthetic, the
  /// runtime's own type of the same bytes.
  TypeId layout;
  /// Code of the program allocates one value of it, or several in a row, by naming the type.
  bool made_singly = false, made_in_rows = false;

  bool operator==(const HeapType&) const = default;
};

/// What the program's standard library has, for remedies.
struct LibraryFacts {
  bool strings_clone = false;
  bool slices_package = false;  ///< with slices.Clone and slices.Delete
  bool clear_builtin = false;
  bool slices_delete_clears = false;  ///< sets what it cuts off to zero

  bool operator==(const LibraryFacts&) const = default;
};

struct Snapshot {
  ProgramInfo program;
  LibraryFacts library;
  FreezeReport freeze;
  RuntimeStatistics runtime;
  /// Where the resident memory was just before the freeze; none of core files.
  std::optional<ResidentReading> resident;
  StringTable strings;
  TypeTable types;
  Heap heap;
  /// Every type of the program that has pointers. Only where Heap::masks are there to compare with.
  std::vector<HeapType> heap_types;
  Roots roots;
  std::vector<Goroutine> goroutines;
  StackTable stacks;
  std::vector<Timer> timers;
  std::vector<AllocationSite> allocation_sites;
  std::uint64_t allocation_sample_rate = 0;  ///< MemProfileRate; 0: the program keeps no samples
  std::vector<ValuePreview> values;          ///< by rising object id
  bool windows_read = false;  ///< of the heap and the roots; false: nothing is known of them
  std::uint64_t unreadable_bytes = 0;
  std::vector<Invariant> invariants;
  Diagnostics diagnostics;
};

}  // namespace seep::snapshot
