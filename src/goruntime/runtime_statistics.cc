#include "goruntime/runtime_statistics.h"

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
  // All ones: no goal, because GOGC is off.
  std::uint64_t goal = controller.read(layout.gc_controller.gcPercentHeapGoal);
  figures.heap_goal = goal == std::numeric_limits<std::uint64_t>::max() ? 0 : goal;
  std::int64_t limit = controller.read<std::int64_t>(layout.gc_controller.memoryLimit);
  if (limit > 0 && limit != std::numeric_limits<std::int64_t>::max()) {
    figures.memory_limit = static_cast<std::uint64_t>(limit);
  }

  FigureReader statistics(memory, variables.memstats);
  figures.gc_cycles = statistics.read<std::uint32_t>(layout.mstats.numgc);
  std::int64_t stacks = 0;
  for (std::uint32_t i = 0; i < kHeapStatsGenerations && layout.mstats.delta_bytes != 0; ++i) {
    std::uint64_t delta = layout.mstats.heapStats.offset + i * layout.mstats.delta_bytes;
    std::int64_t part = statistics.read<std::int64_t>(layout.mstats.inStacks, delta);
    if (__builtin_add_overflow(stacks, part, &stacks)) stacks = 0;
  }
  figures.stacks_in_use = not_negative(stacks);
  if (!variables.gcphase.is_null()) {
    Result<std::uint32_t> phase = memory.read_value<std::uint32_t>(variables.gcphase);
    figures.collecting = phase && *phase != 0;
  }
  return figures;
}

}  // namespace seep::goruntime
