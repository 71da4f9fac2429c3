// What is in a store: series, samples and events, as one instant of the file has them.
#pragma once

#include <functional>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "monitor/database.h"
#include "monitor/store.h"

namespace seep::monitor {

Result<std::vector<StoredSeries>> read_series(Database& database, Diagnostics& diagnostics);

Result<void> read_each_sample(Database& database, StoredSeriesId series, TimeRange range,
                              Diagnostics& diagnostics,
                              const std::function<void(const ProcessSample&)>& visit);

Result<std::vector<ProcessSample>> read_samples(Database& database, StoredSeriesId series,
                                                TimeRange range, Diagnostics& diagnostics);

Result<std::vector<Sample>> read_values(Database& database, StoredSeriesId series, Figure figure,
                                        TimeRange range, Diagnostics& diagnostics);

Result<std::vector<StoredEvent>> read_events(Database& database, StoredSeriesId series,
                                             TimeRange range);

}  // namespace seep::monitor
