// Shapes of what the runtime keeps of itself: profile, queues, figures, settings, its own memory.
#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <vector>

#include "goruntime/layout/runtime_shapes.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kPageBytes = 8192;
constexpr std::uint64_t kSystemPage = 4096;
constexpr std::uint64_t kAddressSpace = std::uint64_t{1} << 47;

bool is_bytes_of_pages(std::uint64_t bytes) {
  return bytes != 0 && bytes < kAddressSpace && bytes % kPageBytes == 0;
}

bool is_percent(std::uint64_t number) { return static_cast<std::int32_t>(number) >= -1; }

}  // namespace

bool RuntimeShapes::is_profile(Address address) const {
  constexpr std::uint64_t kMemProfile = 1, kMostFrames = 4096;  // mprof.go
  const auto& fields = layout_.bucket;
  Result<Address> first = memory_.read_address(address);
  if (!first || first->is_null()) return first.has_value();
  std::uint64_t frames = member(*first, fields.nstk).value_or(0);
  return first->is_aligned(8) && member(*first, fields.typ) == kMemProfile && frames != 0 &&
         frames <= kMostFrames && module_.text.contains(Address(word(*first + fields.bytes)));
}

bool RuntimeShapes::is_semaphore_table(Address address) const {
  // sema.go: semaRoot, padded to a cache line: lock, treap, nwait.
  constexpr std::size_t kRoots = 251, kWordsOfRoot = 8, kTreap = 1, kFirstOfPad = 3;
  std::vector<std::uint64_t> words(kRoots * kWordsOfRoot);
  if (!memory_.read(address, std::as_writable_bytes(std::span(words)))) return false;
  for (std::size_t root = 0; root < words.size(); root += kWordsOfRoot) {
    for (std::size_t i = kFirstOfPad; i < kWordsOfRoot; ++i) {
      if (words[root + i] != 0) return false;
    }
    Address sudog(words[root + kTreap]);
    if (sudog.is_null()) continue;
    Address waiting(member(sudog, layout_.sudog.g).value_or(0));
    if (!sudog.is_aligned(8) || !is_heap_object(waiting, layout_.g.bytes)) return false;
  }
  return true;
}

bool RuntimeShapes::is_finalizer_list(Address address) const {
  constexpr std::uint64_t kBlockBytes = 4096;  // mfinal.go, _FinBlockSize
  Result<Address> first = memory_.read_address(address);
  if (!first || first->is_null()) return first.has_value();
  if (!first->is_aligned(8) || layout_.fin_block.finalizer_bytes == 0) return false;
  std::optional<std::uint64_t> count = member(*first, layout_.fin_block.cnt);
  std::optional<std::uint64_t> next = member(*first, layout_.fin_block.alllink);
  return count && *count <= kBlockBytes / layout_.fin_block.finalizer_bytes && next &&
         *next % 8 == 0 && *next < kAddressSpace;
}

bool RuntimeShapes::is_cleanup_queue(Address address) const {
  constexpr std::uint64_t kBlockBytes = 512;  // mcleanup.go, cleanupBlockSize
  const auto& fields = layout_.cleanup_queue;
  std::optional<std::uint64_t> first = member(address, fields.all);
  if (!first || *first == 0) return first.has_value();
  std::optional<std::uint64_t> count = member(Address(*first), fields.n);
  return *first % 8 == 0 && count && *count <= kBlockBytes / 8;
}

bool RuntimeShapes::is_statistics(Address address) const {
  const auto& fields = layout_.mstats;
  if (!fields.heapStats.exists()) {
    std::uint64_t idle = member(address, fields.heap_idle).value_or(1);
    return is_bytes_of_pages(member(address, fields.heap_inuse).value_or(0)) &&
           is_bytes_of_pages(member(address, fields.stacks_inuse).value_or(0)) &&
           idle % kPageBytes == 0 && idle < kAddressSpace;
  }
  constexpr std::uint32_t kGenerations = 3;  // mstats.go, consistentHeapStats
  std::uint64_t in_heap = 0, in_stacks = 0;
  for (std::uint32_t i = 0; i < kGenerations; ++i) {
    Address delta = address + fields.heapStats.offset + i * fields.delta_bytes;
    in_heap += member(delta, fields.inHeap).value_or(0);
    in_stacks += member(delta, fields.inStacks).value_or(0);
  }
  return is_bytes_of_pages(in_heap) && is_bytes_of_pages(in_stacks);
}

bool RuntimeShapes::is_controller(Address address) const {
  const auto& fields = layout_.gc_controller;
  std::optional<std::uint64_t> percent = member(address, fields.gcPercent);
  if (!percent || !is_percent(*percent)) return false;
  if (!fields.heapInUse.exists()) {  // Go 1.17 and 1.18
    std::uint64_t live = member(address, fields.heapLive).value_or(0);
    return live != 0 && live < kAddressSpace &&
           member(address, fields.gcPercentHeapGoal).value_or(0) != 0;
  }
  return is_bytes_of_pages(member(address, fields.heapInUse).value_or(0)) &&
         static_cast<std::int64_t>(member(address, fields.memoryLimit).value_or(0)) > 0;
}

bool RuntimeShapes::is_interface_table(Address address) const {
  constexpr std::uint64_t kSmallest = 512, kLargest = std::uint64_t{1} << 32;  // iface.go
  std::array<std::uint64_t, 2> head{};                                         // size, count
  Address table(word(address));
  if (table.is_null() || !table.is_aligned(8)) return false;
  if (!memory_.read(table, std::as_writable_bytes(std::span(head)))) return false;
  return head[0] >= kSmallest && head[0] <= kLargest && std::has_single_bit(head[0]) &&
         head[1] <= head[0];
}

bool RuntimeShapes::is_timer_buckets(Address address) const {
  constexpr std::uint64_t kBuckets = 64, kCacheLine = 64;  // time.go, timersLen
  constexpr std::uint64_t kMostTimers = std::uint64_t{1} << 32;
  std::uint64_t stride = (layout_.timers_bucket.bytes / kCacheLine + 1) * kCacheLine;
  if (!module_.bss.contains(address, kBuckets * stride)) return false;
  for (std::uint64_t i = 0; i < kBuckets; ++i) {
    Address heap = address + i * stride + layout_.timers_bucket.t.offset;
    if (!slice(heap, kMostTimers)) return false;
  }
  return true;
}

bool RuntimeShapes::is_scheduler(Address address) const {
  constexpr std::uint64_t kMostOfRuntime = 1'000'000, kMostFree = std::uint64_t{1} << 31;
  std::optional<std::uint64_t> system = member(address, layout_.sched.ngsys);
  std::optional<std::uint64_t> free = member(address, layout_.sched.gFree_size);
  return system && *system <= kMostOfRuntime && free && *free < kMostFree;
}

bool RuntimeShapes::is_settings(Address address) const {
  constexpr std::uint64_t kMost = 2;  // cgocheck=2
  for (Member setting :
       {layout_.debug.invalidptr, layout_.debug.cgocheck, layout_.debug.madvdontneed}) {
    if (member(address, setting).value_or(kMost + 1) > kMost) return false;
  }
  return true;
}

bool RuntimeShapes::is_collector_work(Address address) const {
  constexpr std::uint64_t kManual = 2;  // mheap.go, mSpanManual
  for (Member list : {layout_.work.wbufSpans_free, layout_.work.wbufSpans_busy}) {
    // mSpanList: first and last. Before the lists lies their lock, which the same functions use.
    std::array<std::uint64_t, 2> ends{};
    if (!memory_.read(address + list.offset, std::as_writable_bytes(std::span(ends)))) return false;
    if ((ends[0] == 0) != (ends[1] == 0)) return false;
    if (ends[0] == 0) continue;
    Address span(ends[0]);
    if (!span.is_aligned(8) || member(span, layout_.mspan.state) != kManual) return false;
    Address start(member(span, layout_.mspan.startAddr).value_or(0));
    if (span_of(heap_, start) != span) return false;
  }
  return true;  // empty lists too: the functions must tell
}

bool RuntimeShapes::is_bits_arenas(Address address) const {
  // mheap.go, gcBitsChunkBytes is 65,536; who asks a full arena in vain adds to it.
  constexpr std::uint64_t kMostUsed = std::uint64_t{1} << 32;
  const auto& fields = layout_.gc_bits_arenas;
  for (Member list : {fields.free, fields.next, fields.current, fields.previous}) {
    std::optional<std::uint64_t> first = member(address, list);
    if (!first) return false;
    if (*first == 0) continue;
    // An arena begins with how much of it is used.
    Address arena(*first);
    if (!arena.is_aligned(kSystemPage) || word(arena) > kMostUsed) return false;
    if (!Address(member(arena, fields.arena_next).value_or(1)).is_aligned(kSystemPage))
      return false;
  }
  return true;
}

bool RuntimeShapes::is_chunk_list(Address address) const {
  constexpr int kEnough = 16;
  Address chunk(word(address));
  if (chunk.is_null()) return false;
  for (int i = 0; i < kEnough && !chunk.is_null(); ++i) {
    if (!chunk.is_aligned(kSystemPage)) return false;
    Result<Address> next = memory_.read_address(chunk);
    if (!next) return false;
    chunk = *next;
  }
  return true;
}

bool RuntimeShapes::is_phase(Address address) const {
  constexpr std::uint32_t kMarkTermination = 2;  // mgc.go
  return value<std::uint32_t>(address, ~std::uint32_t{0}) <= kMarkTermination;
}

bool RuntimeShapes::is_sample_rate(Address address) const {
  constexpr std::int64_t kMost = static_cast<std::int64_t>(kAddressSpace);
  Result<std::int64_t> rate = memory_.read_value<std::int64_t>(address);
  return rate && *rate > -kMost && *rate < kMost;
}

bool RuntimeShapes::is_gc_percent(Address address) const {
  Result<std::int32_t> percent = memory_.read_value<std::int32_t>(address);
  return percent && *percent >= -1;
}

}  // namespace seep::goruntime
