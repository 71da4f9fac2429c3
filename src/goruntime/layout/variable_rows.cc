// Functions are named as pclntab names them. Which ones use a variable was counted in programs of
// all releases, linked in all ways (tests: variables_by_shape_test.cc); a release renames and
// inlines some, so each list is longer than needed.
#include "goruntime/layout/variable_rows.h"

namespace seep::goruntime {
namespace {

Member allspans(const RuntimeLayout& layout) { return layout.mheap.allspans; }

// The figures of the heap: Go 1.16 gave them a struct of their own (mstats.go).
Member heap_figures(const RuntimeLayout& layout) {
  return layout.mstats.heapStats.exists() ? layout.mstats.heapStats : layout.mstats.heap_inuse;
}

Member system_goroutines(const RuntimeLayout& layout) { return layout.sched.ngsys; }

Member setting(const RuntimeLayout& layout) { return layout.debug.invalidptr; }

Member work_buffers(const RuntimeLayout& layout) { return layout.work.wbufSpans_free; }

Member free_bits(const RuntimeLayout& layout) { return layout.gc_bits_arenas.free; }

bool has_settings(const RuntimeLayout& layout) { return layout.debug.invalidptr.exists(); }

bool has_work_buffers(const RuntimeLayout& layout) { return layout.work.wbufSpans_free.exists(); }

bool has_bits_arenas(const RuntimeLayout& layout) { return layout.gc_bits_arenas.free.exists(); }

bool has_scheduler(const RuntimeLayout& layout) { return layout.sched.ngsys.exists(); }

bool controller_has_figures(const RuntimeLayout& layout) {
  return layout.gc_controller.gcPercent.exists();
}

bool percent_is_variable(const RuntimeLayout& layout) { return !controller_has_figures(layout); }

bool has_cleanups(const RuntimeLayout& layout) { return layout.cleanup_queue.all.exists(); }

bool has_timer_buckets(const RuntimeLayout& layout) {
  return layout.timers == TimerShape::kBuckets;
}

constexpr VariableShape kShapes[] = {
    {.name = "runtime.mheap_",
     .place = &RuntimeVariables::mheap,
     .looks_like = &RuntimeShapes::is_heap,
     .functions = {"runtime.mallocinit", "runtime.(*mcentral).grow", "runtime.gcSweep",
                   "runtime.gcResetMarkState"},
     .scan = ScanFor::kSlice,
     .scanned_member = allspans,
     .required = true},
    {.name = "runtime.allgs",
     .place = &RuntimeVariables::allgs,
     .looks_like = &RuntimeShapes::is_goroutine_list,
     .functions = {"runtime.allgadd", "runtime.forEachG", "runtime.markroot",
                   "runtime.gcMarkRootCheck", "runtime.checkdead", "runtime.gcMarkRootPrepare",
                   "runtime.gcPrepareMarkRoots", "runtime.gcResetMarkState",
                   "runtime.allGsSnapshot", "runtime.allGsSnapshotSortedForGC"},
     .use = OperandUse::kValue,
     .scan = ScanFor::kSlice,
     .required = true},
    {.name = "runtime.allp",
     .place = &RuntimeVariables::allp,
     .looks_like = &RuntimeShapes::is_processor_list,
     .functions = {"runtime.procresize", "runtime.gcStart", "runtime.gcMark",
                   "runtime.stopTheWorldWithSema", "runtime.retake", "runtime.preemptall"},
     .use = OperandUse::kValue,
     .scan = ScanFor::kSlice,
     .required = true},
    {.name = "runtime.allm",
     .place = &RuntimeVariables::allm,
     .looks_like = &RuntimeShapes::is_thread_list,
     .functions = {"runtime.mcommoninit", "runtime.mexit", "runtime.schedtrace",
                   "runtime.traceAdvance"}},
    {.name = "runtime.waitReasonStrings",
     .place = &RuntimeVariables::wait_reason_strings,
     .looks_like = &RuntimeShapes::is_wait_reasons,
     .functions = {"runtime.waitReason.String", "runtime.(*waitReason).String",
                   "runtime.goroutineheader", "runtime.schedtrace", "runtime.schedtrace.func1"},
     .use = OperandUse::kAddress,
     .least_functions = 1,
     .scan = ScanFor::kTexts,
     .required = true},
    {.name = "runtime.gcphase",
     .place = &RuntimeVariables::gcphase,
     .looks_like = &RuntimeShapes::is_phase,
     .functions = {"runtime.queuefinalizer", "runtime.gcMarkDone", "runtime.gcMarkTermination",
                   "runtime.gcMark", "runtime.gcSweep", "runtime.(*gcWork).balance",
                   "runtime.freeSomeWbufs", "runtime.addfinalizer", "runtime.stackpoolfree",
                   "runtime.stackfree", "runtime.(*p).destroy"},
     .use = OperandUse::kValue,
     .least_functions = 4},
    {.name = "runtime.memstats",
     .place = &RuntimeVariables::memstats,
     .looks_like = &RuntimeShapes::is_statistics,
     .functions = {"runtime.(*mcache).refill", "runtime.(*mcache).allocLarge",
                   "runtime.(*mcache).releaseAll", "runtime.(*mheap).allocSpan",
                   "runtime.(*mheap).grow", "runtime.(*mheap).freeSpanLocked",
                   "runtime.gcMarkTermination", "runtime.(*mheap).alloc_m",
                   "runtime.(*mheap).alloc.func1", "runtime.printScavTrace",
                   "runtime.(*mheap).scavenge", "runtime.bgscavenge"},
     .named_member = heap_figures},
    {.name = "runtime.gcController",
     .place = &RuntimeVariables::gc_controller,
     .looks_like = &RuntimeShapes::is_controller,
     .functions = {"runtime.gcStart", "runtime.gcMarkDone", "runtime.gcMark", "runtime.gcinit",
                   "runtime.(*mcache).refill", "runtime.(*mcache).allocLarge",
                   "runtime.(*mcache).releaseAll", "runtime.gcControllerCommit",
                   "runtime.gcBgMarkWorker"},
     .exists = controller_has_figures},
    {.name = "runtime.gcpercent",
     .place = &RuntimeVariables::gc_percent,
     .looks_like = &RuntimeShapes::is_gc_percent,
     .functions = {"runtime.(*gcControllerState).revise", "runtime.gcSetTriggerRatio",
                   "runtime.sysmon", "runtime.setGCPercent.func1", "runtime/debug.setGCPercent",
                   "runtime.gcTrigger.test"},
     .use = OperandUse::kValue,
     .least_functions = 3,
     .exists = percent_is_variable},
    {.name = "runtime.mbuckets",
     .place = &RuntimeVariables::mbuckets,
     .looks_like = &RuntimeShapes::is_profile,
     .functions = {"runtime.stkbucket", "runtime.mProf_FlushLocked", "runtime.MemProfile",
                   "runtime.iterate_memprof"},
     .scan = ScanFor::kPointer},
    {.name = "runtime.MemProfileRate",
     .place = &RuntimeVariables::mem_profile_rate,
     .looks_like = &RuntimeShapes::is_sample_rate,
     .functions = {"runtime.profilealloc", "runtime.allocmcache", "runtime.mallocgc",
                   "runtime.parsedebugvars", "runtime.parsegodebug", "runtime.schedinit",
                   "runtime.nextSample", "runtime.mallocgcSmallNoscan",
                   "runtime.mallocgcSmallScanNoHeader", "runtime.mallocgcSmallScanHeader",
                   "runtime.mallocgcLarge", "runtime.mallocgcTiny"},
     .use = OperandUse::kValue,
     .least_functions = 3},
    {.name = "runtime.semtable",
     .place = &RuntimeVariables::semtable,
     .looks_like = &RuntimeShapes::is_semaphore_table,
     .functions = {"runtime.semacquire1", "runtime.semrelease1", "runtime.semroot"},
     .use = OperandUse::kAddress,
     .least_functions = 1},
    {.name = "runtime.allfin",
     .place = &RuntimeVariables::allfin,
     .looks_like = &RuntimeShapes::is_finalizer_list,
     .functions = {"runtime.queuefinalizer", "runtime.markroot", "runtime.iterate_finq"},
     .use = OperandUse::kValue},
    {.name = "runtime.gcCleanups",
     .place = &RuntimeVariables::gc_cleanups,
     .looks_like = &RuntimeShapes::is_cleanup_queue,
     .functions = {"runtime.(*activeSweep).end", "runtime.freeSpecial", "runtime.findRunnable",
                   "runtime.gcMarkTermination"},
     .use = OperandUse::kAddress,
     .exists = has_cleanups},
    {.name = "runtime.itabTable",
     .place = &RuntimeVariables::itab_table,
     .looks_like = &RuntimeShapes::is_interface_table,
     .functions = {"runtime.getitab", "runtime.itabAdd", "runtime.iterate_itabs"},
     .scan = ScanFor::kPointer},
    {.name = "runtime.timers",
     .place = &RuntimeVariables::timers,
     .looks_like = &RuntimeShapes::is_timer_buckets,
     .functions = {"runtime.timejump", "runtime.timejumpLocked", "runtime.addtimer",
                   "runtime.(*timer).assignBucket"},
     .use = OperandUse::kAddress,
     .least_functions = 1,
     .exists = has_timer_buckets},
    {.name = "runtime.sched",
     .place = &RuntimeVariables::sched,
     .looks_like = &RuntimeShapes::is_scheduler,
     .functions = {"runtime.newproc1", "runtime.needm", "runtime.oneNewExtraM", "runtime.dropm",
                   "runtime.goexit0", "runtime.gdestroy"},
     .least_functions = 3,
     .named_member = system_goroutines,
     .exists = has_scheduler},
    {.name = "runtime.debug",
     .place = &RuntimeVariables::debug,
     .looks_like = &RuntimeShapes::is_settings,
     .functions = {"runtime.findObject", "runtime.parsedebugvars", "runtime.parseRuntimeDebugVars",
                   "runtime.adjustpointers"},
     .named_member = setting,
     .exists = has_settings},
    {.name = "runtime.work",
     .place = &RuntimeVariables::work,
     .looks_like = &RuntimeShapes::is_collector_work,
     .functions = {"runtime.prepareFreeWorkbufs", "runtime.freeSomeWbufs",
                   "runtime.freeSomeWbufs.func1", "runtime.getempty"},
     .least_functions = 3,
     .named_member = work_buffers,
     .exists = has_work_buffers},
    {.name = "runtime.gcBitsArenas",
     .place = &RuntimeVariables::gc_bits_arenas,
     .looks_like = &RuntimeShapes::is_bits_arenas,
     .functions = {"runtime.newArenaMayUnlock", "runtime.newMarkBits",
                   "runtime.nextMarkBitArenaEpoch"},
     .use = OperandUse::kValue,
     .named_member = free_bits,
     .exists = has_bits_arenas},
    {.name = "runtime.persistentChunks",
     .place = &RuntimeVariables::persistent_chunks,
     .looks_like = &RuntimeShapes::is_chunk_list,
     .functions = {"runtime.persistentalloc1", "runtime.inPersistentAlloc"},
     .use = OperandUse::kValue,
     .least_functions = 1},
};

}  // namespace

std::span<const VariableShape> variable_shapes() { return kShapes; }

}  // namespace seep::goruntime
