// What seep saw of a heap and of goroutines, compared with what the runtime itself said at the same
// point: a test prints the differences and expects none.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"
#include "support/heap_dump.h"
#include "support/stack_text.h"

namespace seep::test {

struct Comparison {
  std::size_t equal = 0;
  std::size_t different = 0;
  std::string differences;  ///< the first few, for people
};

/// Allocated objects, address and size, with debug.WriteHeapDump. The dump's own slip (slots past
/// the last object of a span, see objects_test.cc) is left out.
Comparison compare_objects(const snapshot::Snapshot& seen, const HeapDump& dump);

/// Goroutines with runtime.Stack(all): state, frames with file and line, creator. The one that
/// called runtime.Stack has moved on since, so only its presence is compared.
Comparison compare_goroutines(const snapshot::Snapshot& seen,
                              const std::vector<StackTextGoroutine>& expected);

}  // namespace seep::test
