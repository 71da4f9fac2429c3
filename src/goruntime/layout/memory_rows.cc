// Rows of layout_rows.h about memory as a whole: which pages the runtime keeps and which it gave
// back (runtime/mpagealloc.go, mpagecache.go, mgcwork.go, mheap.go), its figures (mstats.go,
// mgcpacer.go) and its settings (runtime1.go). A snapshot can do without nearly all of them.
#include "goruntime/layout/layout_rows.h"

namespace seep::goruntime {
namespace {

using enum Need;

// Go 1.12-1.16 have the figures of the pacer in mstats; the struct is there for other things.
StructRows controller_rows(RuntimeLayout& layout, RawMembers& extra) {
  auto& controller = layout.gc_controller;
  return {"runtime.gcControllerState",
          {{"gcPercent", &controller.gcPercent, kOptional},
           {"memoryLimit", &controller.memoryLimit, kOptional},
           {"heapLive", &controller.heapLive, kOptional},
           {"heapMarked", &controller.heapMarked, kOptional},
           {"gcPercentHeapGoal", &controller.gcPercentHeapGoal, kOptional},
           {"heapGoal", &controller.gcPercentHeapGoal, kOptional},
           {"sweepDistMinTrigger", &controller.sweepDistMinTrigger, kOptional},
           {"triggered", &controller.triggered, kOptional},
           {"heapInUse", &controller.heapInUse, kOptional},
           {"heapReleased", &controller.heapReleased, kOptional},
           {"heapFree", &controller.heapFree, kOptional},
           {"totalAlloc", &controller.totalAlloc, kOptional},
           {"totalFree", &controller.totalFree, kOptional},
           {"mappedReady", &controller.mappedReady, kOptional},
           {"lastConsMark", &extra.last_cons_mark, kOptional}},
          &controller.bytes};
}

StructRows mstats_rows(RuntimeLayout& layout) {
  auto& mstats = layout.mstats;
  return {"runtime.mstats",
          {{"numgc", &mstats.numgc},
           {"last_gc_nanotime", &mstats.last_gc_nanotime, kOptional},
           {"last_gc_unix", &mstats.last_gc_unix, kOptional},
           {"gc_cpu_fraction", &mstats.gc_cpu_fraction, kOptional},
           {"heapStats", &mstats.heapStats, kOptional},
           {"by_size", &mstats.by_size, kOptional},  // until Go 1.18
           {"heap_sys", &mstats.heap_sys, kOptional},
           {"heap_inuse", &mstats.heap_inuse, kOptional},
           {"heap_idle", &mstats.heap_idle, kOptional},
           {"heap_released", &mstats.heap_released, kOptional},
           {"stacks_inuse", &mstats.stacks_inuse, kOptional},
           {"stacks_sys", &mstats.stacks_sys, kOptional},
           {"mspan_sys", &mstats.mspan_sys, kOptional},
           {"mcache_sys", &mstats.mcache_sys, kOptional},
           {"buckhash_sys", &mstats.buckhash_sys, kOptional},
           {"gcMiscSys", &mstats.gc_sys, kOptional},  // Go 1.16
           {"gc_sys", &mstats.gc_sys, kOptional},
           {"other_sys", &mstats.other_sys, kOptional},
           {"next_gc", &mstats.next_gc, kOptional},
           {"heap_live", &mstats.heap_live, kOptional},
           {"heap_marked", &mstats.heap_marked, kOptional}},
          &mstats.bytes};
}

}  // namespace

std::vector<StructRows> page_rows(RuntimeLayout& layout) {
  return {
      {"runtime.pallocData",
       {{"pallocBits", &layout.palloc_data.pallocBits, kOptional},
        {"scavenged", &layout.palloc_data.scavenged, kOptional}},
       &layout.palloc_data.bytes,
       kOptional},
      // Before Go 1.16 objects were counted here and there.
      {"runtime.mcentral", {{"nmalloc", &layout.mcentral.nmalloc, kOptional}}, nullptr, kOptional},
      {"runtime.mcache",
       {{"local_largefree", &layout.mcache.local_largefree, kOptional},
        {"local_nlargefree", &layout.mcache.local_nlargefree, kOptional},
        {"local_nsmallfree", &layout.mcache.local_nsmallfree, kOptional}},
       nullptr,
       kOptional},
      // Go 1.19 gave the struct a name.
      {"runtime.workType|var runtime.work",
       {{"wbufSpans.free.first", &layout.work.wbufSpans_free, kOptional},
        {"wbufSpans.busy.first", &layout.work.wbufSpans_busy, kOptional}},
       nullptr,
       kOptional},
      {"var runtime.gcBitsArenas",
       {{"free", &layout.gc_bits_arenas.free, kOptional},
        {"next", &layout.gc_bits_arenas.next, kOptional},
        {"current", &layout.gc_bits_arenas.current, kOptional},
        {"previous", &layout.gc_bits_arenas.previous, kOptional}},
       nullptr,
       kOptional},
      {"runtime.gcBitsArena",
       {{"next", &layout.gc_bits_arenas.arena_next, kOptional}},
       &layout.gc_bits_arenas.arena_bytes,
       kOptional},
  };
}

std::vector<StructRows> statistics_rows(RuntimeLayout& layout, RawMembers& extra) {
  return {
      controller_rows(layout, extra),
      mstats_rows(layout),
      {"runtime.consistentHeapStats",
       {{"stats", &extra.stats_in_heap_stats}, {"gen", &extra.gen_in_heap_stats, kOptional}},
       nullptr,
       kOptional},
      {"runtime.heapStatsDelta",
       {{"inHeap", &layout.mstats.inHeap},
        {"inStacks", &layout.mstats.inStacks},
        {"released", &layout.mstats.released},
        {"committed", &layout.mstats.committed},
        {"inWorkBufs", &layout.mstats.inWorkBufs},
        {"inPtrScalarBits", &layout.mstats.inPtrScalarBits, kOptional},  // until Go 1.24
        {"largeAlloc", &layout.mstats.largeAlloc, kOptional},
        {"largeAllocCount", &layout.mstats.largeAllocCount, kOptional},
        {"smallAllocCount", &layout.mstats.smallAllocCount, kOptional},
        {"largeFree", &layout.mstats.largeFree, kOptional},
        {"largeFreeCount", &layout.mstats.largeFreeCount, kOptional},
        {"smallFreeCount", &layout.mstats.smallFreeCount, kOptional}},
       &layout.mstats.delta_bytes,
       kOptional},
      {"var runtime.debug",
       {{"madvdontneed", &layout.debug.madvdontneed, kOptional},
        {"disablethp", &layout.debug.disablethp, kOptional},
        {"invalidptr", &layout.debug.invalidptr, kOptional},
        {"cgocheck", &layout.debug.cgocheck, kOptional}},
       nullptr,
       kOptional},
  };
}

}  // namespace seep::goruntime
