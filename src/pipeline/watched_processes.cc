#include "pipeline/watched_processes.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/count_text.h"
#include "monitor/kernel_figures.h"
#include "procfs/container.h"
#include "procfs/executable.h"
#include "procfs/held_process.h"
#include "procfs/proc_file.h"
#include "procfs/process_status.h"

namespace seep::pipeline {

using monitor::Figure;
using monitor::FoundProcess;
using monitor::KernelFigures;
using monitor::ProcessSample;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// A program that has just begun cannot be read yet; one that cannot be read after a while never
/// will.
constexpr int kMostTries = 8;
/// So often a process of another program is believed to be that still; it may load a library.
constexpr int kBelieved = 8;

template <typename T>
void put(const std::optional<T>& value, Figure figure, ProcessSample& sample) {
  if (value) sample[figure] = static_cast<std::int64_t>(*value);
}

void put(const snapshot::GoFigures& figures, ProcessSample& sample) {
  put(figures.heap_marked, Figure::kHeapMarked, sample);
  put(figures.heap_alloc, Figure::kHeapAlloc, sample);
  put(figures.heap_in_use, Figure::kHeapInUse, sample);
  put(figures.heap_idle, Figure::kHeapIdle, sample);
  put(figures.heap_released, Figure::kHeapReleased, sample);
  put(figures.stacks_in_use, Figure::kStacks, sample);
  if (figures.metadata)
    put(std::optional(*figures.metadata + figures.profile_buckets.value_or(0)), Figure::kMetadata,
        sample);
  put(figures.objects, Figure::kObjects, sample);
  put(figures.goroutines, Figure::kGoroutines, sample);
  put(figures.collections, Figure::kCollections, sample);
  put(figures.heap_goal, Figure::kHeapGoal, sample);
  put(figures.gc_percent, Figure::kGcPercent, sample);
  put(figures.memory_limit, Figure::kMemoryLimit, sample);
  put(figures.last_collection_ns, Figure::kLastCollection, sample);
}

/// Go's own figures of one process.
class GoFigures {
 public:
  /// `finder` outlives this.
  GoFigures(pid_t pid, GoProcessFinder& finder) : pid_(pid), finder_(finder) {}

  void read(ProcessSample& sample) {
    if (!peek_ && tries_ < kMostTries && sample.monotonic_ns >= next_try_ns_) open(sample);
    if (peek_) put(peek_->read(), sample);
  }
  const std::string& trouble() const { return trouble_; }

 private:
  void open(const ProcessSample& sample) {
    next_try_ns_ = sample.monotonic_ns + (std::int64_t{1} << tries_) * kSecond;
    ++tries_;
    Result<std::optional<GoProcess>> process = finder_.find(pid_);
    if (!process || !*process) return;
    Result<GoPeek> peek = GoPeek::open(**process);
    if (peek) {
      peek_ = std::move(*peek);
      trouble_.clear();
    } else {
      trouble_ = "Go's own figures cannot be read: " + peek.error().message;
    }
  }

  pid_t pid_;
  GoProcessFinder& finder_;
  std::optional<GoPeek> peek_;
  int tries_ = 0;
  std::int64_t next_try_ns_ = 0;
  std::string trouble_;
};

class LiveSampledProcess final : public monitor::SampledProcess {
 public:
  LiveSampledProcess(KernelFigures kernel, std::optional<procfs::FileIdentity> executable,
                     std::optional<GoFigures> go)
      : kernel_(std::move(kernel)), executable_(executable), go_(std::move(go)) {}

  State read(ProcessSample& sample) override {
    State state = kernel_.read(sample);
    if (state != State::kRunning) return state;
    if (go_) go_->read(sample);
    // Memory is read by the id: only now it is known that it was still this process's.
    Result<procfs::FileIdentity> now = kernel_.process().read_executable();
    if (!now && now.error().kind == ErrorKind::kNotFound) {
      sample.values = {};
      kernel_.read_last_words(sample);
      return State::kEnded;
    }
    if (now && executable_ && *now != *executable_) return State::kOtherProgram;
    return was_executed_anew(sample) ? State::kOtherProgram : State::kRunning;
  }

  std::vector<std::string> notes() const override {
    if (!executable_)
      return {"only the kernel's figures: run as root or as its user to see whether it is Go's"};
    if (!go_ || go_->trouble().empty()) return {};
    return {go_->trouble()};
  }

 private:
  /// A program that executes itself stays the same file and process; its collections are counted
  /// from nothing again.
  bool was_executed_anew(const ProcessSample& sample) {
    std::optional<std::int64_t> collections = sample[Figure::kCollections];
    if (!collections) return false;
    bool fewer = collections < collections_;
    collections_ = collections;
    return fewer;
  }

  KernelFigures kernel_;
  std::optional<procfs::FileIdentity> executable_;  ///< absent: this user may not know
  std::optional<GoFigures> go_;
  std::optional<std::int64_t> collections_;
};

/// With the arguments: one interpreter runs many programs.
std::string key_of_other(pid_t pid, const std::string& executable, const std::string& container) {
  constexpr std::size_t kMostArguments = 4096;
  Result<std::string> arguments =
      procfs::read_proc_file(procfs::proc_path(pid, "cmdline"), kMostArguments);
  return monitor::series_key(executable, container) + '\n' + arguments.value_or("");
}

std::int64_t started_ns(const procfs::ProcessStat& stat) {
  std::uint64_t ticks = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  return static_cast<std::int64_t>(stat.start_ticks / ticks * kSecond +
                                   stat.start_ticks % ticks * kSecond / ticks);
}

}  // namespace

WatchedProcesses::WatchedProcesses(WatchTargets targets)
    : targets_(std::move(targets)), boot_id_(procfs::read_boot_id().value_or("")) {
  std::ranges::sort(targets_.pids);
}

Result<std::vector<pid_t>> WatchedProcesses::list(const std::set<std::string>& restarts) {
  if (!targets_.all && targets_.patterns.empty() && restarts.empty()) return targets_.pids;
  Result<std::vector<pid_t>> pids = procfs::list_processes();
  if (!pids) return pids;
  auto gone = [&](pid_t pid) { return !std::ranges::binary_search(*pids, pid); };
  std::erase_if(hidden_, gone);
  std::erase_if(others_, [&](const auto& other) { return gone(other.first); });
  return pids;
}

bool WatchedProcesses::is_named(pid_t pid, std::uint64_t start_ticks) {
  if (!std::ranges::binary_search(targets_.pids, pid)) return false;
  return named_.try_emplace(pid, start_ticks).first->second == start_ticks;
}

bool WatchedProcesses::matches(const std::string& program) const {
  return std::ranges::any_of(targets_.patterns, [&](const std::string& pattern) {
    return procfs::program_matches(program, pattern);
  });
}

bool WatchedProcesses::wants(const std::string& program, const std::string& executable) const {
  if (targets_.all || matches(program)) return true;
  return std::ranges::any_of(targets_.pids, [&](pid_t pid) {
    return !executable.empty() && procfs::read_executable_path(pid) == executable;
  });
}

bool WatchedProcesses::is_known_other(pid_t pid, const procfs::FileIdentity& executable) {
  auto other = others_.find(pid);
  if (other == others_.end() || other->second.executable != executable) return false;
  return ++other->second.believed % kBelieved != 0;
}

void WatchedProcesses::note_hidden(pid_t pid, const Error& error) {
  if (error.kind != ErrorKind::kPermissionDenied) return;
  // Nobody but root is told so of threads of the kernel, which run no file at all.
  Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
  if (stat && !stat->is_kernel_thread() && !stat->is_zombie()) hidden_.insert(pid);
}

std::optional<FoundProcess> WatchedProcesses::examine(pid_t pid,
                                                      const std::set<std::string>& restarts) {
  if (pid == getpid()) return std::nullopt;
  bool named = std::ranges::binary_search(targets_.pids, pid);
  Result<procfs::FileIdentity> identity = procfs::read_executable_identity(pid);
  if (!identity) note_hidden(pid, identity.error());
  bool hidden = !identity && identity.error().kind == ErrorKind::kPermissionDenied;
  if (!identity && !(hidden && named)) return std::nullopt;
  if (!named && is_known_other(pid, *identity)) return std::nullopt;
  std::string path = procfs::read_executable_path(pid);
  bool wanted = named || targets_.all || matches(procfs::program_name(path));
  auto restart = restarts.lower_bound(path + '\n');
  bool may_be_restart = restart != restarts.end() && restart->starts_with(path + '\n');
  if (!wanted && !may_be_restart) return std::nullopt;
  std::optional<GoProcess> go = finder_.find(pid).value_or(std::nullopt);
  if (go || named || may_be_restart) return describe(pid, path, go, restarts);
  others_[pid] = {*identity};
  return std::nullopt;
}

std::optional<FoundProcess> WatchedProcesses::describe(pid_t pid, const std::string& path,
                                                       const std::optional<GoProcess>& go,
                                                       const std::set<std::string>& restarts) {
  Result<procfs::HeldProcess> held = procfs::HeldProcess::open(pid);
  Result<procfs::ProcessStat> stat = held ? held->read_stat() : fail(ErrorKind::kNotFound, "");
  if (!stat || stat->is_zombie() || stat->is_kernel_thread()) return std::nullopt;
  if (go && go->stat.start_ticks != stat->start_ticks) return std::nullopt;
  std::optional<procfs::Container> container = procfs::read_container(pid);
  FoundProcess found;
  found.identity = {static_cast<std::uint32_t>(pid), stat->start_ticks, boot_id_};
  found.program = procfs::program_name(path);
  if (found.program.empty()) found.program = stat->name;
  found.executable = path;
  if (container) {
    found.container = container->id;
    found.container_short = procfs::short_name(*container);
  }
  found.series_key =
      go ? monitor::series_key(path, found.container) : key_of_other(pid, path, found.container);
  bool wanted =
      is_named(pid, stat->start_ticks) || (go && (targets_.all || matches(found.program)));
  if (!wanted && !restarts.contains(found.series_key)) return std::nullopt;
  found.only_as_restart = !wanted;
  found.started_ns = started_ns(*stat);
  if (go) found.go_version = go->file->build->go_version;
  if (Result<std::optional<std::uint64_t>> limit = held->read_open_files_limit())
    found.file_limit = *limit;
  std::optional<GoFigures> figures;
  if (go) figures.emplace(pid, finder_);
  std::optional<procfs::FileIdentity> executable;
  if (Result<procfs::FileIdentity> now = held->read_executable()) executable = *now;
  found.process = std::make_unique<LiveSampledProcess>(KernelFigures(std::move(*held), groups_),
                                                       executable, std::move(figures));
  return found;
}

std::vector<std::string> WatchedProcesses::notes() const {
  if (hidden_.empty() || (!targets_.all && targets_.patterns.empty())) return {};
  std::string count = count_text(hidden_.size());
  return {count + (hidden_.size() == 1 ? " process" : " processes") + " could not be looked at" +
          (geteuid() == 0 ? "" : "; run as root to see the processes of all users")};
}

}  // namespace seep::pipeline
