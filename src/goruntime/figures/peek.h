// Go's own figures of a running program, read without stopping it: for `seep ps` and for watching.
//
// The program goes on while it is read. A single word is believed: the kernel copies it whole. All
// else is read again until it comes out the same twice in a row. A program that never rests does
// not do that: then the middle of five readings is said, which no torn reading among them can be;
// and what contradicts another figure is left out. docs/go-figures.md says which figure is which.
#pragma once

#include <cstdint>

#include "goruntime/figures/peek_plan.h"
#include "snapshot/go_figures.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// What this release does not keep, or what could not be read consistently, is absent. `slide` is
/// process address minus linked address. Some 20 microseconds for a live process.
///
/// heap_alloc and objects of a program that allocates are off by what its Ps have in their caches
/// (object_counts.h); the runtime itself takes them back to answer ReadMemStats.
snapshot::GoFigures peek(const target::MemoryReader& memory, const PeekPlan& plan,
                         std::uint64_t slide);

}  // namespace seep::goruntime
