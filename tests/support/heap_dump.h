// Reads what runtime/debug.WriteHeapDump writes: the runtime's own word on which objects exist, how
// its memory statistics add up, and where its goroutines are.
//
// The format is a sequence of tagged records of unsigned varints ("go1.7 heap dump"; described at
// golang.org/s/go15heapdump, written by runtime/heapdump.go, Go 1.27).
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace seep::test {

/// Begin and size of the whole slot.
struct DumpedObject {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  auto operator<=>(const DumpedObject&) const = default;
};

struct DumpedGoroutine {
  std::uint64_t id = 0;
  std::uint64_t status = 0;
  bool system = false;
  std::string wait_reason;
  std::vector<std::string> functions;  ///< innermost first, without inlined calls
};

struct DumpedFinalizer {
  std::uint64_t object = 0;
  bool queued = false;
};

struct HeapDump {
  std::string go_version;
  std::vector<DumpedObject> objects;  ///< by rising address
  std::vector<DumpedGoroutine> goroutines;
  std::vector<DumpedFinalizer> finalizers;
  std::vector<std::uint64_t> sampled_objects;  ///< with a record of the heap profile
  std::uint64_t heap_alloc = 0;
  std::uint64_t mallocs = 0;
  std::uint64_t frees = 0;
  std::uint64_t heap_objects = 0;
  std::uint64_t heap_inuse = 0;
};

Result<HeapDump> read_heap_dump(const std::string& path);

}  // namespace seep::test
