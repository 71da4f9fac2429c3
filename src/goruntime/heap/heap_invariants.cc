#include "goruntime/heap/heap_invariants.h"

#include <algorithm>
#include <bit>
#include <span>
#include <string>

#include "base/byte_size.h"
#include "base/count_text.h"

namespace seep::goruntime {

namespace {

using snapshot::Invariant;

constexpr std::uint64_t kPageBytes = 8192;
constexpr std::uint64_t kArenaBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kPagesOfAnArena = kArenaBytes / kPageBytes;
// arenaIndex (mheap.go) counts from -2^47 on amd64.
constexpr std::uint64_t kArenaBase = std::uint64_t{1} << 47;
constexpr double kMinHitShare = 0.999;
constexpr double kSumTolerance = 0.001;
constexpr std::uint64_t kSumToleranceBytes = std::uint64_t{256} << 10;

std::string of(std::uint64_t part, std::uint64_t whole, const char* what) {
  return count_text(part) + " of " + count_text(whole) + " " + what;
}

// heapArena.spans of one arena at a time; spans come by rising address.
class PageMap {
 public:
  PageMap(const target::MemoryReader& memory, const RuntimeLayout& layout, Address mheap)
      : memory_(memory), layout_(layout), mheap_(mheap), spans_(kPagesOfAnArena) {}

  Address span_at(Address address) {
    std::uint64_t arena = (address.value() + kArenaBase) / kArenaBytes;
    if (arena != arena_ || !loaded_) load(arena);
    return loaded_ ? Address(spans_[address.value() / kPageBytes % kPagesOfAnArena]) : Address();
  }

 private:
  void load(std::uint64_t arena) {
    arena_ = arena;
    loaded_ = false;
    Result<Address> second_level = memory_.read_address(mheap_ + layout_.mheap.arenas.offset);
    if (!second_level) return;
    Result<Address> heap_arena = memory_.read_address(*second_level + arena * 8);
    if (!heap_arena || heap_arena->is_null()) return;
    Address table = *heap_arena + layout_.heap_arena.spans.offset;
    loaded_ = memory_.read(table, std::as_writable_bytes(std::span(spans_))).has_value();
  }

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  Address mheap_;
  std::uint64_t arena_ = 0;
  bool loaded_ = false;
  std::vector<std::uint64_t> spans_;
};

Invariant check_page_map(const target::MemoryReader& memory, const RuntimeLayout& layout,
                         const RuntimeVariables& variables, const HeapSpans& spans) {
  PageMap map(memory, layout, variables.mheap);
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < spans.heap.spans.size(); ++i) {
    const snapshot::Span& span = spans.heap.spans[i];
    Address mspan = spans.details[i].mspan;
    if (map.span_at(span.start) != mspan || map.span_at(span.end() - kPageBytes) != mspan) ++wrong;
  }
  return {"in-use spans stand in the page map at their own addresses", wrong == 0,
          of(wrong, spans.heap.spans.size(), "spans do not")};
}

std::uint64_t allocated_slots(const snapshot::Heap& heap, const snapshot::Span& span) {
  std::uint64_t count = 0;
  std::uint32_t id = span.first.value;
  std::uint32_t end = id + span.slot_count;
  const std::vector<std::uint64_t>& words = heap.allocated.words();
  while (id < end) {
    std::uint32_t bits = std::min(64 - id % 64, end - id);
    std::uint64_t word = words[id / 64] >> (id % 64);
    if (bits < 64) word &= (std::uint64_t{1} << bits) - 1;
    count += static_cast<std::uint64_t>(std::popcount(word));
    id += bits;
  }
  return count;
}

// The program can be stopped between handing out a slot and counting it, in a span that a P
// allocates from: those may differ by one.
Invariant check_counts(const HeapSpans& spans) {
  std::uint64_t differ = 0;
  bool holds = true;
  for (std::size_t i = 0; i < spans.heap.spans.size(); ++i) {
    std::uint64_t counted = allocated_slots(spans.heap, spans.heap.spans[i]);
    std::uint64_t kept = spans.details[i].alloc_count;
    if (counted == kept) continue;
    ++differ;
    std::uint64_t by = std::max(counted, kept) - std::min(counted, kept);
    if (by > 1 || !spans.details[i].cached) holds = false;
  }
  return {"allocated slots of each span equal its allocCount", holds,
          of(differ, spans.heap.spans.size(), "spans differ")};
}

// The program can be stopped while it makes or frees a span.
Invariant check_sum(const HeapSpans& spans, const snapshot::RuntimeStatistics& statistics) {
  std::uint64_t sum = spans.in_use_bytes;
  std::uint64_t kept = statistics.heap_in_use;
  std::uint64_t by = std::max(sum, kept) - std::min(sum, kept);
  bool holds = by <= kSumToleranceBytes ||
               static_cast<double>(by) <= static_cast<double>(kept) * kSumTolerance;
  return {"bytes of in-use spans equal the runtime's heapInUse", holds,
          to_text(ByteSize(sum)) + " in spans, " + to_text(ByteSize(kept)) +
              " by the runtime's account, " + count_text(by) + " bytes apart"};
}

Invariant check_pointers(const ScanCounts& counts) {
  std::uint64_t misses = counts.to_free_slots + counts.to_no_span;
  std::uint64_t all = counts.references + misses;
  bool holds = static_cast<double>(counts.references) >= static_cast<double>(all) * kMinHitShare;
  return {
      "pointer words into the heap lead to allocated objects", holds,
      of(misses, all, "do not") + " (" + count_text(counts.to_free_slots) + " lead to free slots)"};
}

}  // namespace

std::vector<Invariant> check_heap_invariants(const target::MemoryReader& memory,
                                             const RuntimeLayout& layout,
                                             const RuntimeVariables& variables,
                                             const HeapSpans& spans, const ScanCounts& counts,
                                             const snapshot::RuntimeStatistics& statistics) {
  return {check_page_map(memory, layout, variables, spans), check_counts(spans),
          check_sum(spans, statistics), check_pointers(counts)};
}

bool all_hold(const std::vector<Invariant>& invariants) {
  return std::ranges::all_of(invariants, &Invariant::holds);
}

}  // namespace seep::goruntime
