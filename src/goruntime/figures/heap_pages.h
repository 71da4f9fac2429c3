// What the runtime says of each page of its heap, read from a program that runs on meanwhile.
//
// Spans tell of pages in use, by mheap_.allspans. Of the others Go 1.12 and 1.13 have spans too;
// from 1.14 on bitmaps say which pages are free and which of those were given back, a chunk of
// 4 MiB each, and each P has a cache of up to 64 free pages that count as allocated there
// (runtime/mpagealloc.go, mpallocbits.go, mpagecache.go). Where they disagree because something
// moved between two reads, spans come first.
#pragma once

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/figures/memory_parts.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/resident_memory.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

struct HeapPages {
  MemoryParts spans;   ///< in use: objects, stacks, the collector's buffers (as metadata)
  MemoryParts cached;  ///< free ones that a P has in its cache
  MemoryParts free;    ///< free ones as the heap knows them; the lists may overlap, first ones win
  snapshot::SpanOccupancy occupancy;
};

/// Live objects are those that the last collection has marked, garbage what it has not and what was
/// allocated since; before the first collection all are live. Fails where something moved while the
/// list of spans was read: another try helps.
Result<HeapPages> read_heap_pages(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                  const RuntimeVariables& variables, Diagnostics& diagnostics);

}  // namespace seep::goruntime
