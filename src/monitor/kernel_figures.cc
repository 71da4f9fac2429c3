#include "monitor/kernel_figures.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"

namespace seep::monitor {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kBetweenGroups = 60 * kSecond;  // a process may be moved, a limit be changed
// smaps_rollup walks the page tables: about a millisecond for each 100 MiB that are resident.
// Writers of the process's mappings wait for it for a short time only: the kernel lets them go
// first when they ask (fs/proc/task_mmu.c, show_smaps_rollup). It may take a thousandth of the
// time.
constexpr std::int64_t kBetweenSums = 60 * kSecond;
constexpr double kSumsShare = 0.001;

void put(std::optional<std::uint64_t> value, Figure figure, ProcessSample& sample) {
  if (value) sample[figure] = static_cast<std::int64_t>(*value);
}

}  // namespace

KernelFigures::KernelFigures(procfs::HeldProcess process, MemoryGroups& groups)
    : process_(std::move(process)), groups_(groups) {}

void KernelFigures::read_group(bool anew, ProcessSample& sample) {
  if (sample.monotonic_ns >= group_due_ns_ && !anew) {
    cgroups_ = groups_.groups_of(process_.pid(), sample.monotonic_ns);
    group_due_ns_ = sample.monotonic_ns + kBetweenGroups;
  }
  if (cgroups_) groups_.read(*cgroups_, anew, sample);
}

void KernelFigures::read_seldom(ProcessSample& sample) {
  if (sums_refused_) return;
  if (sample.monotonic_ns < sums_due_ns_) return;
  Stopwatch watch;
  Result<procfs::MemoryFigures> sums = process_.read_memory_figures();
  double cost_ns = watch.elapsed().count() * 1e6;
  // The id spreads those that were found in one round over the next ones.
  std::int64_t wait_ns = kBetweenSums + process_.pid() % 30 * kSecond;
  sums_due_ns_ =
      sample.monotonic_ns + std::max(wait_ns, static_cast<std::int64_t>(cost_ns / kSumsShare));
  if (!sums) {
    sums_refused_ = sums.error().kind == ErrorKind::kPermissionDenied;
    return;
  }
  put(sums->pss, Figure::kPss, sample);
  put(sums->lazy_free, Figure::kLazyFree, sample);
}

SampledProcess::State KernelFigures::read(ProcessSample& sample) {
  Result<procfs::ProcessGauges> gauges = process_.read_gauges();
  // A process that is just ending has no memory any more and is not yet a zombie.
  if (!gauges || !gauges->resident) {
    read_last_words(sample);
    return SampledProcess::State::kEnded;
  }
  put(gauges->resident, Figure::kRss, sample);
  put(gauges->anonymous, Figure::kAnonymous, sample);
  put(gauges->file, Figure::kFile, sample);
  put(gauges->shared, Figure::kShared, sample);
  put(gauges->swap, Figure::kSwap, sample);
  put(gauges->threads, Figure::kThreads, sample);
  if (!files_refused_) {
    Result<std::uint64_t> files = process_.count_open_files();
    if (files)
      put(*files, Figure::kOpenFiles, sample);
    else
      files_refused_ = files.error().kind == ErrorKind::kPermissionDenied;
  }
  read_seldom(sample);
  read_group(false, sample);
  return SampledProcess::State::kRunning;
}

}  // namespace seep::monitor
