#include "monitor/recorder.h"

#include <algorithm>
#include <utility>

#include "base/count_text.h"
#include "monitor/recall.h"

namespace seep::monitor {

namespace {

/// Events and ends that wait for a store that cannot be written.
constexpr std::size_t kMostWaiting = 1000;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text;
}

}  // namespace

Result<Recorder> Recorder::open(const std::string& path, const StoreLimits& limits) {
  return Recorder(TRY(Store::open(path, limits)));
}

Result<void> Recorder::recall(const std::string& boot_id, Instant now,
                              const std::function<bool(const ProgramName&)>& wanted,
                              Sampler& sampler, const Judge& judge) {
  return monitor::recall(store_, {boot_id, now, wanted}, sampler, judge, diagnostics_);
}

void Recorder::add_samples(const WatchState& state, const RoundEvents& events) {
  round_.samples.resize(events.sampled.size());
  for (std::size_t i = 0; i < events.sampled.size(); ++i) {
    const WatchedProcess& process = state.processes[events.sampled[i]];
    RoundSample& into = round_.samples[i];
    into.identity = process.identity;
    into.name.program = process.program;
    into.name.executable = process.executable;
    into.name.go_version = process.go_version;
    into.name.container = process.container;
    into.sample = process.history.back();
  }
}

void Recorder::add_verdict(const WatchedProcess& process, Instant now) {
  std::vector<std::string> evidence = process.verdict->evidence;
  for (const SeriesVerdict& series : process.verdict->series)
    if (series.series == process.verdict->leading)
      evidence.insert(evidence.begin(), series.evidence.begin(), series.evidence.end());
  round_.events.push_back({process.identity, EventKind::kVerdict, now.boot_ns, now.wall_ns,
                           std::string(name_of(process.verdict->kind)), joined(evidence)});
}

void Recorder::add_end(const WatchedProcess& process, bool counted, Instant now) {
  bool known = process.latest[Figure::kCgroupOomKills].has_value();
  EndKind how = counted ? EndKind::kOomKilled : known ? EndKind::kNotOomKilled : EndKind::kUnknown;
  round_.ends.push_back({process.identity, how});
  if (!process.oom || process.oom->monotonic_ns != now.boot_ns) return;
  const OomAnswer& answer = process.oom->answer;
  round_.events.push_back({process.identity, EventKind::kOomKill, now.boot_ns, now.wall_ns,
                           answer.cause ? std::string(name_of(*answer.cause)) : std::string(),
                           joined(answer.evidence)});
}

void Recorder::write(const WatchState& state, const RoundEvents& events,
                     const std::vector<std::size_t>& verdicts, Instant now) {
  add_samples(state, events);
  for (std::size_t index : verdicts) add_verdict(state.processes[index], now);
  for (const RoundEvents::End& end : events.ended)
    add_end(state.processes[end.process], end.oom_counted, now);
  Result<void> written = store_.put(round_);
  if (written) {
    trouble_.clear();
    round_.events.clear();
    round_.ends.clear();
    return;
  }
  trouble_ = written.error().message;
  ++lost_rounds_;
  // Samples come again, events and ends do not: they stay for the next round.
  if (round_.events.size() > kMostWaiting) round_.events.resize(kMostWaiting);
  if (round_.ends.size() > kMostWaiting) round_.ends.resize(kMostWaiting);
}

void Recorder::note(const WatchedProcess& process, const std::string& text, Instant now) {
  round_.events.push_back(
      {process.identity, EventKind::kNote, now.boot_ns, now.wall_ns, text, std::string()});
}

std::vector<std::string> Recorder::notes() const {
  std::vector<std::string> notes;
  if (!trouble_.empty())
    notes.push_back("the store cannot be written, sampling goes on: " + trouble_);
  else if (lost_rounds_ > 0)
    notes.push_back("the store is written again; " + counted(lost_rounds_, "round") +
                    " could not be kept");
  for (const auto& [what, count] : diagnostics_.counts())
    notes.push_back("of the store: " + count_text(count) + " " + what);
  return notes;
}

}  // namespace seep::monitor
