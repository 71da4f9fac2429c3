#include "goruntime/figures/runtime_statistics.h"

#include <limits>

namespace seep::goruntime {

namespace {

// heapStats holds a delta for each of three generations of readers; what is true is their sum.
constexpr std::uint32_t kHeapStatsGenerations = 3;

class FigureReader {
 public:
  FigureReader(const target::MemoryReader& memory, Address base) : memory_(memory), base_(base) {}

  template <typename T = std::uint64_t>
  T read(Member member, std::uint64_t at = 0) const {
    if (base_.is_null() || member.size < sizeof(T)) return 0;
    Result<T> value = memory_.read_value<T>(base_ + at + member.offset);
    return value ? *value : 0;
  }

 private:
  const target::MemoryReader& memory_;
  Address base_;
};

std::uint64_t not_negative(std::int64_t value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

// One figure of heapStats: the sum over its deltas.
std::uint64_t heap_stats_sum(const FigureReader& statistics, const RuntimeLayout& layout,
                             Member figure) {
  std::int64_t sum = 0;
  for (std::uint32_t i = 0; i < kHeapStatsGenerations && layout.mstats.delta_bytes != 0; ++i) {
    std::uint64_t delta = layout.mstats.heapStats.offset + i * layout.mstats.delta_bytes;
    std::int64_t part = statistics.read<std::int64_t>(figure, delta);
    if (__builtin_add_overflow(sum, part, &sum)) sum = 0;
  }
  return not_negative(sum);
}

// What gcController does not have, memstats has: plain figures up to Go 1.15 (some to 1.16),
// heapStats from 1.16 on.
void read_memstats(const target::MemoryReader& memory, const RuntimeLayout& layout,
                   const RuntimeVariables& variables, snapshot::RuntimeStatistics& figures) {
  const auto& fields = layout.mstats;
  FigureReader statistics(memory, variables.memstats);
  figures.gc_cycles = statistics.read<std::uint32_t>(fields.numgc);
  if (fields.heapStats.exists()) {
    figures.stacks_in_use = heap_stats_sum(statistics, layout, fields.inStacks);
    if (!layout.gc_controller.heapInUse.exists()) {
      figures.heap_in_use = heap_stats_sum(statistics, layout, fields.inHeap);
      figures.heap_released = heap_stats_sum(statistics, layout, fields.released);
      std::uint64_t committed = heap_stats_sum(statistics, layout, fields.committed);
      std::uint64_t used = figures.heap_in_use + figures.stacks_in_use +
                           heap_stats_sum(statistics, layout, fields.inWorkBufs);
      figures.heap_free = committed > used ? committed - used : 0;
    }
  } else {
    figures.heap_in_use = statistics.read(fields.heap_inuse);
    figures.heap_released = statistics.read(fields.heap_released);
    std::uint64_t idle = statistics.read(fields.heap_idle);
    figures.heap_free = idle > figures.heap_released ? idle - figures.heap_released : 0;
    figures.stacks_in_use = statistics.read(fields.stacks_inuse);
  }
  if (!layout.gc_controller.heapLive.exists()) {
    figures.heap_live = statistics.read(fields.heap_live);
    figures.heap_marked = statistics.read(fields.heap_marked);
    figures.heap_goal = statistics.read(fields.next_gc);
    FigureReader percent(memory, variables.gc_percent);
    figures.gc_percent = percent.read<std::int32_t>(Member{0, 4});
  }
}

}  // namespace

snapshot::RuntimeStatistics read_runtime_statistics(const target::MemoryReader& memory,
                                                    const RuntimeLayout& layout,
                                                    const RuntimeVariables& variables) {
  snapshot::RuntimeStatistics figures;
  FigureReader controller(memory, variables.gc_controller);
  figures.heap_in_use = controller.read(layout.gc_controller.heapInUse);
  figures.heap_live = controller.read(layout.gc_controller.heapLive);
  figures.heap_marked = controller.read(layout.gc_controller.heapMarked);
  figures.heap_released = controller.read(layout.gc_controller.heapReleased);
  figures.heap_free = controller.read(layout.gc_controller.heapFree);
  figures.gc_percent = controller.read<std::int32_t>(layout.gc_controller.gcPercent);
  figures.heap_goal = controller.read(layout.gc_controller.gcPercentHeapGoal);
  std::int64_t limit = controller.read<std::int64_t>(layout.gc_controller.memoryLimit);
  if (limit > 0 && limit != std::numeric_limits<std::int64_t>::max()) {
    figures.memory_limit = static_cast<std::uint64_t>(limit);
  }

  read_memstats(memory, layout, variables, figures);
  // All ones: no goal, because GOGC is off.
  if (figures.heap_goal == std::numeric_limits<std::uint64_t>::max()) figures.heap_goal = 0;
  if (!variables.gcphase.is_null()) {
    Result<std::uint32_t> phase = memory.read_value<std::uint32_t>(variables.gcphase);
    figures.collecting = phase && *phase != 0;
  }
  return figures;
}

}  // namespace seep::goruntime
