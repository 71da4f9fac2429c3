#include "goruntime/peek.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "elf/symbol_table.h"
#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/layout_from_table.h"
#include "goruntime/runtime_variables.h"
#include "goruntime/variables_by_shape.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMostProcessors = 8192;  // NR_CPUS of the largest kernels
constexpr std::uint64_t kMostGoroutines = std::uint64_t{1} << 32;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr int kMostTries = 9;

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

struct VariableRow {
  std::string_view name;
  Address found;
  Address* place;
  bool needed;
};

// A word of the running program; nothing if it is not readable or not as wide as T.
template <typename T>
std::optional<T> read_word(const target::MemoryReader& memory, Address base, Member member) {
  if (member.size != sizeof(T)) return std::nullopt;
  Result<T> value = memory.read_value<T>(base + member.offset);
  return value ? std::optional<T>(*value) : std::nullopt;
}

std::optional<std::uint64_t> read_size(const target::MemoryReader& memory, Address base,
                                       Member member) {
  std::optional<std::uint64_t> bytes = read_word<std::uint64_t>(memory, base, member);
  return bytes && *bytes < kAddressSpace ? bytes : std::nullopt;
}

// The goroutines that ended and wait on a P to be used again.
std::optional<std::int64_t> free_on_processors(const target::MemoryReader& memory,
                                               const PeekPlan& plan, std::uint64_t slide) {
  std::array<std::uint64_t, 2> slice{};  // of *p: first element, length
  if (!memory.read(plan.allp + slide, std::as_writable_bytes(std::span(slice)))) {
    return std::nullopt;
  }
  if (slice[1] > kMostProcessors) return std::nullopt;
  std::vector<std::uint64_t> processors(static_cast<std::size_t>(slice[1]));
  if (!memory.read(Address(slice[0]), std::as_writable_bytes(std::span(processors)))) {
    return std::nullopt;
  }
  std::int64_t total = 0;
  for (std::uint64_t processor : processors) {
    std::optional<std::int32_t> count =
        read_word<std::int32_t>(memory, Address(processor), plan.layout.p.gFree_size);
    if (!count) return std::nullopt;
    total += *count;
  }
  return total;
}

// The sum of runtime.gcount (proc.go): every g there ever was, less the ones to be used again and
// those of the runtime itself.
std::optional<std::uint64_t> count_goroutines(const target::MemoryReader& memory,
                                              const PeekPlan& plan, std::uint64_t slide) {
  Address sched = plan.sched + slide;
  const auto& members = plan.layout.sched;
  // The length of the slice; allglen is the same number.
  Result<std::uint64_t> all = memory.read_value<std::uint64_t>(plan.allgs + slide + 8);
  std::optional<std::int32_t> free = read_word<std::int32_t>(memory, sched, members.gFree_size);
  std::optional<std::int32_t> without_stack = 0;
  if (members.gFree_noStack_size.exists()) {
    without_stack = read_word<std::int32_t>(memory, sched, members.gFree_noStack_size);
  }
  std::optional<std::int32_t> system = read_word<std::int32_t>(memory, sched, members.ngsys);
  std::optional<std::int64_t> on_processors = free_on_processors(memory, plan, slide);
  if (!all || *all > kMostGoroutines || !free || !without_stack || !system || !on_processors) {
    return std::nullopt;
  }
  std::int64_t count =
      static_cast<std::int64_t>(*all) - *free - *without_stack - *system - *on_processors;
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(count, 1, kMostGoroutines));
}

// A program that starts and ends goroutines all the time never shows the same count twice; then the
// middle of what was seen is said, which is as much as NumGoroutine knows itself.
std::optional<std::uint64_t> settled_goroutine_count(const target::MemoryReader& memory,
                                                     const PeekPlan& plan, std::uint64_t slide) {
  std::vector<std::uint64_t> seen;
  for (int i = 0; i < kMostTries; ++i) {
    std::optional<std::uint64_t> count = count_goroutines(memory, plan, slide);
    if (!count) continue;
    if (!seen.empty() && seen.back() == *count) return count;
    seen.push_back(*count);
  }
  if (seen.size() <= kMostTries / 2) return std::nullopt;
  std::sort(seen.begin(), seen.end());
  return seen[seen.size() / 2];
}

}  // namespace

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
  Result<RuntimeVariables> variables =
      find_runtime_variables(elf::SymbolTable::read(file), nullptr, slide);
  if (!variables) {
    Diagnostics not_found;
    variables = find_variables_by_shape(file, slide, memory, plan.layout, not_found);
  }
  if (!variables) return std::unexpected(std::move(variables).error());
  bool in_controller = plan.layout.gc_controller.heapLive.exists();
  const std::array<VariableRow, 5> rows = {
      {{"runtime.gcController", variables->gc_controller, &plan.gc_controller, in_controller},
       {"runtime.memstats", variables->memstats, &plan.memstats, !in_controller},
       {"runtime.sched", variables->sched, &plan.sched, true},
       {"runtime.allp", variables->allp, &plan.allp, true},
       {"runtime.allgs", variables->allgs, &plan.allgs, true}}};
  for (const VariableRow& row : rows) {
    if (row.needed && row.found.is_null()) return missing(row.name);
    *row.place = row.found - slide;
  }
  return plan;
}

PeekedFigures peek(const target::MemoryReader& memory, const PeekPlan& plan, std::uint64_t slide) {
  Address controller = plan.gc_controller + slide;
  const auto& members = plan.layout.gc_controller;
  PeekedFigures figures;
  if (members.heapLive.exists()) {
    figures.heap_live = read_size(memory, controller, members.heapLive);
    figures.heap_marked = read_size(memory, controller, members.heapMarked);
  } else {  // Go 1.12-1.16
    const auto& old = plan.layout.mstats;
    figures.heap_live = read_size(memory, plan.memstats + slide, old.heap_live);
    figures.heap_marked = read_size(memory, plan.memstats + slide, old.heap_marked);
  }
  if (figures.heap_marked == 0) figures.heap_marked.reset();
  std::optional<std::int64_t> limit =
      read_word<std::int64_t>(memory, controller, members.memoryLimit);
  if (limit && *limit > 0 && *limit != std::numeric_limits<std::int64_t>::max()) {
    figures.memory_limit = static_cast<std::uint64_t>(*limit);
  }
  figures.goroutines = settled_goroutine_count(memory, plan, slide);
  return figures;
}

}  // namespace seep::goruntime
