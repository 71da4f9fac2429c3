#include "goruntime/figures/object_counts.h"

#include "goruntime/figures/heap_stats.h"

namespace seep::goruntime {
namespace {

using enum FigureSource;
using Number = std::optional<std::uint64_t>;

constexpr std::uint64_t kWord = 8;
constexpr std::uint64_t kMostClasses = 256;  // a class is one byte of mspan

/// Numbers of objects, and the sums of their bytes.
class Tally {
 public:
  void add(Number objects, Number bytes) {
    complete_ &= objects && bytes;
    objects_ += objects.value_or(0);
    bytes_ += bytes.value_or(0);
  }
  void take(Number objects, Number bytes) {
    complete_ &= objects && bytes;
    objects_ -= objects.value_or(0);
    bytes_ -= bytes.value_or(0);
  }
  void add_class(Number objects, std::uint64_t size) { add(objects, objects.value_or(0) * size); }
  void take_class(Number objects, std::uint64_t size) { take(objects, objects.value_or(0) * size); }

  /// More freed than allocated: the words are of different moments.
  std::optional<ObjectCounts> counts() const {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 47;
    if (!complete_ || objects_ >= kMost || bytes_ >= kMost) return std::nullopt;
    return ObjectCounts{objects_, bytes_};
  }

 private:
  std::uint64_t objects_ = 0, bytes_ = 0;
  bool complete_ = true;
};

// Until Go 1.18 memstats has the sizes; since then nobody asks for bytes here.
std::uint64_t class_size(const FigureImage& image, const RuntimeLayout& layout,
                         std::uint64_t size_class) {
  const auto& fields = layout.mstats;
  Member size{fields.by_size.offset, sizeof(std::uint32_t)};
  return image.number(kStatistics, size, size_class * fields.by_size_bytes).value_or(0);
}

// Go 1.16 (runtime/mstats.go, heapStatsDelta).
std::optional<ObjectCounts> count_in_heap_stats(const FigureImage& image,
                                                const RuntimeLayout& layout) {
  const auto& fields = layout.mstats;
  HeapStats stats(image, layout);
  if (!stats.settled()) return std::nullopt;
  Tally tally;
  tally.add(stats.sum(fields.largeAllocCount), stats.sum(fields.largeAlloc));
  tally.take(stats.sum(fields.largeFreeCount), stats.sum(fields.largeFree));
  std::uint64_t classes = fields.smallAllocCount.size / kWord;
  if (classes == 0 || classes > kMostClasses ||
      fields.smallFreeCount.size != fields.smallAllocCount.size) {
    return std::nullopt;
  }
  bool sizes_known = fields.by_size.exists();
  for (std::uint64_t i = 0; i < classes; ++i) {
    std::uint64_t size = sizes_known ? class_size(image, layout, i) : 0;
    tally.add_class(stats.sum(fields.smallAllocCount, i * kWord), size);
    tally.take_class(stats.sum(fields.smallFreeCount, i * kWord), size);
  }
  std::optional<ObjectCounts> counts = tally.counts();
  if (counts && !sizes_known) counts->bytes.reset();
  return counts;
}

// Go 1.12-1.15 (runtime/mstats.go, updatememstats, purgecachedstats): an mcentral for each class,
// once with and once without pointers, and what the Ps freed since the last collection.
std::optional<ObjectCounts> count_in_heap(const FigureImage& image, const RuntimeLayout& layout) {
  const auto& heap = layout.mheap;
  const auto& cache = layout.mcache;
  std::uint64_t classes = heap.nsmallfree.size / kWord;
  std::optional<std::size_t> caches = image.caches();
  if (classes > kMostClasses || !caches) return std::nullopt;
  Tally tally;
  tally.add(image.number(kHeap, heap.nlargealloc), image.number(kHeap, heap.largealloc));
  tally.take(image.number(kHeap, heap.nlargefree), image.number(kHeap, heap.largefree));
  for (std::size_t i = 0; i < *caches; ++i) {
    tally.take(image.of_cache(i, cache.local_nlargefree), image.of_cache(i, cache.local_largefree));
  }
  Member allocated{heap.central.offset + layout.mcentral.nmalloc.offset,
                   layout.mcentral.nmalloc.size};
  for (std::uint64_t i = 1; i < classes; ++i) {
    std::uint64_t size = class_size(image, layout, i);
    for (std::uint64_t span_class : {2 * i, 2 * i + 1}) {
      tally.add_class(image.number(kHeap, allocated, span_class * heap.central_bytes), size);
    }
    tally.take_class(image.number(kHeap, heap.nsmallfree, i * kWord), size);
    for (std::size_t j = 0; j < *caches; ++j) {
      tally.take_class(image.of_cache(j, cache.local_nsmallfree, i * kWord), size);
    }
  }
  return tally.counts();
}

}  // namespace

std::optional<ObjectCounts> count_objects(const FigureImage& image, const RuntimeLayout& layout) {
  if (layout.mstats.heapStats.exists()) return count_in_heap_stats(image, layout);
  if (layout.mheap.nsmallfree.exists()) return count_in_heap(image, layout);
  return std::nullopt;
}

}  // namespace seep::goruntime
