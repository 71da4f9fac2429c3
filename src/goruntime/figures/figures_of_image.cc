// Each figure as runtime.ReadMemStats makes it (mstats.go), by where the release keeps it:
//
//   words of memstats, and counts of objects in mheap_ and the caches of the Ps    Go 1.12-1.15
//   words of memstats, and counts of objects in memstats.heapStats                 Go 1.16-1.18
//   words of gcController, and counts of objects in memstats.heapStats             Go 1.19+
#include "goruntime/figures/figures_of_image.h"

#include <algorithm>
#include <limits>

#include "goruntime/figures/heap_goal.h"
#include "goruntime/figures/heap_stats.h"
#include "goruntime/figures/object_counts.h"

namespace seep::goruntime {
namespace {

using enum FigureSource;
using Figure = std::optional<std::uint64_t>;

constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;
constexpr std::uint64_t kMostGoroutines = std::uint64_t{1} << 32;

Figure bytes(const FigureImage& image, FigureSource source, Member member) {
  Figure found = member.size == sizeof(std::uint64_t) ? image.number(source, member) : Figure();
  return found && *found < kAddressSpace ? found : std::nullopt;
}

Figure sum(Figure one, Figure other) { return one && other ? Figure(*one + *other) : Figure(); }

/// Less than nothing: the words are of different moments.
Figure difference(Figure one, Figure other) {
  return one && other && *one >= *other ? Figure(*one - *other) : Figure();
}

std::optional<std::int64_t> count(const FigureImage& image, Member member) {
  if (member.size != sizeof(std::int32_t)) return std::nullopt;
  Figure found = image.number(kScheduler, member);
  if (!found) return std::nullopt;
  return static_cast<std::int32_t>(*found);
}

void add_spans(const FigureImage& image, const RuntimeLayout& layout,
               snapshot::GoFigures& figures) {
  const auto& controller = layout.gc_controller;
  const auto& old = layout.mstats;
  if (controller.heapInUse.exists()) {
    figures.heap_in_use = bytes(image, kController, controller.heapInUse);
    figures.heap_released = bytes(image, kController, controller.heapReleased);
    figures.heap_idle = sum(bytes(image, kController, controller.heapFree), figures.heap_released);
    return;
  }
  figures.heap_in_use = bytes(image, kStatistics, old.heap_inuse);
  figures.heap_released = bytes(image, kStatistics, old.heap_released);
  figures.heap_idle = old.heap_idle.exists() ? bytes(image, kStatistics, old.heap_idle)
                                             : difference(bytes(image, kStatistics, old.heap_sys),
                                                          figures.heap_in_use);
}

// `gc_sys` has the work buffers until Go 1.15; then heapStats has them.
void add_stacks_and_metadata(const FigureImage& image, const RuntimeLayout& layout,
                             snapshot::GoFigures& figures) {
  const auto& fields = layout.mstats;
  figures.profile_buckets = bytes(image, kStatistics, fields.buckhash_sys);
  Figure metadata = 0;
  for (Member part : {fields.mspan_sys, fields.mcache_sys, fields.gc_sys, fields.other_sys}) {
    metadata = sum(metadata, bytes(image, kStatistics, part));
  }
  if (!fields.heapStats.exists()) {
    figures.stacks_in_use = bytes(image, kStatistics, fields.stacks_inuse);
    figures.metadata = metadata;
    return;
  }
  HeapStats stats(image, layout);
  figures.stacks_in_use = stats.level(fields.inStacks);
  Figure buffers = stats.level(fields.inWorkBufs);
  if (fields.inPtrScalarBits.exists()) buffers = sum(buffers, stats.level(fields.inPtrScalarBits));
  figures.metadata = sum(metadata, buffers);
}

void add_objects(const FigureImage& image, const RuntimeLayout& layout,
                 snapshot::GoFigures& figures) {
  std::optional<ObjectCounts> counts = count_objects(image, layout);
  if (counts) figures.objects = counts->objects;
  const auto& controller = layout.gc_controller;
  if (controller.totalAlloc.exists()) {
    figures.heap_alloc = difference(image.number(kController, controller.totalAlloc),
                                    image.number(kController, controller.totalFree));
  } else if (counts) {
    figures.heap_alloc = counts->bytes;
  }
  if (figures.heap_alloc && *figures.heap_alloc >= kAddressSpace) figures.heap_alloc.reset();
}

void add_collections(const FigureImage& image, const RuntimeLayout& layout,
                     snapshot::GoFigures& figures) {
  const auto& controller = layout.gc_controller;
  const auto& fields = layout.mstats;
  bool in_controller = controller.heapLive.exists();  // Go 1.17
  FigureSource source = in_controller ? kController : kStatistics;
  figures.heap_live = bytes(image, source, in_controller ? controller.heapLive : fields.heap_live);
  figures.heap_marked =
      bytes(image, source, in_controller ? controller.heapMarked : fields.heap_marked);
  figures.collections = image.number(kStatistics, fields.numgc);
  figures.heap_goal = heap_goal(image, layout);
  constexpr Member kPercentWord{0, sizeof(std::int32_t)};
  Figure percent = controller.gcPercent.exists() ? image.number(kController, controller.gcPercent)
                                                 : image.number(kPercent, kPercentWord);
  if (percent && static_cast<std::int32_t>(*percent) >= -1) {
    figures.gc_percent = static_cast<std::int32_t>(*percent);
  }
  constexpr std::uint64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
  Figure limit = image.number(kController, controller.memoryLimit);
  if (limit && *limit != 0 && *limit < kNoLimit) figures.memory_limit = limit;
  Figure last = image.number(kStatistics, fields.last_gc_unix);
  if (last && *last != 0 && *last <= kNoLimit) {
    figures.last_collection_ns = static_cast<std::int64_t>(*last);
  }
  // Before the first collection the runtime pretends that some of the least heap was alive.
  if (figures.collections == 0) figures.heap_marked.reset();
}

std::optional<std::int64_t> dead(const FigureImage& image, const RuntimeLayout& layout) {
  std::optional<std::int64_t> free = count(image, layout.sched.gFree_size);
  std::optional<std::int64_t> without_stack = 0;
  if (layout.sched.gFree_noStack_size.exists()) {
    without_stack = count(image, layout.sched.gFree_noStack_size);
  }
  if (!free || !without_stack || !image.free_on_processors()) return std::nullopt;
  return *free + *without_stack + *image.free_on_processors();
}

}  // namespace

Figure dead_goroutines_of(const FigureImage& image, const RuntimeLayout& layout) {
  std::optional<std::int64_t> found = dead(image, layout);
  if (!found || *found < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*found);
}

// runtime.gcount (proc.go): every g there ever was, less the ones to be used again and those of the
// runtime itself.
Figure goroutines_of(const FigureImage& image, const RuntimeLayout& layout) {
  constexpr Member kLength{8, 8};  // of the slice; allglen is the same number
  Figure all = image.number(kGoroutines, kLength);
  std::optional<std::int64_t> system = count(image, layout.sched.ngsys);
  std::optional<std::int64_t> ended = dead(image, layout);
  if (!all || *all > kMostGoroutines || !system || !ended) return std::nullopt;
  std::int64_t alive = static_cast<std::int64_t>(*all) - *system - *ended;
  return static_cast<std::uint64_t>(std::clamp<std::int64_t>(alive, 1, kMostGoroutines));
}

snapshot::GoFigures figures_of(const FigureImage& image, const RuntimeLayout& layout) {
  snapshot::GoFigures figures;
  add_spans(image, layout, figures);
  add_stacks_and_metadata(image, layout, figures);
  add_objects(image, layout, figures);
  add_collections(image, layout, figures);
  figures.goroutines = goroutines_of(image, layout);
  return figures;
}

}  // namespace seep::goruntime
