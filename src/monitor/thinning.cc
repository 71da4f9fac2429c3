#include "monitor/thinning.h"

#include <algorithm>

namespace seep::monitor {

namespace {

void widen(std::optional<std::int64_t>& bound, const std::optional<std::int64_t>& value,
           bool upwards) {
  if (!value) return;
  if (!bound || (upwards ? *value > *bound : *value < *bound)) bound = value;
}

void take_time(ProcessSample& row, const ProcessSample& sample) {
  row.monotonic_ns = sample.monotonic_ns;
  row.wall_ns = sample.wall_ns;
}

}  // namespace

std::int64_t piece_of(std::int64_t time, std::int64_t length) {
  return time / length - (time % length < 0 ? 1 : 0);
}

void Thinning::add(std::span<const ProcessSample> samples) {
  for (const ProcessSample& sample : samples) {
    auto [found, is_new] =
        slots_.try_emplace(piece_of(sample.monotonic_ns, slot_ns_), Slot{sample, sample});
    if (is_new) continue;
    Slot& slot = found->second;
    if (sample.monotonic_ns < slot.low.monotonic_ns) take_time(slot.low, sample);
    if (sample.monotonic_ns > slot.high.monotonic_ns) take_time(slot.high, sample);
    for (std::size_t i = 0; i < kFigures; ++i) {
      widen(slot.low.values[i], sample.values[i], false);
      widen(slot.high.values[i], sample.values[i], true);
    }
  }
}

std::vector<ProcessSample> Thinning::rows() const {
  std::vector<ProcessSample> rows;
  rows.reserve(2 * slots_.size());
  for (const auto& [number, slot] : slots_) rows.push_back(slot.low);
  for (const auto& [number, slot] : slots_)
    if (slot.high.monotonic_ns != slot.low.monotonic_ns) rows.push_back(slot.high);
  return rows;
}

}  // namespace seep::monitor
