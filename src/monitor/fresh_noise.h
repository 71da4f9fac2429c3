// What is new in each value of a noise that has a memory: the part that its neighbour does not
// foretell. Models of a series are compared by it. A wandering series can be drawn well by many
// curves, but none of them makes its innovations smaller.
#pragma once

#include <vector>

namespace seep::monitor {

/// Mean square of the innovations of an autoregressive process of first order.
double fresh_noise(const std::vector<double>& noise);

/// Schwarz's criterion: the lower, the better the model that leaves this noise and has so many
/// numbers to choose freely. `grain` is the mean square below which differences mean nothing.
double model_score(const std::vector<double>& noise, double free_numbers, double grain);

}  // namespace seep::monitor
