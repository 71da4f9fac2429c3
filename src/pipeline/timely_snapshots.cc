#include "pipeline/timely_snapshots.h"

#include <malloc.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "analysis/diff_report.h"
#include "base/count_text.h"
#include "monitor/verdict.h"
#include "pipeline/capture.h"
#include "pipeline/compare.h"
#include "pipeline/snapshot_profiles.h"
#include "profile/profile_writer.h"
#include "snapshot/snapshot_file.h"

namespace seep::pipeline {

using analysis::HeapSide;
using monitor::Figure;
using monitor::JoinedFinding;
using monitor::SeriesVerdict;
using monitor::WatchedProcess;
using monitor::WatchState;

namespace {

constexpr double kSecond = 1e9;
constexpr std::size_t kMostFindings = 3;
/// What two snapshots tell apart: growth by this, or by a fiftieth of what is there.
constexpr double kVisibleBytes = 4.0 * (1 << 20);
constexpr double kVisibleCount = 50;
constexpr double kVisibleShare = 0.02;

std::pair<std::uint32_t, std::uint64_t> key_of(const WatchedProcess& process) {
  return {process.identity.pid, process.identity.start_ticks};
}

/// While it lives, new threads leave the signals that end a watch to the thread that waits for
/// them.
class SignalsForMain {
 public:
  SignalsForMain() {
    sigset_t signals;
    sigemptyset(&signals);
    for (int signal : {SIGINT, SIGTERM, SIGWINCH}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, &before_);
  }
  ~SignalsForMain() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsForMain(const SignalsForMain&) = delete;
  SignalsForMain& operator=(const SignalsForMain&) = delete;

 private:
  sigset_t before_{};
};

std::vector<JoinedFinding> joined_findings(const std::vector<analysis::Finding>& all) {
  std::vector<JoinedFinding> joined;
  for (const analysis::Finding& finding : all) {
    if (finding.informational || joined.size() == kMostFindings) continue;
    joined.push_back({finding.title, finding.scenario, analysis::to_text(finding.confidence),
                      finding.bytes.bytes(), finding.growth_bytes_per_s, finding.remedy,
                      finding.fingerprint});
  }
  return joined;
}

const SeriesVerdict* leading(const WatchedProcess& process) {
  if (!process.verdict) return nullptr;
  for (const SeriesVerdict& one : process.verdict->series)
    if (process.verdict->leading == one.series) return &one;
  return nullptr;
}

/// The name of the file that is written, or why there is none.
std::string profile_text(const profile::Profile& profile, const std::string& path) {
  Result<void> written = profile::write_profile_file(profile, path);
  std::string name = path.substr(path.rfind('/') + 1);
  return written ? name : "no " + name + " (" + written.error().message + ")";
}

/// Writes a snapshot's profiles beside it and tells their names.
std::string write_profiles(const snapshot::Snapshot& taken, const std::string& path) {
  std::optional<profile::Profile> heap = heap_profile_of(taken);
  return "; with " +
         (heap ? profile_text(*heap, heap_profile_path(path))
               : "no heap profile (the program keeps no samples: MemProfileRate is 0)") +
         " and " + profile_text(goroutine_profile_of(taken), goroutine_profile_path(path));
}

std::string stop_text(double stopped_ms) {
  char text[64];
  std::snprintf(text, sizeof text, "; it stood still for %.1f ms", stopped_ms);
  return text;
}

}  // namespace

TimelySnapshots::TimelySnapshots(const SnapshotRules& rules, SnapshotFolder folder)
    : rules_(rules), folder_(std::move(folder)) {}

TimelySnapshots::~TimelySnapshots() = default;

bool TimelySnapshots::is_near_limit(const WatchedProcess& process, Subject& subject) const {
  double limit = static_cast<double>(process.memory_limit.value_or(rules_.host_bytes));
  if (!(limit > 0)) return false;
  double rss = static_cast<double>(process.latest[Figure::kRss].value_or(0));
  double group = static_cast<double>(process.latest[Figure::kCgroupWorkingSet].value_or(0));
  // The group's memory counts for the process that has most of it.
  bool of_group = process.limit_source == "cgroup" && rss >= group / 2;
  double used = of_group ? std::max(rss, group) : rss;
  if (used < rules_.again * *rules_.share * limit) subject.saved = false;
  return used >= *rules_.share * limit;
}

std::optional<TimelySnapshots::Purpose> TimelySnapshots::due(const WatchedProcess& process,
                                                             Subject& subject, Instant now) const {
  if (!rules_.share) return std::nullopt;
  if (is_near_limit(process, subject) && !subject.saved) return Purpose::kNearLimit;
  const SeriesVerdict* lead = leading(process);
  bool alarm = lead && monitor::is_alarm(process.verdict->kind);
  if (!alarm) {
    subject.alarmed = false;
    subject.before.reset();
    return std::nullopt;
  }
  if (!subject.alarmed) {
    bool bytes = monitor::is_bytes(lead->series);
    double visible = std::max(bytes ? kVisibleBytes : kVisibleCount, kVisibleShare * lead->level);
    double needed = lead->rate > 0 ? visible / lead->rate : rules_.most_distance_s;
    subject.distance_s = std::clamp(needed, rules_.least_distance_s, rules_.most_distance_s);
    return Purpose::kFirstOfTwo;
  }
  double passed = static_cast<double>(now.boot_ns - subject.before_ns) / kSecond;
  if (subject.before && passed >= subject.distance_s) return Purpose::kSecondOfTwo;
  return std::nullopt;
}

TimelySnapshots::Done TimelySnapshots::take(pid_t pid, Key key, const std::string& path,
                                            Purpose purpose, std::unique_ptr<HeapSide> before) {
  Done done;
  done.key = key;
  done.path = path;
  Result<snapshot::Snapshot> taken = capture(pid, {});
  if (!taken) {
    done.error = taken.error();
    return done;
  }
  done.stopped_ms = taken->freeze.total_stopped_ms;
  Result<void> written = snapshot::write_snapshot_file(*taken, path);
  if (!written) done.error = written.error();
  bool compared = purpose == Purpose::kFirstOfTwo || purpose == Purpose::kSecondOfTwo;
  if (written && !compared) done.profiles = write_profiles(*taken, path);
  AnalyzeOptions options{.target = std::to_string(pid), .progress = {}};
  if (purpose == Purpose::kFirstOfTwo) {
    Result<HeapSide> side = summarize(*taken, options);
    if (side)
      done.side = std::make_unique<HeapSide>(std::move(*side));
    else
      done.error = side.error();
  } else if (purpose == Purpose::kSecondOfTwo) {
    Result<analysis::DiffReport> difference = compare(std::move(*before), *taken, options);
    if (difference)
      done.findings = joined_findings(difference->findings);
    else
      done.error = difference.error();
    done.compared = difference.has_value();
  }
  return done;
}

std::string TimelySnapshots::begin(const WatchedProcess& process, Subject& subject, Purpose purpose,
                                   Instant now) {
  // Whatever comes of it, it is not tried again every second.
  if (purpose == Purpose::kNearLimit) subject.saved = true;
  if (purpose == Purpose::kFirstOfTwo) {
    subject.alarmed = true;
    subject.before_ns = now.boot_ns;
  }
  std::string path = folder_.path_for(process.program, process.identity.pid, now.wall_ns,
                                      purpose == Purpose::kAsked);
  SignalsForMain signals;
  running_ = std::async(std::launch::async, take, static_cast<pid_t>(process.identity.pid),
                        key_of(process), path, purpose,
                        purpose == Purpose::kAsked ? nullptr : std::move(subject.before));
  return path;
}

Result<std::string> TimelySnapshots::take_now(const WatchedProcess& process, Instant now) {
  if (running_) return fail(ErrorKind::kUnsupported, "another one is being taken; try again then");
  return begin(process, subjects_[key_of(process)], Purpose::kAsked, now);
}

std::vector<TimelySnapshots::News> TimelySnapshots::take_over(WatchState& state, Instant now) {
  Done done = running_->get();
  running_.reset();
  // A large heap has passed through this process's memory.
  malloc_trim(0);
  folder_.keep_bound();
  auto found = std::ranges::find_if(
      state.processes, [&](const WatchedProcess& process) { return key_of(process) == done.key; });
  if (found == state.processes.end()) return {};
  std::size_t index = static_cast<std::size_t>(found - state.processes.begin());
  std::vector<News> news;
  if (done.error) {
    news.push_back({index, "no snapshot: " + done.error->message});
    found->notes.push_back(news.back().text);
  } else {
    found->snapshots.push_back(done.path);
    news.push_back(
        {index, "snapshot saved: " + done.path + stop_text(done.stopped_ms) + done.profiles});
  }
  if (done.side) {
    Subject& subject = subjects_[done.key];
    subject.before = std::move(done.side);
    subject.before_ns = now.boot_ns;
  }
  if (!done.compared) return news;
  found->findings = std::move(done.findings);
  for (const JoinedFinding& finding : found->findings)
    news.push_back({index, "found: " + finding.title + " (" + finding.confidence +
                               "); fix: " + finding.remedy});
  if (found->findings.empty())
    news.push_back({index, "two snapshots show nothing that grew by more than chance"});
  return news;
}

std::vector<TimelySnapshots::News> TimelySnapshots::round(WatchState& state, Instant now) {
  std::vector<News> news;
  if (running_) {
    if (running_->wait_for(std::chrono::seconds(0)) != std::future_status::ready) return news;
    news = take_over(state, now);
  }
  std::map<Key, Subject> subjects;
  for (const WatchedProcess& process : state.processes) {
    if (process.ended || process.go_version.empty()) continue;
    Subject& subject = subjects[key_of(process)];
    auto known = subjects_.find(key_of(process));
    if (known != subjects_.end()) subject = std::move(known->second);
  }
  subjects_ = std::move(subjects);
  for (const WatchedProcess& process : state.processes) {
    if (process.ended || process.go_version.empty()) continue;
    Subject& subject = subjects_[key_of(process)];
    std::optional<Purpose> purpose = due(process, subject, now);
    if (!purpose || running_) continue;
    begin(process, subject, *purpose, now);
  }
  return news;
}

std::vector<TimelySnapshots::News> TimelySnapshots::finish(WatchState& state, Instant now) {
  if (!running_) return {};
  running_->wait();
  return take_over(state, now);
}

}  // namespace seep::pipeline
