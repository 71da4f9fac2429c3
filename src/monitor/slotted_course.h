// The course of the figures that are judged, of any length in bounded memory: its time is cut into
// slots of equal length, of each the lowest and the highest values are kept, and when there are too
// many slots they become twice as long. Floors and peaks, on which verdicts rest, stay what they
// were, however long the course.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "monitor/figure.h"
#include "monitor/series.h"

namespace seep::monitor {

/// The judged figures in the order of SeriesKind, and the usage of the cgroup behind them.
inline constexpr std::array<Figure, 7> kJudgedFigures = {
    Figure::kHeapMarked, Figure::kHeapInUse, Figure::kRss,        Figure::kStacks,
    Figure::kGoroutines, Figure::kOpenFiles, Figure::kCgroupUsage};
inline constexpr std::size_t kUsageColumn = 6;

class SlottedCourse {
 public:
  /// At most so many slots, of this length at least.
  SlottedCourse(std::size_t most, std::int64_t slot_ns) : most_(most), slot_ns_(slot_ns) {}

  void push(const ProcessSample& sample);
  /// The next sample begins a slot: it is of another process.
  void close_slot() { closed_ = true; }
  /// At most so many slots from now on.
  void shrink(std::size_t most);
  /// Slots that ended before.
  void forget_before(std::int64_t monotonic_ns);

  /// Two samples a slot, where it has more than one instant. `column` of kJudgedFigures.
  void append_to(Series& series, std::size_t column) const;

  bool empty() const { return slots_.empty(); }
  std::int64_t first_ns() const { return slots_.front().first_ns; }
  std::int64_t last_ns() const { return slots_.back().last_ns; }

 private:
  using Values = std::array<float, kJudgedFigures.size()>;  ///< NaN: not read

  struct Slot {
    std::int64_t first_ns = 0;
    std::int64_t last_ns = 0;
    std::int64_t wall_ns = 0;  ///< at the first instant
    Values low{};
    Values high{};
  };

  static void join(Slot& slot, const Slot& later);
  void double_slots();

  std::size_t most_;
  std::int64_t slot_ns_;
  bool closed_ = false;
  std::vector<Slot> slots_;
};

}  // namespace seep::monitor
