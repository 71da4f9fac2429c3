#include "pipeline/known_verdicts.h"

#include <vector>

#include "monitor/store.h"

namespace seep::pipeline {
namespace {

constexpr std::int64_t kFresh = std::int64_t{2} * 3600 * 1'000'000'000;

}  // namespace

Result<void> KnownVerdicts::add(const std::string& path, const std::string& boot_id, Instant now) {
  monitor::Store store = TRY(monitor::Store::open_to_read(path));
  Diagnostics skipped;  // a series that is damaged has no verdict
  for (const monitor::StoredSeries& series : TRY(store.series(skipped))) {
    const monitor::StoredProcess& newest = series.processes.back();
    // Times of this boot are given out as such only while it is the newest in the store.
    if (series.verdict.empty() || newest.end || newest.identity.boot_id != boot_id) continue;
    if (newest.last_ns < now.boot_ns - kFresh || newest.last_ns > now.boot_ns) continue;
    Verdict& known = verdicts_[{newest.identity.pid, newest.identity.start_ticks}];
    if (known.word.empty() || known.last_ns < newest.last_ns)
      known = {newest.last_ns, series.verdict};
  }
  return {};
}

std::string KnownVerdicts::of(std::uint32_t pid, std::uint64_t start_ticks) const {
  auto found = verdicts_.find({pid, start_ticks});
  return found == verdicts_.end() ? std::string() : found->second.word;
}

}  // namespace seep::pipeline
