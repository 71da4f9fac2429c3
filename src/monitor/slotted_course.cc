#include "monitor/slotted_course.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace seep::monitor {

void SlottedCourse::join(Slot& slot, const Slot& later) {
  slot.last_ns = later.last_ns;
  for (std::size_t i = 0; i < kJudgedFigures.size(); ++i) {
    // Of a number and NaN these give the number.
    slot.low[i] = std::fmin(slot.low[i], later.low[i]);
    slot.high[i] = std::fmax(slot.high[i], later.high[i]);
  }
}

void SlottedCourse::push(const ProcessSample& sample) {
  Slot slot{sample.monotonic_ns, sample.monotonic_ns, sample.wall_ns, {}, {}};
  for (std::size_t i = 0; i < kJudgedFigures.size(); ++i) {
    std::optional<std::int64_t> value = sample[kJudgedFigures[i]];
    slot.low[i] = value ? static_cast<float>(*value) : std::numeric_limits<float>::quiet_NaN();
  }
  slot.high = slot.low;
  bool closed = std::exchange(closed_, false);
  if (!slots_.empty() && !closed && slot.first_ns < slots_.back().first_ns + slot_ns_) {
    join(slots_.back(), slot);
  } else {
    slots_.push_back(slot);
  }
  if (slots_.size() > most_) double_slots();
}

void SlottedCourse::double_slots() {
  std::int64_t span_ns = last_ns() - first_ns();
  slot_ns_ = std::max(2 * slot_ns_, 2 * span_ns / static_cast<std::int64_t>(slots_.size()));
  std::size_t kept = 0;
  for (std::size_t i = 1; i < slots_.size(); ++i) {
    if (slots_[i].first_ns < slots_[kept].first_ns + slot_ns_) {
      join(slots_[kept], slots_[i]);
    } else {
      slots_[++kept] = slots_[i];
    }
  }
  slots_.resize(kept + 1);
}

void SlottedCourse::shrink(std::size_t most) {
  most_ = most;
  while (slots_.size() > most_) double_slots();
  slots_.shrink_to_fit();
}

void SlottedCourse::forget_before(std::int64_t monotonic_ns) {
  // A quarter at a time: moving all slots at each sample would cost more than reading it.
  if (slots_.empty() || slots_[slots_.size() / 4].last_ns >= monotonic_ns) return;
  auto first = std::ranges::find_if(
      slots_, [monotonic_ns](const Slot& slot) { return slot.last_ns >= monotonic_ns; });
  slots_.erase(slots_.begin(), first);
}

void SlottedCourse::append_to(Series& series, std::size_t column) const {
  for (const Slot& slot : slots_) {
    if (std::isnan(slot.low[column])) continue;
    series.samples.push_back({slot.first_ns, slot.wall_ns, slot.low[column]});
    if (slot.last_ns == slot.first_ns) continue;
    std::int64_t wall_ns = slot.wall_ns + (slot.last_ns - slot.first_ns);
    series.samples.push_back({slot.last_ns, wall_ns, slot.high[column]});
  }
}

}  // namespace seep::monitor
