// Which later release of Go would treat memory better than that of a program: for those who advise
// on resident memory.
#pragma once

#include <string_view>

#include "snapshot/resident_memory.h"

namespace seep::goruntime {

/// Of a version text as a program has it; nothing for one that cannot be understood.
snapshot::LaterGo later_go(std::string_view go_version);

}  // namespace seep::goruntime
