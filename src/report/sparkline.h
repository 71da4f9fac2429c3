// A figure over time in one line of text: "▁▂▂▃▅▆█". A steady figure is a flat line and not its
// noise blown up, and growth that is small beside the level still shows: the line reaches from the
// lowest to the highest value, but never covers less than a fifth of the highest.
#pragma once

#include <string>

#include "monitor/figure.h"
#include "report/time_axis.h"

namespace seep::report {

/// A column of text for each of the course. Before the first sample there is nothing, a gap after
/// it is "·", and where the program began anew "│".
std::string sparkline(const Course& course, monitor::Figure figure);

}  // namespace seep::report
