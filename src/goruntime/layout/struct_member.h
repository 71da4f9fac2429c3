// A member of a struct, looked up by name in the program's own debug information.
#pragma once

#include <string_view>

#include "dwarf/dwarf_info.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

/// `path` "elem.vu" is member vu of the struct that member elem is. No member (size 0) if the
/// struct has none of that name, or one that does not lie inside it.
Member find_member(const dwarf::DwarfInfo& dwarf, const dwarf::Type& type, std::string_view path);

}  // namespace seep::goruntime
