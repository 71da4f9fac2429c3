// Goroutines that waited in the frozen copy, and have gone on in the program since.
//
// Whoever wakes a goroutine has in its hands what it waits for, and for some instructions no
// pointer map tells of it. Those instructions are over by the time the copy has been read: the
// program itself then says who was being woken.
#pragma once

#include <vector>

#include "goruntime/layout/runtime_layout.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Sets Goroutine::went_on of those whose wait in `copy` is over in `live`. A wait that cannot be
/// read any more, because the program has ended, counts as before.
void mark_those_that_went_on(const target::MemoryReader& copy, const target::MemoryReader& live,
                             const RuntimeLayout& layout,
                             std::vector<snapshot::Goroutine>& goroutines);

}  // namespace seep::goruntime
