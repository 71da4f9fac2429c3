// The other axis of a drawing: values from zero to a round number, with labels.
#pragma once

#include <string>

namespace seep::report {

/// The next round number, so that half of it is round too: 12 MiB for 10.3 MiB, 60,000 for 48,050.
/// At least 1.
double round_top(double value, bool bytes);

/// At most 8 columns: "1.50 GiB", "48,050", "12.3 M".
std::string axis_label(double value, bool bytes);

}  // namespace seep::report
