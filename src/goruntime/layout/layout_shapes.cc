// Where a release changed what a member means, or a thing that no member shows: told from members
// that came or went in the same release.
#include "goruntime/layout/layout_shapes.h"

#include <string>

namespace seep::goruntime {
namespace {

// Numbers that the compiler does not write into the debug information: which list of kinds the
// release has shows in the allocators that mheap has for them. Source: runtime/mheap.go,
// _KindSpecial*.
void resolve_special_kinds(RuntimeLayout& layout, const RawMembers& extra) {
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

void resolve_function_shapes(RuntimeLayout& layout, const RawMembers& extra) {
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
void resolve_type_shapes(RuntimeLayout& layout, const RawMembers& extra) {
  // Go 1.24 dropped programs that make masks, and cleanups came (reflectdata/reflect.go, mheap.go).
  layout.masks_on_demand = extra.cleanup.exists();
  // Go 1.17: reflect/type.go, name.readVarint; and flags of functions.
  layout.wide_name_lengths = !layout.function_flags;
  layout.shifted_field_offsets = extra.offset_anon.exists();
}

void resolve_timer_and_defer_shapes(RuntimeLayout& layout) {
  // Go 1.14 gave each P its timers, 1.23 put their times beside them (time.go).
  layout.timers = layout.timer_heap.heap.exists() ? TimerShape::kWithTimes
                  : layout.p.timers.exists()      ? TimerShape::kOfProcessor
                                                  : TimerShape::kBuckets;
  // Go 1.14; 1.18 without arguments, 1.22 without records of their own (panic.go).
  if (layout.defer.rangefunc.exists()) {
    layout.open_defers = OpenDeferShape::kSlots;
  } else if (!layout.defer.openDefer.exists()) {
    layout.open_defers = OpenDeferShape::kNone;
  } else {
    layout.open_defers =
        layout.defer.siz.exists() ? OpenDeferShape::kArguments : OpenDeferShape::kClosures;
  }
}

}  // namespace

std::unexpected<Error> missing_in_runtime(std::string_view what) {
  return fail(ErrorKind::kUnsupported, "the Go runtime of this program has no " +
                                           std::string(what) +
                                           ", which seep needs: an unknown Go release");
}

Result<void> resolve_shapes(RuntimeLayout& layout, const RawMembers& extra,
                            const StructFacts& facts) {
  resolve_special_kinds(layout, extra);

  // Go 1.22 dropped the arenas' bitmap (CL 486380) and gave mspan the type of large objects.
  if (layout.heap_arena.bitmap.exists()) {
    layout.bitmap = layout.heap_arena.noMorePtrs.exists() ? BitmapShape::kArenaOneBit
                                                          : BitmapShape::kArenaTwoBits;
  } else if (layout.mspan.largeType.exists()) {
    layout.bitmap = BitmapShape::kSpanAndHeaders;
  } else {
    return missing_in_runtime("runtime.mspan.largeType");
  }

  // Go 1.24 (runtime/map_swiss.go); before it the header is runtime.hmap.
  layout.map = facts.struct_bytes("runtime.hmap") ? MapShape::kBuckets : MapShape::kSwiss;

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
  resolve_timer_and_defer_shapes(layout);

  if (layout.mstats.heapStats.exists()) {
    std::uint32_t start = layout.mstats.heapStats.offset;
    layout.mstats.heapStats = extra.stats_in_heap_stats;
    layout.mstats.heapStats.offset += start;
    layout.mstats.heapStats_gen = extra.gen_in_heap_stats;
    layout.mstats.heapStats_gen.offset += start;
  }
  // Go 1.21 (mgcpacer.go, memoryLimitHeapGoalHeadroomPercent); the pacer got a longer memory with
  // it.
  constexpr std::uint32_t kOneFloat = 8;
  layout.gc_controller.headroom_is_share = extra.last_cons_mark.size > kOneFloat;
  layout.mstats.by_size_bytes = facts.element_bytes("runtime.mstats", "by_size");
  layout.mheap.central_bytes = facts.element_bytes("runtime.mheap", "central");
  layout.cleanup_queue.cleanup_bytes = facts.element_bytes("runtime.cleanupBlock", "cleanups");
  return {};
}

}  // namespace seep::goruntime
