#include "monitor/fresh_noise.h"

#include <algorithm>
#include <cmath>

namespace seep::monitor {

double fresh_noise(const std::vector<double>& noise) {
  if (noise.size() < 2) return 0;
  double squares = 0;
  double together = 0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    squares += noise[i] * noise[i];
    if (i > 0) together += noise[i] * noise[i - 1];
  }
  double memory = squares > 0 ? std::clamp(together / squares, 0.0, 0.999) : 0;
  double sum = 0;
  for (std::size_t i = 1; i < noise.size(); ++i) {
    double fresh = noise[i] - memory * noise[i - 1];
    sum += fresh * fresh;
  }
  return sum / static_cast<double>(noise.size() - 1);
}

double model_score(const std::vector<double>& noise, double free_numbers, double grain) {
  double n = static_cast<double>(noise.size());
  return n * std::log(fresh_noise(noise) + grain) + free_numbers * std::log(n);
}

}  // namespace seep::monitor
