#include "monitor/past_events.h"

#include <algorithm>

#include "monitor/past_ends.h"

namespace seep::monitor {

namespace {

using Kind = PastEvent::Kind;

void add_starts(const StoredSeries& series, const std::vector<Sample>& rss,
                std::vector<PastEvent>& events) {
  for (std::size_t i = 0; i < series.processes.size(); ++i) {
    const StoredProcess& process = series.processes[i];
    auto first = std::lower_bound(
        rss.begin(), rss.end(), process.first_ns,
        [](const Sample& sample, std::int64_t time) { return sample.monotonic_ns < time; });
    if (first == rss.end()) continue;
    PastEvent& event = events.emplace_back();
    event.kind = i == 0 ? Kind::kWatched : Kind::kRestarted;
    event.monotonic_ns = process.first_ns;
    event.wall_ns = first->wall_ns;
    event.identity = process.identity;
    event.text = process.go_version;
  }
}

void add_end(PastEnd end, std::vector<PastEvent>& events) {
  PastEvent& event = events.emplace_back();
  event.kind = Kind::kEnded;
  event.monotonic_ns = end.monotonic_ns;
  event.wall_ns = end.wall_ns;
  event.identity = std::move(end.identity);
  event.seen = end.seen;
  event.oom = std::move(end.oom);
}

void add_stored(StoredEvent stored, std::vector<PastEvent>& events) {
  // Why it ran out of memory is told by its end.
  if (stored.kind == EventKind::kOomKill) return;
  PastEvent& event = events.emplace_back();
  event.kind = stored.kind == EventKind::kVerdict ? Kind::kVerdict : Kind::kNote;
  event.monotonic_ns = stored.monotonic_ns;
  event.wall_ns = stored.wall_ns;
  event.identity = std::move(stored.identity);
  event.text = std::move(stored.text);
  event.detail = std::move(stored.detail);
}

}  // namespace

std::string_view name_of(PastEvent::Kind kind) {
  switch (kind) {
    case Kind::kWatched:
      return "watched";
    case Kind::kRestarted:
      return "restarted";
    case Kind::kVerdict:
      return "verdict";
    case Kind::kNote:
      return "note";
    case Kind::kEnded:
      return "ended";
  }
  return "note";
}

Result<std::vector<PastEvent>> past_events(Store& store, const StoredSeries& series,
                                           bool newest_is_gone, std::uint64_t host_bytes,
                                           Diagnostics& diagnostics) {
  std::vector<PastEvent> events;
  std::vector<Sample> rss = TRY(store.values(series.id, Figure::kRss, {}, diagnostics));
  add_starts(series, rss, events);
  std::vector<StoredEvent> stored = TRY(store.events(series.id, {}));
  for (StoredEvent& event : stored) add_stored(std::move(event), events);
  std::vector<PastEnd> ends =
      TRY(past_ends(store, series, newest_is_gone, host_bytes, diagnostics));
  for (PastEnd& end : ends) add_end(std::move(end), events);
  std::ranges::stable_sort(events, {}, &PastEvent::monotonic_ns);
  for (PastEvent& event : events) event.program = series.name.program;
  return events;
}

}  // namespace seep::monitor
