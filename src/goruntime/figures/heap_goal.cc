// Until Go 1.18 the runtime keeps the goal: memstats.next_gc, gcController.heapGoal since 1.17. Go
// 1.19 computes it when it is asked for, from what GOGC and GOMEMLIMIT allow; so do we
// (runtime/mgcpacer.go, heapGoalInternal and memoryLimitHeapGoal).
#include "goruntime/figures/heap_goal.h"

#include <algorithm>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

struct Controller {
  const FigureImage& image;

  std::optional<std::uint64_t> operator[](Member member) const {
    return image.number(FigureSource::kController, member);
  }
};

// What the limit leaves for the heap, less some headroom, but not less than what is alive.
std::optional<std::uint64_t> goal_of_limit(const Controller& controller,
                                           const RuntimeLayout& layout) {
  constexpr std::uint64_t kLeastHeadroom = 1 << 20;
  const auto& members = layout.gc_controller;
  std::optional<std::uint64_t> limit = controller[members.memoryLimit];
  std::optional<std::uint64_t> free = controller[members.heapFree];
  std::optional<std::uint64_t> allocated = controller[members.totalAlloc];
  std::optional<std::uint64_t> freed = controller[members.totalFree];
  std::optional<std::uint64_t> mapped = controller[members.mappedReady];
  std::optional<std::uint64_t> marked = controller[members.heapMarked];
  if (!limit || !free || !allocated || !freed || !mapped || !marked) return std::nullopt;
  // All of them are levels of memory; where they contradict each other they changed meanwhile.
  std::uint64_t used = *allocated - *freed;
  if (used > kAddressSpace || *free > kAddressSpace || *mapped > kAddressSpace ||
      used + *free > *mapped) {
    return std::nullopt;
  }
  std::uint64_t other = *mapped - *free - used;
  std::uint64_t overage = *mapped > *limit ? *mapped - *limit : 0;
  if (other + overage >= *limit) return *marked;
  std::uint64_t goal = *limit - (other + overage);
  std::uint64_t headroom = kLeastHeadroom;
  if (members.headroom_is_share) headroom = std::max(headroom, goal / 100 * 3);
  goal = goal < 2 * headroom ? headroom : goal - headroom;
  return std::max(goal, *marked);
}

std::optional<std::uint64_t> computed_goal(const Controller& controller,
                                           const RuntimeLayout& layout) {
  constexpr std::uint64_t kLeastRunway = 64 << 10;
  const auto& members = layout.gc_controller;
  std::optional<std::uint64_t> goal = controller[members.gcPercentHeapGoal];
  std::optional<std::uint64_t> limit = goal_of_limit(controller, layout);
  std::optional<std::uint64_t> sweeping = controller[members.sweepDistMinTrigger];
  std::optional<std::uint64_t> triggered = controller[members.triggered];
  if (!goal || !limit || !sweeping || !triggered) return std::nullopt;
  if (*limit < *goal) return limit;
  goal = std::max(*goal, *sweeping);
  if (*triggered != kNever) goal = std::max(*goal, *triggered + kLeastRunway);
  return goal;
}

}  // namespace

std::optional<std::uint64_t> heap_goal(const FigureImage& image, const RuntimeLayout& layout) {
  Controller controller{image};
  std::optional<std::uint64_t> goal;
  if (layout.gc_controller.mappedReady.exists()) {  // Go 1.19
    goal = computed_goal(controller, layout);
  } else if (layout.gc_controller.gcPercentHeapGoal.exists()) {  // Go 1.17
    goal = controller[layout.gc_controller.gcPercentHeapGoal];
  } else {
    goal = image.number(FigureSource::kStatistics, layout.mstats.next_gc);
  }
  return goal && *goal < kAddressSpace ? goal : std::nullopt;
}

}  // namespace seep::goruntime
