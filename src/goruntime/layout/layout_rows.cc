// Tables of rows, one for each struct: a member's name and where its place is kept. A shape that
// changed over the releases has several rows for one place, newest first; the first that the
// program has wins, and only if none fits is a required member missing. So another release means
// another row, and only where the meaning changed a branch (layout_shapes.cc).
#include "goruntime/layout/layout_rows.h"

namespace seep::goruntime {
namespace {

using enum Need;

std::vector<StructRows> heap_rows(RuntimeLayout& layout, RawMembers& extra) {
  return {
      {"runtime.mheap",
       {{"allspans", &layout.mheap.allspans},
        {"arenas", &layout.mheap.arenas},
        {"sweepgen", &layout.mheap.sweepgen},
        {"pages.chunks", &layout.mheap.pages_chunks, kOptional},  // Go 1.14 (mpagealloc.go)
        {"pages.inUse.ranges", &layout.mheap.pages_inUse, kOptional},
        {"pages.summary", &layout.mheap.pages_summary, kOptional},
        {"pages.scav.index.chunks", &layout.mheap.pages_scav_index, kOptional},  // Go 1.19
        {"heapArenas", &layout.mheap.allArenas, kOptional},                      // Go 1.25
        {"allArenas", &layout.mheap.allArenas, kOptional},
        {"userArenaArenas", &layout.mheap.userArenaArenas, kOptional},
        {"curArena.base", &layout.mheap.curArena_base, kOptional},  // Go 1.13
        {"curArena.end", &layout.mheap.curArena_end, kOptional},
        {"central", &layout.mheap.central, kOptional},
        {"largealloc", &layout.mheap.largealloc, kOptional},  // these until Go 1.15
        {"nlargealloc", &layout.mheap.nlargealloc, kOptional},
        {"largefree", &layout.mheap.largefree, kOptional},
        {"nlargefree", &layout.mheap.nlargefree, kOptional},
        {"nsmallfree", &layout.mheap.nsmallfree, kOptional},
        {"specialTinyBlockAlloc", &extra.tiny_block, kOptional},
        {"specialCleanupAlloc", &extra.cleanup, kOptional},
        {"specialWeakHandleAlloc", &extra.weak_handle, kOptional},
        {"specialReachableAlloc", &extra.reachable, kOptional},
        {"specialPinCounterAlloc", &extra.pin_counter, kOptional}}},
      {"runtime.heapArena",
       {{"spans", &layout.heap_arena.spans},
        // Go 1.22 with GOEXPERIMENT=noallocheaders (runtime/mbitmap_noallocheaders.go)
        {"heapArenaPtrScalar.bitmap", &layout.heap_arena.bitmap, kOptional},
        {"bitmap", &layout.heap_arena.bitmap, kOptional},
        {"heapArenaPtrScalar.noMorePtrs", &layout.heap_arena.noMorePtrs, kOptional},
        {"noMorePtrs", &layout.heap_arena.noMorePtrs, kOptional},
        {"pageUseSpanInlineMarkBits", &layout.heap_arena.pageUseSpanInlineMarkBits, kOptional}},
       &layout.heap_arena.bytes},
      {"runtime.mspan",
       {{"startAddr", &layout.mspan.startAddr},
        {"npages", &layout.mspan.npages},
        {"nelems", &layout.mspan.nelems},
        {"freeindex", &layout.mspan.freeindex},
        {"freeIndexForScan", &layout.mspan.freeIndexForScan, kOptional},
        {"allocBits", &layout.mspan.allocBits},
        {"gcmarkBits", &layout.mspan.gcmarkBits},
        {"sweepgen", &layout.mspan.sweepgen},
        {"allocCount", &layout.mspan.allocCount},
        {"spanclass", &layout.mspan.spanclass},
        {"state", &layout.mspan.state},
        {"elemsize", &layout.mspan.elemsize},
        {"limit", &layout.mspan.limit},
        {"specials", &layout.mspan.specials},
        {"largeType", &layout.mspan.largeType, kOptional},
        {"isUserArenaChunk", &layout.mspan.isUserArenaChunk, kOptional},
        {"next", &layout.mspan.next, kOptional},
        {"needzero", &layout.mspan.needzero, kOptional},
        {"scavenged", &layout.mspan.scavenged, kOptional}},  // until Go 1.13
       &layout.mspan.bytes},
      {"runtime.spanInlineMarkBits",
       {{"marks", &extra.inline_marks, kOptional}},
       &extra.inline_mark_bytes,
       kOptional},
  };
}

// A struct of a special that the program cannot make is not in its debug information.
std::vector<StructRows> special_rows(RuntimeLayout& layout) {
  return {
      {"runtime.special",
       {{"next", &layout.special.next},
        {"offset", &layout.special.offset},
        {"kind", &layout.special.kind}},
       &layout.special.bytes},
      {"runtime.specialfinalizer",
       {{"fn", &layout.special_finalizer.fn},
        {"nret", &layout.special_finalizer.nret},
        {"fint", &layout.special_finalizer.fint},
        {"ot", &layout.special_finalizer.ot}},
       nullptr,
       kOptional},
      {"runtime.specialCleanup",
       {{"cleanup", &layout.special_cleanup.cleanup, kOptional},
        {"fn", &layout.special_cleanup.fn, kOptional},
        {"id", &layout.special_cleanup.id}},
       nullptr,
       kOptional},
      {"runtime.cleanupFn",
       {{"call", &layout.cleanup_fn.call},
        {"fn", &layout.cleanup_fn.fn},
        {"arg", &layout.cleanup_fn.arg}},
       nullptr,
       kOptional},
      {"runtime.specialWeakHandle",
       {{"handle", &layout.special_weak_handle.handle}},
       nullptr,
       kOptional},
      {"runtime.specialprofile", {{"b", &layout.special_profile.b}}, nullptr, kOptional},
      {"runtime.bucket",
       {{"next", &layout.bucket.next},
        {"allnext", &layout.bucket.allnext},
        {"typ", &layout.bucket.typ},
        {"hash", &layout.bucket.hash},
        {"size", &layout.bucket.size},
        {"nstk", &layout.bucket.nstk}},
       &layout.bucket.bytes,
       kOptional},
      {"runtime.memRecord", {}, &layout.mem_record.bytes, kOptional},
      // Go 1.27 counts objects only: a bucket's size gives the bytes (mprof.go).
      {"runtime.memRecordCycle",
       {{"allocs", &layout.mem_record.allocs},
        {"frees", &layout.mem_record.frees},
        {"alloc_bytes", &layout.mem_record.alloc_bytes, kOptional},
        {"free_bytes", &layout.mem_record.free_bytes, kOptional}},
       &layout.mem_record.cycle_bytes,
       kOptional},
  };
}

std::vector<StructRows> goroutine_rows(RuntimeLayout& layout, RawMembers& extra) {
  return {
      {"runtime.g",
       {{"stack", &layout.g.stack},
        {"_panic", &layout.g._panic},
        {"_defer", &layout.g._defer},
        {"m", &layout.g.m},
        {"sched", &layout.g.sched},
        {"syscallsp", &layout.g.syscallsp},
        {"syscallpc", &layout.g.syscallpc},
        {"param", &layout.g.param},
        {"atomicstatus", &layout.g.atomicstatus},
        {"goid", &layout.g.goid},
        {"waitsince", &layout.g.waitsince},
        {"waitreason", &layout.g.waitreason},
        {"asyncSafePoint", &layout.g.asyncSafePoint, kOptional},
        {"gopc", &layout.g.gopc},
        {"startpc", &layout.g.startpc},
        {"parentGoid", &layout.g.parentGoid, kOptional},
        {"waiting", &layout.g.waiting},
        {"xRegs", &layout.g.xRegs, kOptional}},
       &layout.g.bytes},
      {"runtime.gobuf",
       {{"sp", &layout.gobuf.sp},
        {"pc", &layout.gobuf.pc},
        {"ctxt", &layout.gobuf.ctxt},
        {"bp", &layout.gobuf.bp}}},
      {"runtime.m",
       {{"g0", &layout.m.g0},
        {"gsignal", &layout.m.gsignal},
        {"curg", &layout.m.curg},
        {"procid", &layout.m.procid},
        {"alllink", &layout.m.alllink},
        {"vdsoPC", &layout.m.vdsoPC, kOptional},
        {"vdsoSP", &layout.m.vdsoSP, kOptional}}},
      {"runtime.p",
       {{"id", &layout.p.id},
        {"status", &layout.p.status},
        {"mcache", &layout.p.mcache},
        {"sysmontick.schedwhen", &layout.p.schedwhen, kOptional},
        {"sysmontick.syscallwhen", &layout.p.syscallwhen, kOptional},
        {"timers", &layout.p.timers, kOptional},  // Go 1.14
        {"pcache.base", &layout.p.pcache_base, kOptional},
        {"pcache.cache", &layout.p.pcache_cache, kOptional},
        {"pcache.scav", &layout.p.pcache_scav, kOptional},
        {"gFree.size", &layout.p.gFree_size, kOptional},
        {"gFree.n", &layout.p.gFree_size, kOptional}}},  // until Go 1.24
      {"runtime.schedt",
       {{"ngsys", &layout.sched.ngsys, kOptional},
        {"gFree.stack.size", &layout.sched.gFree_size, kOptional},
        {"gFree.noStack.size", &layout.sched.gFree_noStack_size, kOptional},
        {"gFree.n", &layout.sched.gFree_size, kOptional}},  // both, until Go 1.24
       nullptr,
       kOptional},
      // Go 1.26: elem and c are pairs of a pointer, which a leak-finding collection clears, and the
      // same as a number (runtime2.go, maybeTraceablePtr).
      {"runtime.sudog",
       {{"g", &layout.sudog.g},
        {"next", &layout.sudog.next},
        {"prev", &layout.sudog.prev},
        {"elem.vu", &layout.sudog.elem},
        {"elem", &layout.sudog.elem},
        {"elem", &extra.sudog_elem},
        {"isSelect", &layout.sudog.isSelect},
        {"parent", &layout.sudog.parent},
        {"waitlink", &layout.sudog.waitlink},
        {"waittail", &layout.sudog.waittail},
        {"c.maybeTraceablePtr.vu", &layout.sudog.c},
        {"c", &layout.sudog.c},
        {"c", &extra.sudog_c}},
       &layout.sudog.bytes},
      {"runtime.notifyList", {{"head", &layout.notify_list.head}}, nullptr, kOptional},
      {"runtime.hchan",
       {{"qcount", &layout.hchan.qcount},
        {"dataqsiz", &layout.hchan.dataqsiz},
        {"buf", &layout.hchan.buf},
        {"elemsize", &layout.hchan.elemsize},
        {"closed", &layout.hchan.closed},
        {"timer", &layout.hchan.timer, kOptional},
        {"elemtype", &layout.hchan.elemtype},
        {"sendx", &layout.hchan.sendx},
        {"recvx", &layout.hchan.recvx},
        {"recvq", &layout.hchan.recvq},
        {"sendq", &layout.hchan.sendq}},
       &layout.hchan.bytes},
      {"runtime._defer",
       {{"siz", &layout.defer.siz, kOptional},
        {"started", &layout.defer.started, kOptional},      // until Go 1.21
        {"heap", &layout.defer.heap, kOptional},            // Go 1.13
        {"openDefer", &layout.defer.openDefer, kOptional},  // Go 1.14-1.21
        {"rangefunc", &layout.defer.rangefunc, kOptional},
        {"sp", &layout.defer.sp},
        {"pc", &layout.defer.pc},
        {"fn", &layout.defer.fn},
        {"link", &layout.defer.link},
        {"head", &layout.defer.head, kOptional}},
       &layout.defer.bytes},
  };
}

// runtime/time.go: buckets until Go 1.13, a heap of each P since, with times beside the pointers
// and another state since 1.23.
std::vector<StructRows> timer_rows(RuntimeLayout& layout) {
  return {
      {"runtime.timer",
       {{"when", &layout.timer.when},
        {"period", &layout.timer.period},
        {"f", &layout.timer.f},
        {"arg", &layout.timer.arg},
        {"nextwhen", &layout.timer.nextwhen, kOptional},
        {"status", &layout.timer.status, kOptional},
        {"state", &layout.timer.state, kOptional},
        {"isChan", &layout.timer.isChan, kOptional}},
       &layout.timer.bytes},
      {"runtime.timersBucket",
       {{"t", &layout.timers_bucket.t}},
       &layout.timers_bucket.bytes,
       kOptional},
      {"runtime.timers", {{"heap", &layout.timer_heap.heap, kOptional}}, nullptr, kOptional},
      {"runtime.timerWhen",
       {{"timer", &layout.timer_when.timer}},
       &layout.timer_when.bytes,
       kOptional},
      {"runtime.timeTimer",
       {{"c", &layout.time_timer.c}, {"timer", &layout.time_timer.timer}},
       nullptr,
       kOptional},
  };
}

std::vector<StructRows> module_rows(RuntimeLayout& layout, RawMembers& extra) {
  return {
      {"runtime.moduledata",
       {// Go 1.16 gave pclntable's parts their own names (symtab.go), 1.18 added rodata and gofunc.
        {"pcHeader", &layout.moduledata.pcHeader, kOptional},
        {"funcnametab", &layout.moduledata.funcnametab, kOptional},
        {"cutab", &layout.moduledata.cutab, kOptional},
        {"filetab", &layout.moduledata.filetab},
        {"pctab", &layout.moduledata.pctab, kOptional},
        {"pclntable", &layout.moduledata.pclntable},
        {"ftab", &layout.moduledata.ftab},
        {"minpc", &layout.moduledata.minpc},
        {"maxpc", &layout.moduledata.maxpc},
        {"text", &layout.moduledata.text},
        {"etext", &layout.moduledata.etext},
        {"noptrdata", &layout.moduledata.noptrdata},
        {"enoptrdata", &layout.moduledata.enoptrdata},
        {"data", &layout.moduledata.data},
        {"edata", &layout.moduledata.edata},
        {"bss", &layout.moduledata.bss},
        {"ebss", &layout.moduledata.ebss},
        {"noptrbss", &layout.moduledata.noptrbss},
        {"enoptrbss", &layout.moduledata.enoptrbss},
        {"rodata", &layout.moduledata.rodata, kOptional},
        {"gofunc", &layout.moduledata.gofunc, kOptional},
        {"types", &layout.moduledata.types},
        {"etypes", &layout.moduledata.etypes},
        {"itaboffset", &layout.moduledata.itaboffset, kOptional},  // Go 1.27 (symtab.go)
        {"itabsize", &layout.moduledata.itabsize, kOptional},
        {"typelinks", &layout.moduledata.typelinks, kOptional},  // until Go 1.26
        {"itablinks", &layout.moduledata.itablinks, kOptional},
        {"textsectmap", &layout.moduledata.textsectmap},
        {"gcdatamask", &layout.moduledata.gcdatamask},
        {"gcbssmask", &layout.moduledata.gcbssmask},
        {"next", &layout.moduledata.next}},
       &layout.moduledata.bytes},
      {"runtime._func",
       {{"entryOff", &layout.func.entryOff},
        {"entryoff", &layout.func.entryOff},  // Go 1.18 and 1.19
        {"entry", &layout.func.entryOff},     // before: an address
        {"nameOff", &layout.func.nameOff},
        {"nameoff", &layout.func.nameOff},
        {"args", &layout.func.args},
        {"deferreturn", &layout.func.deferreturn},
        {"pcsp", &layout.func.pcsp},
        {"pcfile", &layout.func.pcfile},
        {"pcln", &layout.func.pcln},
        {"npcdata", &layout.func.npcdata},
        {"cuOffset", &layout.func.cuOffset, kOptional},
        {"startLine", &layout.func.startLine, kOptional},
        {"funcID", &layout.func.funcID},
        {"flag", &layout.func.flag, kOptional},
        {"nfuncdata", &layout.func.nfuncdata}}},
      {"runtime.stackObjectRecord",
       {{"typ", &extra.object_type, kOptional}, {"gcdata", &extra.object_mask, kOptional}},
       nullptr,
       kOptional},
      // Go 1.26, 1.24, 1.21, before.
      {"internal/abi.MapType|internal/abi.SwissMapType|internal/abi.OldMapType|runtime.maptype",
       {},
       &layout.map_type_bytes,
       kOptional},
      {"runtime.structfield", {{"offsetAnon", &extra.offset_anon, kOptional}}, nullptr, kOptional},
  };
}

std::vector<StructRows> queue_rows(RuntimeLayout& layout) {
  return {
      {"runtime.finBlock|runtime.finblock",
       {{"alllink", &layout.fin_block.alllink},
        {"cnt", &layout.fin_block.cnt},
        {"fin", &layout.fin_block.fin}},
       nullptr,
       kOptional},
      {"runtime.finalizer",
       {{"fn", &layout.fin_block.fn},
        {"arg", &layout.fin_block.arg},
        {"fint", &layout.fin_block.fint},
        {"ot", &layout.fin_block.ot}},
       &layout.fin_block.finalizer_bytes,
       kOptional},
      {"runtime.cleanupQueue", {{"all", &layout.cleanup_queue.all}}, nullptr, kOptional},
      {"runtime.cleanupBlock",
       {{"cleanupBlockHeader.alllink", &layout.cleanup_queue.alllink},
        {"cleanupBlockHeader.n", &layout.cleanup_queue.n},
        {"cleanups", &layout.cleanup_queue.cleanups}},
       nullptr,
       kOptional},
  };
}

}  // namespace

std::vector<StructRows> layout_rows(RuntimeLayout& layout, RawMembers& extra) {
  std::vector<StructRows> all;
  for (const std::vector<StructRows>& rows :
       {heap_rows(layout, extra), special_rows(layout), goroutine_rows(layout, extra),
        timer_rows(layout), module_rows(layout, extra), queue_rows(layout), page_rows(layout),
        statistics_rows(layout, extra)}) {
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace seep::goruntime
