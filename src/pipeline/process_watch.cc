#include "pipeline/process_watch.h"

#include <sys/resource.h>

#include <utility>

#include "procfs/cgroup.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"

namespace seep::pipeline {
namespace {

/// Of snapshots that are taken without being asked for each.
constexpr std::uint64_t kMostSnapshotBytes = std::uint64_t{1} << 30;

/// Two files are kept open for each process; most systems allow 1,024 unless one asks.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

Result<void> check_that_they_run(const std::vector<pid_t>& pids) {
  for (pid_t pid : pids) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    std::string who = "process " + std::to_string(pid);
    if (!stat) return fail(ErrorKind::kNotFound, "there is no " + who);
    if (stat->is_zombie())
      return fail(ErrorKind::kNotFound, who + " (" + stat->name + ") has ended (a zombie)");
    if (stat->is_kernel_thread())
      return fail(
          ErrorKind::kUnsupported,
          who + " (" + stat->name + ") is a thread of the kernel: it has no memory of its own");
  }
  return {};
}

}  // namespace

std::uint64_t host_bytes() {
  Result<std::string> text = procfs::read_proc_file("/proc/meminfo");
  return text ? procfs::parse_meminfo(*text).total.bytes() : 0;
}

ProcessWatch::ProcessWatch(const ProcessWatchOptions& options)
    : snapshot_share_(options.snapshot_share),
      snapshot_folder_(options.snapshot_folder),
      processes_(std::make_unique<WatchedProcesses>(options.targets)),
      sampler_(std::make_unique<monitor::Sampler>(
          *processes_, monitor::SamplerRules{.interval_s = options.interval_s})),
      judge_(monitor::JudgeRules{.host_bytes = host_bytes()}) {}

Result<ProcessWatch> ProcessWatch::start(const ProcessWatchOptions& options) {
  TRY(check_that_they_run(options.targets.pids));
  allow_many_files();
  ProcessWatch watch(options);
  if (!options.store.empty()) TRY(watch.open_store(options));
  if (options.snapshot_share) TRY(watch.make_snapshots());
  return watch;
}

Result<void> ProcessWatch::make_snapshots() {
  SnapshotFolder folder = TRY(SnapshotFolder::open(snapshot_folder_, kMostSnapshotBytes));
  snapshots_ = std::make_unique<TimelySnapshots>(
      SnapshotRules{.share = snapshot_share_, .host_bytes = host_bytes()}, std::move(folder));
  return {};
}

Result<std::string> ProcessWatch::take_snapshot(const monitor::ProcessIdentity& process,
                                                Instant now) {
  if (!snapshots_) TRY(make_snapshots());
  for (const monitor::WatchedProcess& one : state().processes)
    if (one.identity == process) return snapshots_->take_now(one, now);
  return fail(ErrorKind::kNotFound, "the process is not watched any more");
}

Result<void> ProcessWatch::open_store(const ProcessWatchOptions& options) {
  recorder_ = TRY(monitor::Recorder::open(options.store, options.store_limits));
  sampler_->state().store = options.store;
  std::string boot_id = TRY(procfs::read_boot_id());
  return recorder_->recall(
      boot_id, Instant::now(),
      [&](const monitor::ProgramName& name) {
        return processes_->wants(name.program, name.executable);
      },
      *sampler_, judge_);
}

WatchNews ProcessWatch::round(Instant now) {
  WatchNews news;
  news.events = sampler_->round(now);
  for (const monitor::RoundEvents::End& end : news.events.ended)
    judge_.explain_end(*sampler_, end.process, end.oom_counted, now);
  news.verdicts = judge_.round(*sampler_, now);
  if (snapshots_) {
    news.snapshots = snapshots_->round(sampler_->state(), now);
    note_snapshots(news.snapshots, now);
  }
  if (recorder_) recorder_->write(sampler_->state(), news.events, news.verdicts, now);
  gather_notes();
  return news;
}

void ProcessWatch::finish(Instant now) {
  if (snapshots_) note_snapshots(snapshots_->finish(sampler_->state(), now), now);
  judge_.judge_all(*sampler_);
  if (recorder_) recorder_->write(sampler_->state(), {}, {}, now);
  gather_notes();
}

void ProcessWatch::note_snapshots(const std::vector<TimelySnapshots::News>& news, Instant now) {
  if (!recorder_) return;
  for (const TimelySnapshots::News& one : news)
    recorder_->note(sampler_->state().processes[one.process], one.text, now);
}

void ProcessWatch::gather_notes() {
  std::vector<std::string>& notes = sampler_->state().notes;
  notes = processes_->notes();
  for (std::string& note : sampler_->notes()) notes.push_back(std::move(note));
  if (!recorder_) return;
  for (std::string& note : recorder_->notes()) notes.push_back(std::move(note));
}

}  // namespace seep::pipeline
