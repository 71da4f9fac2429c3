// Fills a layout from whoever knows the structs.
#pragma once

#include "base/result.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/struct_facts.h"

namespace seep::goruntime {

/// kUnsupported, naming the member, if the runtime lacks something that seep cannot do without.
/// Optional members that this release (or this program) does not have stay non-existent. Leaves
/// wait_reasons empty: see read_wait_reasons in runtime_variables.h.
Result<RuntimeLayout> resolve_layout(const StructFacts& facts);

}  // namespace seep::goruntime
