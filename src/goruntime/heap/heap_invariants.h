// Sums and rules that Go's runtime keeps about its heap, checked on what was read (design 4): if
// they hold, seep has understood this program's runtime.
#pragma once

#include <vector>

#include "goruntime/heap/object_scan.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

std::vector<snapshot::Invariant> check_heap_invariants(
    const target::MemoryReader& memory, const RuntimeLayout& layout,
    const RuntimeVariables& variables, const HeapSpans& spans, const ScanCounts& counts,
    const snapshot::RuntimeStatistics& statistics);

bool all_hold(const std::vector<snapshot::Invariant>& invariants);

/// A program can be stopped between two words that one allocation or one sweep writes. An image
/// that contradicts itself is given up for one that is taken a moment later, until so many were
/// read.
inline constexpr int kMostReadings = 4;

}  // namespace seep::goruntime
