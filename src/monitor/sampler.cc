#include "monitor/sampler.h"

#include <algorithm>
#include <utility>

#include "base/count_text.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// So many looks at a new process, one a round, before it is looked at seldom.
constexpr int kEagerLooks = 5;
constexpr std::int64_t kBetweenLooks = 30 * kSecond;
/// A process that replaces one was started after its last sample; start times are cut off to
/// hundredths of a second.
constexpr std::int64_t kOverlap = kSecond / 100;

void keep_latest(const ProcessSample& sample, ProcessSample& latest) {
  latest.monotonic_ns = sample.monotonic_ns;
  latest.wall_ns = sample.wall_ns;
  for (std::size_t i = 0; i < kFigures; ++i)
    if (sample.values[i]) latest.values[i] = sample.values[i];
}

void set_limit(const ProcessSample& sample, WatchedProcess& process) {
  auto lower_to = [&process](const std::optional<std::int64_t>& limit, const char* source) {
    if (!limit || *limit <= 0) return;
    std::uint64_t bytes = static_cast<std::uint64_t>(*limit);
    if (process.memory_limit && *process.memory_limit <= bytes) return;
    process.memory_limit = bytes;
    process.limit_source = source;
  };
  process.memory_limit.reset();
  process.limit_source.clear();
  lower_to(sample[Figure::kCgroupLimit], "cgroup");
  lower_to(sample[Figure::kMemoryLimit], "gomemlimit");
}

}  // namespace

Sampler::Sampler(ProcessSource& source, const SamplerRules& rules)
    : source_(source), rules_(rules) {
  state_.interval_s = rules.interval_s;
}

std::set<std::string> Sampler::keys_of_ended() const {
  std::set<std::string> keys;
  for (const Followed& one : followed_)
    if (!one.process) keys.insert(one.series_key);
  return keys;
}

RoundEvents Sampler::round(Instant now) {
  RoundEvents events;
  source_.begin_round();
  // What was remembered is ended until the first round has found it running.
  if (rounds_++ > 0) forget_ended();
  state_.wall_ns = now.wall_ns;
  find_new(now, events);
  for (std::size_t i = 0; i < followed_.size(); ++i)
    if (followed_[i].process) sample(i, now, events);
  return events;
}

void Sampler::find_new(Instant now, RoundEvents& events) {
  std::set<std::string> restarts = keys_of_ended();
  Result<std::vector<pid_t>> pids = source_.list(restarts);
  if (!pids) return;
  std::erase_if(passed_, [&](const auto& entry) {
    return !std::binary_search(pids->begin(), pids->end(), entry.first);
  });
  for (pid_t pid : *pids) {
    if (by_pid_.contains(pid)) continue;
    Passed& passed = passed_[pid];
    if (passed.looks >= kEagerLooks && now.boot_ns < passed.again_ns) continue;
    ++passed.looks;
    passed.again_ns = now.boot_ns + kBetweenLooks;
    std::optional<FoundProcess> found = source_.examine(pid, restarts);
    if (found) follow(std::move(*found), now, events);
  }
}

std::optional<std::size_t> Sampler::earlier_run(const FoundProcess& found) const {
  std::optional<std::size_t> latest;
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    const Followed& one = followed_[i];
    if (one.process) continue;
    if (state_.processes[i].identity == found.identity) return i;
    if (one.series_key != found.series_key) continue;
    if (found.started_ns + kOverlap < one.last_ns) continue;
    if (!latest || followed_[*latest].last_ns < one.last_ns) latest = i;
  }
  return latest;
}

void Sampler::take_up(std::size_t index, FoundProcess found) {
  WatchedProcess& process = state_.processes[index];
  process.identity = std::move(found.identity);
  process.program = std::move(found.program);
  process.executable = std::move(found.executable);
  process.go_version = std::move(found.go_version);
  process.container = std::move(found.container);
  process.container_short = std::move(found.container_short);
  process.file_limit = found.file_limit;
  process.notes.clear();
  process.ended = false;
  process.latest = {};
  Followed& followed = followed_[index];
  followed.process = std::move(found.process);
  followed.series_key = std::move(found.series_key);
  followed.executed_anew = false;
  followed.oom_kills.reset();
}

void Sampler::follow(FoundProcess found, Instant now, RoundEvents& events) {
  pid_t pid = static_cast<pid_t>(found.identity.pid);
  std::optional<std::size_t> earlier = earlier_run(found);
  if (!earlier && found.only_as_restart) return;
  std::size_t index = earlier.value_or(followed_.size());
  if (!earlier && followed_.size() >= rules_.most_processes) {
    ++refused_;
    return;
  }
  if (!earlier) {
    state_.processes.emplace_back();
    followed_.push_back({nullptr, {}, {}, EvenSpacing(rules_.most_of_history)});
  }
  bool same = earlier && state_.processes[index].identity == found.identity &&
              !followed_[index].executed_anew;
  if (earlier && !same) {
    remember_restart(index, now.boot_ns);
    events.restarted.push_back(index);
  } else {
    events.started.push_back(index);
  }
  take_up(index, std::move(found));
  by_pid_[pid] = index;
  passed_.erase(pid);
}

void Sampler::record(std::size_t index, const ProcessSample& sample) {
  Followed& followed = followed_[index];
  WatchedProcess& process = state_.processes[index];
  followed.spacing.push(process.history, sample);
  followed.course.push(sample);
  followed.last_ns = sample.monotonic_ns;
  keep_latest(sample, process.latest);
  ++process.samples;
  set_limit(process.latest, process);
  if (sample[Figure::kCgroupOomKills]) followed.oom_kills = sample[Figure::kCgroupOomKills];
  std::erase_if(process.restarts_ns, [&](std::int64_t restart) {
    return restart < process.history.front().monotonic_ns;
  });
}

void Sampler::sample(std::size_t index, Instant now, RoundEvents& events) {
  ProcessSample sample;
  sample.monotonic_ns = now.boot_ns;
  sample.wall_ns = now.wall_ns;
  Followed& followed = followed_[index];
  SampledProcess::State state = followed.process->read(sample);
  if (state == SampledProcess::State::kRunning) {
    state_.processes[index].notes = followed.process->notes();
    record(index, sample);
    events.sampled.push_back(index);
    return;
  }
  followed.executed_anew = state == SampledProcess::State::kOtherProgram;
  end(index, sample, events);
}

void Sampler::end(std::size_t index, const ProcessSample& last_words, RoundEvents& events) {
  WatchedProcess& process = state_.processes[index];
  Followed& followed = followed_[index];
  process.ended = true;
  by_pid_.erase(static_cast<pid_t>(process.identity.pid));
  followed.process.reset();
  std::optional<std::int64_t> kills = last_words[Figure::kCgroupOomKills];
  bool counted = kills && followed.oom_kills && *kills > *followed.oom_kills;
  events.ended.push_back({index, counted && !followed.executed_anew});
}

std::vector<std::string> Sampler::notes() const {
  std::vector<std::string> notes;
  if (refused_ > 0)
    notes.push_back(count_text(refused_) + " processes are not watched: at most " +
                    count_text(rules_.most_processes) + " are");
  if (forgotten_ > 0)
    notes.push_back(count_text(forgotten_) + " processes that have ended are left out: the last " +
                    count_text(rules_.most_ended) + " are kept");
  return notes;
}

std::size_t Sampler::remember(WatchedProcess past) {
  std::string key = series_key(past.executable, past.container);
  past.ended = true;
  state_.processes.push_back(std::move(past));
  followed_.push_back({nullptr, std::move(key), {}, EvenSpacing(rules_.most_of_history)});
  return followed_.size() - 1;
}

void Sampler::remember_sample(std::size_t index, const ProcessSample& sample) {
  record(index, sample);
}

void Sampler::remember_restart(std::size_t index, std::int64_t monotonic_ns) {
  followed_[index].course.mark_restart(monotonic_ns);
  state_.processes[index].restarts_ns.push_back(monotonic_ns);
}

void Sampler::forget_ended() {
  std::vector<std::pair<std::int64_t, std::size_t>> ended;
  for (std::size_t i = 0; i < followed_.size(); ++i)
    if (!followed_[i].process) ended.emplace_back(followed_[i].last_ns, i);
  if (ended.size() <= rules_.most_ended) return;
  std::ranges::sort(ended);
  ended.resize(ended.size() - rules_.most_ended);
  std::vector<bool> gone(followed_.size());
  for (const auto& [last_ns, index] : ended) gone[index] = true;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < followed_.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) {
      followed_[kept] = std::move(followed_[i]);
      state_.processes[kept] = std::move(state_.processes[i]);
    }
    if (followed_[kept].process)
      by_pid_[static_cast<pid_t>(state_.processes[kept].identity.pid)] = kept;
    ++kept;
  }
  forgotten_ += followed_.size() - kept;
  followed_.erase(followed_.begin() + static_cast<std::ptrdiff_t>(kept), followed_.end());
  state_.processes.resize(kept);
}

}  // namespace seep::monitor
