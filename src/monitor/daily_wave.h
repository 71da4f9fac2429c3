// The rise and fall of a day. A service that serves people holds more at noon than at night, and
// half a day of that looks like a leak. Once a run is longer than a day and a quarter, the wave is
// estimated together with the line beneath it (a day, half and a third of it), and taken out
// if it explains what the line alone does not. Shorter runs cannot tell; their verdicts say so.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "monitor/series.h"

namespace seep::monitor {

inline constexpr double kDay = 86400;

struct DailyWave {
  /// Cosine and sine of one, two and three times a day.
  std::array<double, 6> weights{};

  double at(double time_s) const;
  /// From its lowest to its highest.
  double height() const;
};

/// The wave that the points hold, if they are long enough to tell and it is there.
std::optional<DailyWave> daily_wave(std::span<const Point> points);

std::vector<Point> without(const DailyWave& wave, std::span<const Point> points);

}  // namespace seep::monitor
