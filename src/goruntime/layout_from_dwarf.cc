// Tables of rows, one for each struct: a member's name and where its place is kept. A shape that
// changed over the releases has several rows for one place, newest first; the first that the
// program has wins, and only if none fits is a required member missing. So another release means
// another row, and only where the meaning changed a branch (resolve_shapes).
#include "goruntime/layout_from_dwarf.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "goruntime/struct_member.h"

namespace seep::goruntime {
namespace {

enum class Need { kRequired, kOptional };
using enum Need;

struct MemberRow {
  std::string_view path;  ///< "elem.vu" is member vu of the struct that member elem is
  Member* place;
  Need need = kRequired;
};

struct StructRows {
  std::string_view name;  ///< alternatives separated by "|", newest first
  std::vector<MemberRow> members;
  std::uint32_t* bytes = nullptr;
  Need need = kRequired;
};

// Members that no field of the layout takes as they are.
struct Intermediate {
  Member sudog_elem, sudog_c;                                       // with what surrounds the word
  Member stats_in_heap_stats;                                       // consistentHeapStats.stats
  Member tiny_block, cleanup, weak_handle, reachable, pin_counter;  // which specials mheap has
  Member inline_marks;
  Member checkmarks;                // heapArena
  Member offset_anon;               // of a field in a struct descriptor
  Member object_type, object_mask;  // stackObjectRecord
  std::uint32_t inline_mark_bytes = 0;
};

std::vector<StructRows> heap_rows(RuntimeLayout& layout, Intermediate& extra) {
  return {
      {"runtime.mheap",
       {{"allspans", &layout.mheap.allspans},
        {"arenas", &layout.mheap.arenas},
        {"sweepgen", &layout.mheap.sweepgen},
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
        {"checkmarks", &extra.checkmarks, kOptional},
        {"pageUseSpanInlineMarkBits", &layout.heap_arena.pageUseSpanInlineMarkBits, kOptional}}},
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
        {"isUserArenaChunk", &layout.mspan.isUserArenaChunk, kOptional}},
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

std::vector<StructRows> goroutine_rows(RuntimeLayout& layout, Intermediate& extra) {
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
       {{"id", &layout.p.id}, {"status", &layout.p.status}, {"mcache", &layout.p.mcache}}},
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
        {"heap", &layout.defer.heap, kOptional},  // Go 1.13
        {"rangefunc", &layout.defer.rangefunc, kOptional},
        {"sp", &layout.defer.sp},
        {"pc", &layout.defer.pc},
        {"fn", &layout.defer.fn},
        {"link", &layout.defer.link},
        {"head", &layout.defer.head, kOptional}},
       &layout.defer.bytes},
  };
}

std::vector<StructRows> module_rows(RuntimeLayout& layout, Intermediate& extra) {
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
      {"runtime.structfield", {{"offsetAnon", &extra.offset_anon, kOptional}}, nullptr, kOptional},
  };
}

std::vector<StructRows> queue_and_statistics_rows(RuntimeLayout& layout, Intermediate& extra) {
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
      {"runtime.gcControllerState",
       {{"gcPercent", &layout.gc_controller.gcPercent, kOptional},
        {"memoryLimit", &layout.gc_controller.memoryLimit, kOptional},
        {"heapLive", &layout.gc_controller.heapLive, kOptional},
        {"heapMarked", &layout.gc_controller.heapMarked, kOptional},
        {"gcPercentHeapGoal", &layout.gc_controller.gcPercentHeapGoal, kOptional},
        {"heapGoal", &layout.gc_controller.gcPercentHeapGoal, kOptional},
        {"heapInUse", &layout.gc_controller.heapInUse, kOptional},
        {"heapReleased", &layout.gc_controller.heapReleased, kOptional},
        {"heapFree", &layout.gc_controller.heapFree, kOptional}}},
      {"runtime.mstats",
       {{"numgc", &layout.mstats.numgc},
        {"heapStats", &layout.mstats.heapStats, kOptional},
        {"heap_inuse", &layout.mstats.heap_inuse, kOptional},
        {"heap_idle", &layout.mstats.heap_idle, kOptional},
        {"heap_released", &layout.mstats.heap_released, kOptional},
        {"stacks_inuse", &layout.mstats.stacks_inuse, kOptional},
        {"next_gc", &layout.mstats.next_gc, kOptional},
        {"heap_live", &layout.mstats.heap_live, kOptional},
        {"heap_marked", &layout.mstats.heap_marked, kOptional}}},
      {"runtime.consistentHeapStats", {{"stats", &extra.stats_in_heap_stats}}, nullptr, kOptional},
      {"runtime.heapStatsDelta",
       {{"inHeap", &layout.mstats.inHeap},
        {"inStacks", &layout.mstats.inStacks},
        {"released", &layout.mstats.released},
        {"committed", &layout.mstats.committed},
        {"inWorkBufs", &layout.mstats.inWorkBufs}},
       &layout.mstats.delta_bytes,
       kOptional},
  };
}

std::unexpected<Error> missing(std::string_view what) {
  return fail(ErrorKind::kUnsupported, "the Go runtime of this program has no " +
                                           std::string(what) +
                                           ", which seep needs: an unknown Go release");
}

bool fits_layout(std::uint64_t number) {
  return number <= std::numeric_limits<std::uint32_t>::max();
}

class LayoutResolver {
 public:
  explicit LayoutResolver(const dwarf::DwarfInfo& dwarf) : dwarf_(dwarf) {}

  Result<void> resolve(const std::vector<StructRows>& tables) const {
    for (const StructRows& rows : tables) TRY(resolve(rows));
    return {};
  }

  bool has_struct(std::string_view name) const { return !dwarf_.find_struct(name).is_none(); }

  /// Bytes of one element of an array member; 0 if there is no such array.
  std::uint32_t element_bytes(std::string_view struct_name, std::string_view member) const {
    dwarf::Type type = dwarf_.type(dwarf_.find_struct(struct_name));
    const dwarf::TypeField* field = type.field(member);
    if (field == nullptr) return 0;
    std::uint64_t bytes = dwarf_.size_of(dwarf_.type(field->type).element);
    return fits_layout(bytes) ? static_cast<std::uint32_t>(bytes) : 0;
  }

 private:
  dwarf::TypeRef find_any(std::string_view names) const {
    while (!names.empty()) {
      std::size_t bar = names.find('|');
      dwarf::TypeRef found = dwarf_.find_struct(names.substr(0, bar));
      if (!found.is_none() || bar == std::string_view::npos) return found;
      names.remove_prefix(bar + 1);
    }
    return {};
  }

  Result<void> resolve(const StructRows& rows) const {
    dwarf::TypeRef ref = find_any(rows.name);
    if (ref.is_none()) {
      if (rows.need == kRequired) return missing(rows.name);
      return {};
    }
    dwarf::Type type = dwarf_.type(ref);
    if (!fits_layout(type.bytes)) return missing(rows.name);
    if (rows.bytes != nullptr) *rows.bytes = static_cast<std::uint32_t>(type.bytes);
    for (const MemberRow& row : rows.members) {
      if (!row.place->exists()) *row.place = find_member(dwarf_, type, row.path);
    }
    for (const MemberRow& row : rows.members) {
      if (row.need == kRequired && !row.place->exists()) {
        return missing(std::string(rows.name) + "." + std::string(row.path));
      }
    }
    return {};
  }

  const dwarf::DwarfInfo& dwarf_;
};

// Numbers that the compiler does not write into the debug information: which list of kinds the
// release has shows in the allocators that mheap has for them. Source: runtime/mheap.go,
// _KindSpecial*.
void resolve_special_kinds(RuntimeLayout& layout, const Intermediate& extra) {
  if (extra.tiny_block.exists()) {
    // Go 1.25: tiny block 1, finalizer, weak handle, profile, reachable, pin counter, cleanup 7.
    layout.special_kind = {.finalizer = 2, .weak_handle = 3, .profile = 4, .cleanup = 7};
  } else if (extra.cleanup.exists()) {  // Go 1.24
    layout.special_kind = {.finalizer = 1, .weak_handle = 2, .profile = 3, .cleanup = 6};
  } else if (extra.weak_handle.exists()) {  // Go 1.23
    layout.special_kind = {.finalizer = 1, .weak_handle = 2, .profile = 3, .cleanup = 0};
  } else {
    layout.special_kind = {.finalizer = 1, .weak_handle = 0, .profile = 2, .cleanup = 0};
  }
}

// Source: internal/abi/funcdata.go, before Go 1.21 runtime/symtab.go: which number each table has.
void resolve_table_numbers(RuntimeLayout& layout) {
  if (layout.moduledata.pcHeader.exists()) return;  // Go 1.16: as today
  if (layout.defer.heap.exists()) {                 // Go 1.13-1.15
    layout.funcdata_stack_objects = 3;
    layout.funcdata_inline_tree = 4;
    layout.funcdata_open_defers = 5;
  } else {  // Go 1.12
    layout.pcdata_stack_map = 0;
    layout.pcdata_inline_tree = 1;
    layout.funcdata_inline_tree = 2;
    layout.funcdata_stack_objects = 4;
  }
}

void resolve_function_shapes(RuntimeLayout& layout, const Intermediate& extra) {
  layout.functions =
      layout.func.entryOff.size == 8 ? FunctionShape::kAbsolute : FunctionShape::kOffsets;
  // Go 1.16 and before; 1.17 (runtime/stack.go).
  if (extra.object_type.exists()) {
    layout.stack_objects = StackObjectShape::kType;
  } else if (extra.object_mask.exists()) {
    layout.stack_objects = StackObjectShape::kMask;
  }
  // Go 1.20 gave functions their first line and inlined calls another form (symtabinl.go).
  layout.inline_tree_of_parents = !layout.func.startLine.exists();
  layout.function_flags = layout.func.flag.exists();
  // The pcdata offsets follow the last member directly; the struct's size may be padded.
  layout.func.bytes = layout.func.nfuncdata.offset + layout.func.nfuncdata.size;
  resolve_table_numbers(layout);
}

// What has no member of its own is told from another change of the same release.
void resolve_type_shapes(RuntimeLayout& layout, const Intermediate& extra) {
  // Go 1.24 dropped programs that make masks, and cleanups came (reflectdata/reflect.go, mheap.go).
  layout.masks_on_demand = extra.cleanup.exists();
  // Go 1.17: reflect/type.go, name.readVarint; and flags of functions.
  layout.wide_name_lengths = !layout.function_flags;
  layout.shifted_field_offsets = extra.offset_anon.exists();
}

Result<void> resolve_shapes(RuntimeLayout& layout, const Intermediate& extra,
                            const LayoutResolver& resolver) {
  resolve_special_kinds(layout, extra);

  // Go 1.22 dropped the arenas' bitmap (CL 486380) and gave mspan the type of large objects.
  if (layout.heap_arena.bitmap.exists()) {
    layout.bitmap = layout.heap_arena.noMorePtrs.exists() ? BitmapShape::kArenaOneBit
                                                          : BitmapShape::kArenaTwoBits;
    // Go 1.16 gave checkmarks a bitmap of their own (mcheckmark.go).
    layout.second_scan_bit_is_checkmark = !extra.checkmarks.exists();
  } else if (layout.mspan.largeType.exists()) {
    layout.bitmap = BitmapShape::kSpanAndHeaders;
  } else {
    return missing("runtime.mspan.largeType");
  }

  // Go 1.24 (runtime/map_swiss.go); before it the header is runtime.hmap.
  layout.map = resolver.has_struct("runtime.hmap") ? MapShape::kBuckets : MapShape::kSwiss;

  // Go 1.26, or 1.25 with GOEXPERIMENT=greenteagc (runtime/mgcmark_greenteagc.go); without Green
  // Tea the struct is empty (mgcmark_nogreenteagc.go) or not there.
  layout.inline_mark_bits = extra.inline_marks.exists();
  if (layout.inline_mark_bits) {
    layout.inline_mark_bytes = extra.inline_mark_bytes;
    layout.inline_marks_offset = extra.inline_marks.offset;
  }

  layout.sudog.elem_first = extra.sudog_elem.offset;
  layout.sudog.elem_bytes = extra.sudog_elem.size;
  layout.sudog.c_first = extra.sudog_c.offset;
  layout.sudog.c_bytes = extra.sudog_c.size;

  // Go 1.26 (sema.go, semacquire1; it came with maybeTraceablePtr).
  layout.waiting_names_semaphores = layout.sudog.elem_bytes == 16;
  resolve_function_shapes(layout, extra);
  resolve_type_shapes(layout, extra);

  if (layout.mstats.heapStats.exists()) {
    layout.mstats.heapStats.offset += extra.stats_in_heap_stats.offset;
    layout.mstats.heapStats.size = extra.stats_in_heap_stats.size;
  }
  layout.cleanup_queue.cleanup_bytes = resolver.element_bytes("runtime.cleanupBlock", "cleanups");
  return {};
}

}  // namespace

Result<RuntimeLayout> layout_from_dwarf(const dwarf::DwarfInfo& dwarf, const GoVersion& version) {
  TRY(check_supported(version));
  RuntimeLayout layout;
  Intermediate extra;
  LayoutResolver resolver(dwarf);
  TRY(resolver.resolve(heap_rows(layout, extra)));
  TRY(resolver.resolve(special_rows(layout)));
  TRY(resolver.resolve(goroutine_rows(layout, extra)));
  TRY(resolver.resolve(module_rows(layout, extra)));
  TRY(resolver.resolve(queue_and_statistics_rows(layout, extra)));
  TRY(resolve_shapes(layout, extra, resolver));
  return layout;
}

}  // namespace seep::goruntime
