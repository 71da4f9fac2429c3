#include "report/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace seep::report {
namespace {

constexpr std::array<const char*, 8> kHeights = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr double kLeastShare = 0.2;

std::optional<double> value_of(const monitor::ProcessSample* sample, monitor::Figure figure) {
  if (sample == nullptr || !(*sample)[figure]) return std::nullopt;
  return static_cast<double>(*(*sample)[figure]);
}

struct Scale {
  double low = 0;
  double range = 1;

  const char* height_of(double value) const {
    double step = (value - low) / range * static_cast<double>(kHeights.size() - 1);
    long height = std::lround(std::clamp(step, 0.0, static_cast<double>(kHeights.size() - 1)));
    return kHeights[static_cast<std::size_t>(height)];
  }
};

Scale scale_of(const Course& course, monitor::Figure figure) {
  std::optional<double> low, high;
  for (const monitor::ProcessSample* sample : course.samples) {
    std::optional<double> value = value_of(sample, figure);
    if (!value) continue;
    low = low ? std::min(*low, *value) : *value;
    high = high ? std::max(*high, *value) : *value;
  }
  if (!low) return {};
  return {.low = *low, .range = std::max({*high - *low, kLeastShare * *high, 1.0})};
}

}  // namespace

std::string sparkline(const Course& course, monitor::Figure figure) {
  Scale scale = scale_of(course, figure);
  std::string text;
  bool begun = false;
  for (std::size_t i = 0; i < course.samples.size(); ++i) {
    std::optional<double> value = value_of(course.samples[i], figure);
    begun = begun || value;
    if (course.restarts[i])
      text += "│";
    else if (value)
      text += scale.height_of(*value);
    else
      text += begun ? "·" : " ";
  }
  return text;
}

}  // namespace seep::report
