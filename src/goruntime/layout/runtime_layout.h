// Where the fields of the runtime's structs are, and which of the shapes that the runtime has had
// over the years this program has. Resolved once per target; every reader works through it, so that
// none of them knows a release number.
//
// Members are asked for by name ("does this member exist, how wide is it") in the program's own
// debug information or in the table of its release (layout_rows.cc). Field names are the runtime's
// own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/address.h"

namespace seep::goruntime {

/// A member of a runtime struct. Width varies between releases, so readers read `size` bytes.
struct Member {
  std::uint32_t offset = 0;  ///< bytes from the start of the struct
  std::uint32_t size = 0;    ///< 0: this release has no such member

  bool exists() const { return size != 0; }
};

/// How the runtime says which words of a heap object are pointers.
enum class BitmapShape : std::uint8_t {
  kArenaTwoBits,    ///< heapArena.bitmap, pointer and scan bit per word (Go 1.12-1.19)
  kArenaOneBit,     ///< heapArena.bitmap + noMorePtrs (Go 1.20-1.21)
  kSpanAndHeaders,  ///< bits at the end of small spans, type headers in larger slots (Go 1.22+)
};

/// How maps are built.
enum class MapShape : std::uint8_t {
  kBuckets,  ///< runtime.hmap (Go <= 1.23)
  kSwiss,    ///< internal/runtime/maps (Go 1.24+)
};

/// How moduledata.ftab and runtime._func say where a function and its tables are.
enum class FunctionShape : std::uint8_t {
  kAbsolute,  ///< addresses of 8 bytes (Go 1.12-1.17)
  kOffsets,   ///< offsets of 4 bytes from moduledata.text and gofunc (Go 1.18+)
};

/// What a record of a stack object looks like (runtime/stack.go, stackObjectRecord).
enum class StackObjectShape : std::uint8_t {
  kType,        ///< offset, address of the type (Go 1.12-1.16)
  kMask,        ///< offset, size, bytes with pointers, address of the mask (Go 1.17)
  kMaskOffset,  ///< the mask by its offset in the module's read-only data (Go 1.18+)
};

/// Where the runtime keeps the timers that are going to fire (runtime/time.go).
enum class TimerShape : std::uint8_t {
  kBuckets,      ///< runtime.timers, a fixed number of timersBucket (Go 1.12-1.13)
  kOfProcessor,  ///< p.timers, pointers (Go 1.14-1.22)
  kWithTimes,    ///< p.timers.heap, pointers and times; channel timers come in only while
                 ///< somebody waits for them (Go 1.23+)
};

/// How a function tells where it keeps its deferred calls, if it has few (FUNCDATA_OpenCodedDefers;
/// emitOpenDeferInfo in the compiler's ssa.go).
enum class OpenDeferShape : std::uint8_t {
  kNone,       ///< all deferred calls are in the list (Go 1.12-1.13)
  kArguments,  ///< place of the bits, of each closure and of its arguments (Go 1.14-1.17)
  kClosures,   ///< place of the bits and of each closure (Go 1.18-1.21)
  kSlots,      ///< place of the bits and of an array of closures (Go 1.22+)
};

/// Members of the runtime's structs that seep reads, named as there.
struct RuntimeLayout {
  struct {
    Member allspans, arenas, sweepgen;
    /// Slices of arena numbers; the second since Go 1.25 has those of user arenas.
    Member allArenas, userArenaArenas;
    /// Members of `pages` (Go 1.14+): pointers to arrays of pallocData for 4 MiB each, in arrays of
    /// two levels; a slice of address ranges; an array of slices; a slice.
    Member pages_chunks, pages_inUse, pages_summary, pages_scav_index;
    Member curArena_base, curArena_end;  ///< the part of an arena that no page came from yet
    Member central;                      ///< array with an mcentral at the start of each element
    std::uint32_t central_bytes = 0;     ///< one element
    Member largealloc, nlargealloc, largefree, nlargefree, nsmallfree;  ///< Go 1.12-1.15
  } mheap;
  struct {
    Member nmalloc;  ///< Go 1.12-1.15
  } mcentral;
  struct {
    Member local_largefree, local_nlargefree, local_nsmallfree;  ///< Go 1.12-1.15
  } mcache;
  struct {
    std::uint32_t bytes = 0;  ///< of 512 pages
    Member pallocBits, scavenged;
  } palloc_data;
  struct {
    Member wbufSpans_free, wbufSpans_busy;  ///< first spans of the lists (mspan.next)
  } work;
  struct {
    Member free, next, current, previous;  ///< lists of gcBitsArena
    Member arena_next;
    std::uint32_t arena_bytes = 0;
  } gc_bits_arenas;
  struct {
    Member madvdontneed, disablethp, invalidptr, cgocheck;
  } debug;  ///< settings of GODEBUG
  struct {
    std::uint32_t bytes = 0;
    Member spans, bitmap, noMorePtrs, pageUseSpanInlineMarkBits;
  } heap_arena;
  struct {
    std::uint32_t bytes = 0;
    Member startAddr, npages, nelems, freeindex, freeIndexForScan, allocBits, gcmarkBits, sweepgen,
        allocCount, spanclass, state, elemsize, limit, specials, largeType, isUserArenaChunk, next,
        needzero, scavenged;
  } mspan;
  struct {
    Member next, offset, kind;
    std::uint32_t bytes = 0;  ///< the payload of a special begins here
  } special;
  /// Numbers of mspan special kinds; 0: this release has no such kind.
  struct {
    std::uint8_t finalizer = 0, weak_handle = 0, profile = 0, cleanup = 0;
  } special_kind;
  struct {
    Member fn, nret, fint, ot;
  } special_finalizer;
  struct {
    Member cleanup, fn, id;  ///< `cleanup` is a cleanupFn where it exists (Go 1.26+), else `fn`
  } special_cleanup;
  struct {
    Member call, fn, arg;
  } cleanup_fn;
  struct {
    Member handle;
  } special_weak_handle;
  struct {
    Member b;
  } special_profile;
  struct {
    std::uint32_t bytes = 0;  ///< header; nstk pcs follow, then the record
    Member next, allnext, typ, hash, size, nstk;
  } bucket;
  struct {
    std::uint32_t bytes = 0;        ///< whole memRecord
    std::uint32_t cycle_bytes = 0;  ///< one memRecordCycle; `active` is the first
    Member allocs, frees, alloc_bytes, free_bytes;
  } mem_record;
  struct {
    std::uint32_t bytes = 0;
    Member stack, _panic, _defer, m, sched, syscallsp, syscallpc, param, atomicstatus, goid,
        waitsince, waitreason, asyncSafePoint, gopc, startpc, parentGoid, waiting, xRegs;
  } g;
  struct {
    Member sp, pc, ctxt, bp;
  } gobuf;
  struct {
    Member g0, gsignal, curg, procid, alllink, vdsoPC, vdsoSP;
  } m;
  struct {
    Member id, status, mcache, timers, gFree_size, schedwhen, syscallwhen;
    Member pcache_base, pcache_cache, pcache_scav;  ///< Go 1.14+ (mpagecache.go)
  } p;
  struct {
    /// Go 1.12-1.24 count goroutines with and without a stack together, in gFree_size.
    Member ngsys, gFree_size, gFree_noStack_size;
  } sched;
  struct {
    std::uint32_t bytes = 0;
    Member t;
  } timers_bucket;
  struct {
    Member heap;
  } timer_heap;  ///< runtime.timers of a P
  struct {
    std::uint32_t bytes = 0;
    Member timer;
  } timer_when;
  struct {
    std::uint32_t bytes = 0;
    /// `nextwhen` and `status` until Go 1.22, `state` and `isChan` since 1.23.
    Member when, period, f, arg, nextwhen, status, state, isChan;
  } timer;
  struct {
    Member c, timer;  ///< what time.Timer and time.Ticker are since Go 1.23
  } time_timer;
  struct {
    std::uint32_t bytes = 0;
    /// elem and c are the words that hold the address whatever the collector does: `vu` of the pair
    /// where they are maybeTraceablePtr (Go 1.26+). The words [elem_first, elem_first + elem_bytes)
    /// and likewise for c are all that must not count as references.
    Member g, next, prev, elem, isSelect, parent, waitlink, waittail, c;
    std::uint32_t elem_first = 0, elem_bytes = 0, c_first = 0, c_bytes = 0;
  } sudog;
  struct {
    Member head;
  } notify_list;
  struct {
    std::uint32_t bytes = 0;
    Member qcount, dataqsiz, buf, elemsize, closed, timer, elemtype, sendx, recvx, recvq, sendq;
  } hchan;
  struct {
    std::uint32_t bytes = 0;
    Member pcHeader, funcnametab, cutab, filetab, pctab, pclntable, ftab, minpc, maxpc, text, etext,
        noptrdata, enoptrdata, data, edata, bss, ebss, noptrbss, enoptrbss, rodata, gofunc, types,
        etypes, itaboffset, itabsize, typelinks, itablinks, textsectmap, gcdatamask, gcbssmask,
        next;
  } moduledata;
  struct {
    std::uint32_t bytes = 0;  ///< where the pcdata offsets begin
    Member entryOff, nameOff, args, deferreturn, pcsp, pcfile, pcln, npcdata, cuOffset, startLine,
        funcID, flag, nfuncdata;
  } func;
  struct {
    std::uint32_t bytes = 0;
    /// `siz` bytes of arguments follow the record where it exists (Go 1.12-1.17).
    Member siz, started, heap, openDefer, rangefunc, sp, pc, fn, link, head;
  } defer;
  struct {
    Member all, alllink, cnt, fin;  ///< finBlock; `all` unused here, see RuntimeVariables::allfin
    std::uint32_t finalizer_bytes = 0;
    Member fn, arg, fint, ot;  ///< inside one finalizer of `fin`
  } fin_block;
  struct {
    Member all;                       ///< in cleanupQueue
    Member alllink, n, cleanups;      ///< in cleanupBlock
    std::uint32_t cleanup_bytes = 0;  ///< one element of `cleanups`
  } cleanup_queue;
  struct {
    std::uint32_t bytes = 0;
    /// `gcPercentHeapGoal` is heapGoal in Go 1.17 and 1.18.
    Member gcPercent, memoryLimit, heapLive, heapMarked, gcPercentHeapGoal, sweepDistMinTrigger,
        triggered, heapInUse, heapReleased, heapFree, totalAlloc, totalFree, mappedReady;
    bool headroom_is_share = false;  ///< 3 % of a memory limit are kept free (Go 1.21+), not 1 MiB
  } gc_controller;
  struct {
    std::uint32_t bytes = 0;
    Member numgc, last_gc_nanotime, last_gc_unix, gc_cpu_fraction;
    /// `gc_sys` is gcMiscSys from Go 1.16 on, without the work buffers.
    Member stacks_sys, mspan_sys, mcache_sys, buckhash_sys, gc_sys, other_sys;
    Member by_size;  ///< until Go 1.18: array of structs that begin with a 4-byte size
    std::uint32_t by_size_bytes = 0;  ///< one element
    /// Words of Go 1.12-1.15; some stay until 1.18, when gc_controller and heapStats have the rest.
    Member heap_sys, heap_idle, heap_inuse, heap_released, stacks_inuse, next_gc, heap_live,
        heap_marked;
    Member heapStats;               ///< Go 1.16: three heapStatsDelta
    Member heapStats_gen;           ///< which of them is written now
    std::uint32_t delta_bytes = 0;  ///< one heapStatsDelta
    /// Inside a heapStatsDelta.
    Member inHeap, inStacks, released, committed, inWorkBufs, inPtrScalarBits, largeAlloc,
        largeAllocCount, smallAllocCount, largeFree, largeFreeCount, smallFreeCount;
  } mstats;

  /// Size of the descriptor of a map type (internal/abi.MapType): an UncommonType may follow it.
  std::uint32_t map_type_bytes = 0;

  BitmapShape bitmap = BitmapShape::kSpanAndHeaders;
  /// A descriptor may name a mask that the runtime makes when it needs it (Go 1.24+).
  bool masks_on_demand = true;
  /// Lengths of names in descriptors are two bytes, big end first (Go 1.12-1.16), not uvarints.
  bool wide_name_lengths = false;
  /// Offsets in struct descriptors are shifted left by one (Go 1.12-1.18, offsetAnon).
  bool shifted_field_offsets = false;
  FunctionShape functions = FunctionShape::kOffsets;
  StackObjectShape stack_objects = StackObjectShape::kMaskOffset;
  /// An inlined call names its parent and the place of the call itself (Go 1.12-1.19).
  bool inline_tree_of_parents = false;
  /// Functions that end a stack have a flag, and arguments come in registers (Go 1.17+).
  bool function_flags = true;
  /// Semaphores and conditions are told from g.waiting (Go 1.26+).
  bool waiting_names_semaphores = true;
  MapShape map = MapShape::kSwiss;
  TimerShape timers = TimerShape::kWithTimes;
  OpenDeferShape open_defers = OpenDeferShape::kSlots;
  /// Small spans (16 <= elemsize <= 512) end with inline mark bits (Green Tea).
  bool inline_mark_bits = false;
  std::uint32_t inline_mark_bytes = 128;   ///< size of that block at the span's end
  std::uint32_t inline_marks_offset = 64;  ///< where its mark bits begin
  std::uint32_t pcdata_stack_map = 1, pcdata_inline_tree = 2;
  std::uint32_t funcdata_args = 0, funcdata_locals = 1, funcdata_stack_objects = 2,
                funcdata_inline_tree = 3, funcdata_open_defers = 4;
  std::vector<std::string> wait_reasons;  ///< read from the target's own table
};

/// Addresses of the runtime's variables in this process; null where this program has none.
struct RuntimeVariables {
  Address mheap, allgs, allp, allm, firstmoduledata, mbuckets, mem_profile_rate, semtable, gcphase,
      allfin, gc_cleanups, memstats, gc_controller, wait_reason_strings;
  std::uint64_t wait_reason_count = 0;  ///< strings at wait_reason_strings
  Address gc_percent;                   ///< runtime.gcpercent, Go 1.12-1.16
  Address itab_table;                   ///< runtime.itabTable, a pointer to its itabTableType
  Address timers;                       ///< runtime.timers, Go 1.12 and 1.13
  Address sched;
  Address debug;           ///< settings of GODEBUG
  Address work;            ///< of the collector; has the spans of its work buffers
  Address gc_bits_arenas;  ///< memory for mark and allocation bits
  Address
      persistent_chunks;  ///< the first of 256 KiB each, which begins with a pointer to the next
  Address buckhash;       ///< a pointer to the table of profile buckets, null before the first
};

}  // namespace seep::goruntime
