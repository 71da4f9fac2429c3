// What a watch writes down of a process at one instant: a value for each figure that is known. The
// store, JSON, the live view and the verdicts all go by this table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace seep::monitor {

/// The numbers are in stores: new figures go to the end, none is ever reused.
enum class Figure : std::uint8_t {
  kRss,
  kAnonymous,
  kFile,
  kShared,
  kSwap,
  kLazyFree,  ///< given back by the program, not yet taken by the kernel; dear, so seldom
  kPss,       ///< dear, so seldom
  kThreads,
  kOpenFiles,
  kCgroupUsage,
  kCgroupWorkingSet,  ///< usage without the page cache that is not in use
  kCgroupLimit,
  kCgroupOomKills,  ///< events so far
  kHeapMarked,
  kHeapAlloc,
  kHeapInUse,
  kHeapIdle,
  kHeapReleased,
  kStacks,
  kMetadata,
  kObjects,
  kGoroutines,
  kCollections,
  kHeapGoal,
  kGcPercent,       ///< -1: off
  kMemoryLimit,     ///< GOMEMLIMIT
  kLastCollection,  ///< nanoseconds since 1970
};
inline constexpr std::size_t kFigures = static_cast<std::size_t>(Figure::kLastCollection) + 1;

enum class Unit : std::uint8_t { kBytes, kCount, kPercent, kNanoseconds };

struct FigureRow {
  std::string_view name;   ///< as JSON has it: "heap_marked_bytes"
  std::string_view title;  ///< as people read it: "live heap"
  Unit unit;
};
const FigureRow& row_of(Figure figure);

struct ProcessSample {
  std::int64_t monotonic_ns = 0;  ///< CLOCK_BOOTTIME: goes on while the machine sleeps
  std::int64_t wall_ns = 0;       ///< since 1970
  std::array<std::optional<std::int64_t>, kFigures> values{};

  std::optional<std::int64_t>& operator[](Figure figure) {
    return values[static_cast<std::size_t>(figure)];
  }
  const std::optional<std::int64_t>& operator[](Figure figure) const {
    return values[static_cast<std::size_t>(figure)];
  }
};

/// One process from its start to its end.
struct ProcessIdentity {
  std::uint32_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< after boot; with the pid and the boot it is unique
  std::string boot_id;

  bool operator==(const ProcessIdentity&) const = default;
};

}  // namespace seep::monitor
