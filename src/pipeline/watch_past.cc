#include "pipeline/watch_past.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/count_text.h"
#include "monitor/judge.h"
#include "monitor/recall.h"
#include "monitor/sampler.h"
#include "pipeline/process_watch.h"
#include "procfs/process_status.h"

namespace seep::pipeline {
namespace {

using monitor::PastEvent;
using monitor::StoredProcess;
using monitor::StoredSeries;
using monitor::WatchedProcess;

/// Of a process of an earlier boot, or of another machine, nothing is known but the store's word.
bool is_gone(const StoredProcess& process, const std::string& boot_id) {
  if (process.end) return true;
  if (process.identity.boot_id != boot_id) return false;
  Result<procfs::ProcessStat> stat = procfs::read_stat(static_cast<pid_t>(process.identity.pid));
  return !stat || stat->start_ticks != process.identity.start_ticks || stat->is_zombie();
}

bool is_of_boot(const std::vector<StoredSeries>& all, const std::string& boot_id) {
  return std::ranges::any_of(all, [&](const StoredSeries& series) {
    return series.processes.back().identity.boot_id == boot_id;
  });
}

void note_diagnostics(const Diagnostics& diagnostics, std::vector<std::string>& notes) {
  for (const auto& [what, count] : diagnostics.counts())
    notes.push_back("of the store: " + count_text(count) + " " + what);
}

void set_span(const std::vector<StoredSeries>& all, WatchPast& past) {
  std::int64_t first_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_ns = std::numeric_limits<std::int64_t>::min();
  for (const StoredSeries& series : all) {
    first_ns = std::min(first_ns, series.processes.front().first_ns);
    last_ns = std::max(last_ns, series.processes.back().last_ns);
  }
  if (first_ns <= last_ns) past.seconds = static_cast<double>(last_ns - first_ns) * 1e-9;
  if (!past.events.empty()) past.first_wall_ns = past.events.front().wall_ns;
}

/// What the store says of a series, into what was recalled of it.
void take_ends(const std::vector<PastEvent>& events, bool gone, WatchedProcess& process) {
  process.ended = gone;
  for (const PastEvent& event : events)
    if (event.kind == PastEvent::Kind::kEnded && event.oom) process.oom = event.oom;
}

}  // namespace

Result<WatchPast> read_watch_past(const std::string& path, const WatchTargets& targets) {
  monitor::Store store = TRY(monitor::Store::open_to_read(path));
  std::string boot_id = TRY(procfs::read_boot_id());
  WatchedProcesses processes(targets);
  monitor::Sampler sampler(processes);
  Diagnostics diagnostics;
  std::vector<StoredSeries> all = TRY(store.series(diagnostics));
  // What this machine has says nothing of another one.
  std::uint64_t host = is_of_boot(all, boot_id) ? host_bytes() : 0;
  monitor::Judge judge(monitor::JudgeRules{.host_bytes = host});
  auto wanted = [&](const monitor::ProgramName& name) {
    return processes.wants(name.program, name.executable);
  };
  TRY(monitor::recall(store, {boot_id, Instant::now(), wanted}, sampler, judge, diagnostics));
  judge.judge_all(sampler);

  WatchPast past;
  std::erase_if(all, [&](const StoredSeries& series) { return !wanted(series.name); });
  for (const StoredSeries& series : all) {
    const StoredProcess& newest = series.processes.back();
    bool gone = is_gone(newest, boot_id);
    std::vector<PastEvent> events =
        TRY(monitor::past_events(store, series, gone, host, diagnostics));
    for (WatchedProcess& process : sampler.state().processes)
      if (process.identity == newest.identity && process.program == series.name.program)
        take_ends(events, gone, process);
    std::ranges::move(events, std::back_inserter(past.events));
  }
  std::ranges::stable_sort(past.events, {}, &PastEvent::monotonic_ns);
  past.state = std::move(sampler.state());
  past.state.store = path;
  set_span(all, past);
  note_diagnostics(diagnostics, past.state.notes);
  return past;
}

}  // namespace seep::pipeline
