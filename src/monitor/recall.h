// What an earlier watch has seen, from its store into a sampler: as if it had been watched since.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "monitor/judge.h"
#include "monitor/sampler.h"
#include "monitor/store.h"

namespace seep::monitor {

struct Recollection {
  std::string boot_id;  ///< the present boot's
  Instant now;
  std::function<bool(const ProgramName&)> wanted;
};

/// Before the first round: the past of the wanted programs, the newest 512 of them, and how they
/// ended as the judge tells it.
Result<void> recall(Store& store, const Recollection& what, Sampler& sampler, const Judge& judge,
                    Diagnostics& diagnostics);

}  // namespace seep::monitor
