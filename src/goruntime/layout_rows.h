// Which members of which structs the layout is filled from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "goruntime/runtime_layout.h"

namespace seep::goruntime {

enum class Need { kRequired, kOptional };

struct MemberRow {
  std::string_view path;  ///< "elem.vu" is member vu of the struct that member elem is
  Member* place;
  Need need = Need::kRequired;
};

struct StructRows {
  std::string_view name;  ///< alternatives separated by "|", newest first
  std::vector<MemberRow> members;
  std::uint32_t* bytes = nullptr;
  Need need = Need::kRequired;
};

/// Members that no field of the layout takes as they are: layout_shapes.h reads shapes from them.
struct RawMembers {
  Member sudog_elem, sudog_c;                                       // with what surrounds the word
  Member stats_in_heap_stats;                                       // consistentHeapStats.stats
  Member tiny_block, cleanup, weak_handle, reachable, pin_counter;  // which specials mheap has
  Member inline_marks;
  Member offset_anon;               // of a field in a struct descriptor
  Member object_type, object_mask;  // stackObjectRecord
  std::uint32_t inline_mark_bytes = 0;
};

/// The rows point into `layout` and `extra`.
std::vector<StructRows> layout_rows(RuntimeLayout& layout, RawMembers& extra);

}  // namespace seep::goruntime
