// Where the fields of the runtime's structs are, from the program's own debug information.
#pragma once

#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "goruntime/go_version.h"
#include "goruntime/runtime_layout.h"

namespace seep::goruntime {

/// kUnsupported, naming the field, if the runtime lacks something that seep cannot do without.
/// Optional members that this release (or this program) does not have stay non-existent. Leaves
/// wait_reasons empty: see read_wait_reasons in runtime_variables.h.
Result<RuntimeLayout> layout_from_dwarf(const dwarf::DwarfInfo& dwarf, const GoVersion& version);

}  // namespace seep::goruntime
