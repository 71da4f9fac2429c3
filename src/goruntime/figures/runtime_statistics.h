// The runtime's own account of its memory, read from its variables (runtime/mstats.go,
// mgcpacer.go).
#pragma once

#include "base/result.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Figures that this release does not keep, or that are not readable, are 0.
snapshot::RuntimeStatistics read_runtime_statistics(const target::MemoryReader& memory,
                                                    const RuntimeLayout& layout,
                                                    const RuntimeVariables& variables);

}  // namespace seep::goruntime
