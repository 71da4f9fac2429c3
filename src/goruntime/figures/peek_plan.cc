#include "goruntime/figures/peek_plan.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

#include "dwarf/dwarf_info.h"
#include "elf/symbol_table.h"
#include "goruntime/figures/memory_policy.h"
#include "goruntime/layout/layout_from_dwarf.h"
#include "goruntime/layout/layout_from_table.h"
#include "goruntime/layout/runtime_variables.h"
#include "goruntime/layout/variables_by_shape.h"

namespace seep::goruntime {
namespace {

// runtime.mheap_ is the largest: 66 KiB to its list of spans by size, and 25 KiB of that.
constexpr std::uint32_t kLargestWindow = 64 << 10;
constexpr std::uint32_t kSliceBytes = 16;  ///< first element and length

std::unexpected<Error> missing(std::string_view what) {
  return fail(ErrorKind::kUnsupported,
              "the Go runtime of the program has no " + std::string(what) + " that seep knows");
}

// Members that the readers of a heap can do without, but not this one.
Result<void> check_members(const RuntimeLayout& layout) {
  if (!layout.gc_controller.heapLive.exists() && !layout.mstats.heap_live.exists()) {
    return missing("runtime.gcControllerState.heapLive");
  }
  if (!layout.sched.ngsys.exists()) return missing("runtime.schedt.ngsys");
  if (!layout.sched.gFree_size.exists()) return missing("runtime.schedt.gFree.stack.size");
  if (!layout.p.gFree_size.exists()) return missing("runtime.p.gFree.size");
  return {};
}

// From the first of the members to the last. A layout with members far apart is none that seep
// knows: then nothing is read.
void choose(FigureWindow& window, std::initializer_list<Member> members) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max(), end = 0;
  for (Member member : members) {
    if (!member.exists()) continue;
    first = std::min<std::uint64_t>(first, member.offset);
    end = std::max<std::uint64_t>(end, std::uint64_t{member.offset} + member.size);
  }
  if (first >= end || end - first > kLargestWindow) return;
  window.first = static_cast<std::uint32_t>(first);
  window.bytes = static_cast<std::uint32_t>(end - first);
}

struct VariableRow {
  std::string_view name;
  Address found;
  FigureSource source;
  bool needed;
};

}  // namespace

void choose_windows(PeekPlan& plan) {
  const auto& controller = plan.layout.gc_controller;
  choose(plan[FigureSource::kController],
         {controller.gcPercent, controller.memoryLimit, controller.heapLive, controller.heapMarked,
          controller.gcPercentHeapGoal, controller.sweepDistMinTrigger, controller.triggered,
          controller.heapInUse, controller.heapReleased, controller.heapFree, controller.totalAlloc,
          controller.totalFree, controller.mappedReady});
  const auto& mstats = plan.layout.mstats;
  choose(plan[FigureSource::kStatistics],
         {mstats.numgc, mstats.last_gc_unix, mstats.gc_cpu_fraction, mstats.mspan_sys,
          mstats.mcache_sys, mstats.buckhash_sys, mstats.gc_sys, mstats.other_sys, mstats.by_size,
          mstats.heap_sys, mstats.heap_idle, mstats.heap_inuse, mstats.heap_released,
          mstats.stacks_inuse, mstats.next_gc, mstats.heap_live, mstats.heap_marked,
          mstats.heapStats, mstats.heapStats_gen});
  const auto& heap = plan.layout.mheap;
  if (heap.nsmallfree.exists()) {
    choose(plan[FigureSource::kHeap], {heap.largealloc, heap.nlargealloc, heap.largefree,
                                       heap.nlargefree, heap.nsmallfree, heap.central});
  }
  const auto& sched = plan.layout.sched;
  choose(plan[FigureSource::kScheduler], {sched.ngsys, sched.gFree_size, sched.gFree_noStack_size});
  choose(plan[FigureSource::kGoroutines], {Member{0, kSliceBytes}});
  choose(plan[FigureSource::kProcessors], {Member{0, kSliceBytes}});
  choose(plan[FigureSource::kPercent], {Member{0, sizeof(std::int32_t)}});
  const auto& debug = plan.layout.debug;
  choose(plan[FigureSource::kSettings], {debug.madvdontneed, debug.disablethp});
}

// The text of a release names its experiments too, and with them its structs are settled; that of
// an unreleased tree is not.
Result<RuntimeLayout> PeekPlanner::layout_of(const elf::ElfFile& file, const GoVersion& version) {
  auto known = layouts_.find(version.text);
  if (known != layouts_.end() && !version.development) return known->second;
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(file);
  bool describes_go = dwarf && !dwarf->find_struct("runtime.g").is_none();
  RuntimeLayout layout =
      describes_go ? TRY(layout_from_dwarf(*dwarf, version)) : TRY(layout_of_release(version));
  TRY(check_members(layout));
  layouts_.insert_or_assign(version.text, layout);
  return layout;
}

Result<PeekPlan> PeekPlanner::plan(const elf::ElfFile& file, const elf::BuildInfo& build,
                                   const target::MemoryReader& memory, std::uint64_t slide) {
  GoVersion version = TRY(parse_go_version(build.go_version));
  TRY(check_supported(version));
  PeekPlan plan;
  plan.layout = TRY(layout_of(file, version));
  plan.advises_huge_pages = advises_huge_pages(version);
  Result<RuntimeVariables> variables =
      find_runtime_variables(elf::SymbolTable::read(file), nullptr, slide);
  if (!variables) {
    Diagnostics not_found;
    variables = find_variables_by_shape(file, slide, memory, plan.layout, not_found);
  }
  if (!variables) return std::unexpected(std::move(variables).error());
  plan.variables = moved(*variables, std::uint64_t{0} - slide);
  bool in_controller = plan.layout.gc_controller.heapLive.exists();
  const std::array<VariableRow, kFigureSources> rows = {
      {{"runtime.gcController", variables->gc_controller, FigureSource::kController, in_controller},
       {"runtime.memstats", variables->memstats, FigureSource::kStatistics, !in_controller},
       {"runtime.mheap_", variables->mheap, FigureSource::kHeap, false},
       {"runtime.sched", variables->sched, FigureSource::kScheduler, true},
       {"runtime.allgs", variables->allgs, FigureSource::kGoroutines, true},
       {"runtime.allp", variables->allp, FigureSource::kProcessors, true},
       {"runtime.gcpercent", variables->gc_percent, FigureSource::kPercent, false},
       {"runtime.debug", variables->debug, FigureSource::kSettings, false}}};
  for (const VariableRow& row : rows) {
    if (!row.found.is_null()) {
      plan[row.source].variable = row.found - slide;
    } else if (row.needed) {
      return missing(row.name);
    }
  }
  choose_windows(plan);
  return plan;
}

}  // namespace seep::goruntime
