// Which members of which structs the layout is filled from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

enum class Need { kRequired, kOptional };

struct MemberRow {
  std::string_view path;  ///< "elem.vu" is member vu of the struct that member elem is
  Member* place;
  Need need = Need::kRequired;
};

/// Alternatives of a name are separated by "|", newest first. "var runtime.debug" is the struct, of
/// no name of its own, that this variable is.
struct StructRows {
  std::string_view name;
  std::vector<MemberRow> members;
  std::uint32_t* bytes = nullptr;
  Need need = Need::kRequired;
};

/// Members that no field of the layout takes as they are: layout_shapes.h reads shapes from them.
struct RawMembers {
  Member sudog_elem, sudog_c;                                       // with what surrounds the word
  Member stats_in_heap_stats, gen_in_heap_stats;                    // of consistentHeapStats
  Member tiny_block, cleanup, weak_handle, reachable, pin_counter;  // which specials mheap has
  Member inline_marks;
  Member last_cons_mark;
  Member offset_anon;               // of a field in a struct descriptor
  Member object_type, object_mask;  // stackObjectRecord
  std::uint32_t inline_mark_bytes = 0;
};

/// The rows point into `layout` and `extra`.
std::vector<StructRows> layout_rows(RuntimeLayout& layout, RawMembers& extra);

/// Those of memory_rows.cc: the page allocator's structs; the runtime's figures and settings.
std::vector<StructRows> page_rows(RuntimeLayout& layout);
std::vector<StructRows> statistics_rows(RuntimeLayout& layout, RawMembers& extra);

}  // namespace seep::goruntime
