// Whether a stopped program can be read as it is: no collection is marking and no stack is being
// moved to another place. Cheap: it is asked while the program stands still.
#pragma once

#include "base/result.h"
#include "goruntime/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

Result<bool> is_quiet_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                              const RuntimeVariables& variables);

}  // namespace seep::goruntime
