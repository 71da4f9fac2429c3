// What the members mean in the release that the program was built with.
#pragma once

#include <string_view>

#include "base/result.h"
#include "goruntime/layout/layout_rows.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/struct_facts.h"

namespace seep::goruntime {

/// Fills what `layout` has besides members, from members that are already filled. kUnsupported if
/// they fit no release that is known.
Result<void> resolve_shapes(RuntimeLayout& layout, const RawMembers& extra,
                            const StructFacts& facts);

/// kUnsupported: the runtime has no `what`, which seep needs.
std::unexpected<Error> missing_in_runtime(std::string_view what);

}  // namespace seep::goruntime
