#include "pipeline/resident.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "goruntime/figures/goroutine_stacks.h"
#include "goruntime/figures/heap_pages.h"
#include "goruntime/figures/memory_policy.h"
#include "goruntime/figures/runtime_regions.h"
#include "goruntime/layout/later_go.h"
#include "goruntime/layout/runtime_variables.h"
#include "pipeline/glibc_memory.h"
#include "pipeline/go_process.h"
#include "pipeline/loaded_images.h"
#include "pipeline/memory_claims.h"
#include "pipeline/resident_accounts.h"
#include "procfs/cgroup.h"
#include "procfs/memory_devices.h"
#include "procfs/pagemap.h"
#include "procfs/process_status.h"
#include "procfs/smaps.h"
#include "procfs/thread_stacks.h"
#include "target/live_process.h"

namespace seep::pipeline {
namespace {

using goruntime::MemoryParts;
using snapshot::Resident;
using snapshot::ResidentFacts;
using snapshot::ResidentReading;

constexpr int kMostTries = 3;
constexpr std::uint64_t kFewOf = 200;  ///< one page in so many unexplained is as good as none
// Race detectors map terabytes and use a little of them: there the mapping's sum must do.
constexpr std::uint64_t kLargeMapping = std::uint64_t{64} << 30;
constexpr std::uint64_t kMostHoles = 8;  ///< times as large as what is resident
// Where Go up to 1.25 begins its heap, and how much it can have there (mallocinit, malloc.go).
constexpr AddressRange kUsualHeap{Address(0xc000000000), Address(0xc000000000 + (1ull << 40))};

MemoryParts parts_of(const std::vector<AddressRange>& ranges, Resident account) {
  MemoryParts parts;
  for (AddressRange range : ranges) parts.push_back({range, account});
  return parts;
}

/// Go's runtime in the process, if it has one; opened before pages are looked at, for it takes a
/// while.
struct RuntimeToRead {
  std::string go_version;      ///< empty: there is none
  std::optional<GoPeek> peek;  ///< none: it cannot be read
};

RuntimeToRead open_runtime(pid_t pid) {
  RuntimeToRead runtime;
  GoProcessFinder finder;
  Result<std::optional<GoProcess>> process = finder.find(pid);
  if (!process || !*process) return runtime;
  runtime.go_version = (*process)->file->build->go_version;
  Result<GoPeek> peek = GoPeek::open(**process);
  if (peek) runtime.peek.emplace(std::move(*peek));
  return runtime;
}

/// One look at the process.
class ResidentReader {
 public:
  ResidentReader(pid_t pid, const RuntimeToRead& runtime, Diagnostics& diagnostics)
      : pid_(pid), runtime_(runtime), diagnostics_(diagnostics) {}

  Result<ResidentReading> read() {
    // The kernel first: of pages that come into use meanwhile the runtime knows more, not less.
    sources_.rss_before = TRY(read_totals()).rss;
    sources_.mappings = TRY(procfs::read_smaps(pid_, diagnostics_));
    read_pages();
    procfs::MemoryFigures totals = TRY(read_totals());
    sources_.rss_after = totals.rss;
    read_runtime();
    claim_outside_of_go();
    add_kernel_facts(totals);
    return ResidentReading{resident_accounts(sources_, diagnostics_), facts_};
  }

 private:
  // Kernels before 4.14 do not add up.
  Result<procfs::MemoryFigures> read_totals() {
    Result<procfs::MemoryFigures> totals = procfs::read_memory_figures(pid_);
    if (totals || totals.error().kind != ErrorKind::kNotFound) return totals;
    procfs::MemoryFigures sum;
    for (const procfs::ResidentMapping& mapping : TRY(procfs::read_smaps(pid_, diagnostics_))) {
      const procfs::MemoryFigures& part = mapping.figures;
      sum.rss += part.rss;
      sum.pss += part.pss;
      sum.anonymous += part.anonymous;
      sum.huge_pages += part.huge_pages;
      sum.swap += part.swap;
      if (part.lazy_free) sum.lazy_free = sum.lazy_free.value_or(0) + *part.lazy_free;
    }
    return sum;
  }

  void read_runtime() {
    if (runtime_.go_version.empty()) return;
    facts_.later = goruntime::later_go(runtime_.go_version);
    if (!runtime_.peek || !claim_runtime(*runtime_.peek)) {
      diagnostics_.count("Go runtimes whose memory could not be read");
      sources_.claims.push_back({{kUsualHeap, Resident::kHeapLive}});
    }
  }

  bool claim_runtime(const GoPeek& peek) {
    const goruntime::RuntimeLayout& layout = peek.plan().layout;
    goruntime::RuntimeVariables variables = goruntime::moved(peek.plan().variables, peek.slide());
    Result<goruntime::HeapPages> heap = read_heap(peek, variables);
    if (!heap) return false;
    goruntime::RuntimeRegions regions =
        goruntime::read_runtime_regions(peek.memory(), layout, variables, diagnostics_);
    add_goroutines(peek, variables);
    add_figures(peek);
    compare_figures(regions);
    sources_.claims = {std::move(regions.profile_table), std::move(heap->spans),
                       std::move(heap->cached),          std::move(heap->free),
                       std::move(regions.arenas),        std::move(regions.tables)};
    sources_.heap_divided = true;
    facts_.occupancy = heap->occupancy;
    return true;
  }

  // What the runtime's figures count beyond the regions that its pointers lead to.
  void compare_figures(const goruntime::RuntimeRegions& regions) {
    const snapshot::GoFigures& figures = facts_.go;
    std::uint64_t profiles = figures.profile_buckets.value_or(0);
    std::uint64_t table = 0;
    for (const goruntime::MemoryPart& part : regions.profile_table) table += part.range.size();
    sources_.profile_record_bytes = profiles - std::min(profiles, table);
    if (!figures.metadata || !figures.profile_buckets) return;
    std::uint64_t all = *figures.metadata + profiles;
    sources_.unclaimed_runtime_bytes = all - std::min(all, regions.counted_bytes);
  }

  Result<goruntime::HeapPages> read_heap(const GoPeek& peek,
                                         const goruntime::RuntimeVariables& variables) {
    for (int i = 1;; ++i) {
      Diagnostics counted;
      Result<goruntime::HeapPages> heap =
          goruntime::read_heap_pages(peek.memory(), peek.plan().layout, variables, counted);
      if (!heap && i < kMostTries) continue;
      diagnostics_.merge(counted);
      return heap;
    }
  }

  void add_goroutines(const GoPeek& peek, const goruntime::RuntimeVariables& variables) {
    Result<goruntime::GoroutineStacks> stacks = goruntime::read_goroutine_stacks(
        peek.memory(), peek.plan().layout, variables, diagnostics_);
    if (!stacks) return;
    facts_.dead_goroutines = stacks->dead;
    facts_.goroutine_struct_bytes = peek.plan().layout.g.bytes;
    facts_.stacks_needed = stacks->needed_bytes;
  }

  void add_figures(const GoPeek& peek) {
    facts_.go = peek.read();
    goruntime::MemoryPolicy policy =
        goruntime::read_memory_policy(peek.memory(), peek.plan(), peek.slide());
    facts_.returns_lazily = policy.returns_lazily.value_or(false);
    sources_.returns_lazily = facts_.returns_lazily;
    facts_.can_return_at_once = facts_.returns_lazily;  // all that do know the setting
    facts_.asks_for_huge_pages = policy.asks_for_huge_pages;
    facts_.collecting_share = policy.collecting_share;
  }

  void read_pages() {
    Result<procfs::PageMap> map = procfs::PageMap::open(pid_);
    if (!map) return;
    std::vector<procfs::PageRun> runs;
    for (const procfs::ResidentMapping& mapping : sources_.mappings) {
      AddressRange range = mapping.mapping.range;
      std::uint64_t rss = mapping.figures.rss;
      if (mapping.outside_rss || rss == 0) continue;
      if (range.size() > kLargeMapping && range.size() / kMostHoles > rss) continue;
      Result<std::vector<procfs::PageRun>> more = map->runs(range);
      if (!more) return;
      runs.insert(runs.end(), more->begin(), more->end());
    }
    sources_.runs = std::move(runs);
  }

  void claim_outside_of_go() {
    sources_.other_malloc = has_other_malloc(sources_.mappings);
    sources_.memory_devices = procfs::read_memory_devices(pid_);
    std::vector<AddressRange> stacks =
        procfs::find_thread_stacks(sources_.mappings, procfs::read_stack_pointers(pid_));
    sources_.claims.push_back(parts_of(stacks, Resident::kThreadStacks));
    Result<target::LiveProcess> memory = target::LiveProcess::open(pid_);
    if (!memory) return;
    sources_.claims.push_back(
        parts_of(loaded_images(sources_.mappings, *memory), Resident::kBinary));
    facts_.uses_c = uses_c(sources_.mappings);
    if (!facts_.uses_c || sources_.other_malloc) return;
    sources_.claims.push_back(
        parts_of(find_glibc_memory(unclaimed(), *memory, diagnostics_), Resident::kCMemory));
  }

  std::vector<AnonymousPiece> unclaimed() const {
    MappingKinds kinds(sources_.mappings, sources_.memory_devices);
    std::vector<AnonymousPiece> found;
    std::vector<ClaimedPiece> pieces;
    for (const procfs::ResidentMapping& mapping : sources_.mappings) {
      if (mapping.figures.rss == 0 || kinds.kind_of(mapping.mapping)) continue;
      pieces.clear();
      split(mapping.mapping.range, sources_.claims, pieces);
      for (const ClaimedPiece& piece : pieces) {
        if (piece.part != nullptr) continue;
        AnonymousPiece& anonymous = found.emplace_back(AnonymousPiece{piece.range, {}});
        for (const procfs::PageRun& run : runs_in(piece.range, sources_.runs)) {
          anonymous.resident.push_back(run.range);
        }
        if (!sources_.runs) anonymous.resident = {piece.range};
      }
    }
    return found;
  }

  void add_kernel_facts(const procfs::MemoryFigures& totals) {
    facts_.lazy_free = totals.lazy_free;
    facts_.huge_pages = totals.huge_pages;
    facts_.pss = totals.pss;
    facts_.swap = totals.swap;
    Result<procfs::ProcessStatus> status = procfs::read_status(pid_);
    if (status) facts_.threads = status->threads;
    add_group_facts();
    add_largest_files();
  }

  void add_group_facts() {
    Result<procfs::MemoryLimits> limits = procfs::read_memory_limits(pid_);
    if (!limits || !limits->group) return;
    const procfs::CgroupMemory& group = *limits->group;
    if (group.limit) facts_.cgroup_limit = group.limit->bytes();
    facts_.cgroup_usage = group.usage.bytes();
    facts_.cgroup_file = group.file.bytes();
    facts_.cgroup_shared = group.shared.bytes();
  }

  void add_largest_files() {
    MappingKinds kinds(sources_.mappings, sources_.memory_devices);
    std::map<std::string, std::uint64_t> mapped, shared;
    for (const procfs::ResidentMapping& mapping : sources_.mappings) {
      std::optional<Resident> kind = kinds.kind_of(mapping.mapping);
      if (mapping.outside_rss || !kind) continue;
      if (*kind == Resident::kMappedFiles) mapped[mapping.mapping.path] += mapping.figures.rss;
      if (*kind == Resident::kSharedMemory) shared[mapping.mapping.path] += mapping.figures.rss;
    }
    facts_.largest_mapped = largest(mapped);
    facts_.largest_shared = largest(shared);
  }

  static std::optional<snapshot::LargestFile> largest(
      const std::map<std::string, std::uint64_t>& files) {
    auto most = std::max_element(files.begin(), files.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == files.end()) return std::nullopt;
    return snapshot::LargestFile{most->first, most->second};
  }

  pid_t pid_;
  const RuntimeToRead& runtime_;
  Diagnostics& diagnostics_;
  ResidentSources sources_;
  ResidentFacts facts_;
};

}  // namespace

// A program that gives pages back between the two looks at it contradicts itself; another look may
// have better luck.
Result<ResidentReading> read_resident(pid_t pid, Diagnostics& diagnostics) {
  RuntimeToRead runtime = open_runtime(pid);
  std::optional<ResidentReading> best;
  Diagnostics of_best;
  for (int i = 0; i < kMostTries; ++i) {
    Diagnostics counted;
    Result<ResidentReading> reading = ResidentReader(pid, runtime, counted).read();
    if (!reading && best) break;
    if (!reading) return reading;
    std::uint64_t unexplained = reading->memory[Resident::kUnexplained];
    if (!best || unexplained < best->memory[Resident::kUnexplained]) {
      best = std::move(*reading);
      of_best = std::move(counted);
    }
    if (unexplained <= best->memory.rss_bytes / kFewOf) break;
  }
  diagnostics.merge(of_best);
  return *best;
}

}  // namespace seep::pipeline
