// Series recorded from real programs (bench/verdicts/record): one file a program, up to three
// series in each. Their truth is that of the program: it was built to leak, or not to.
#pragma once

#include <string>
#include <vector>

#include "labelled_series.h"

namespace seep::bench {

/// All of a folder, in the order of their names. Halves are told apart by the name's hash.
std::vector<LabelledSeries> recorded_series(const std::string& folder);

}  // namespace seep::bench
