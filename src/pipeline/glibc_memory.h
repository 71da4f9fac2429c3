// What glibc's malloc has, among anonymous memory of which nobody else says what it is: told by
// what malloc writes at the beginning of each piece (malloc/malloc.c and arena.c of glibc).
//
//   Heaps of an arena other than the main one begin at a multiple of 64 MiB (HEAP_MAX_SIZE) with a
//     heap_info: the arena, the heap before, how much of it is in use and how much is accessible.
//   Large blocks are mappings of their own, and begin with a chunk: zero, and their size, whole
//     pages, with a bit that says "mapped" (IS_MMAPPED).
// The main arena is [heap], which needs no search.
#pragma once

#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "target/memory_reader.h"

namespace seep::pipeline {

/// A range that may hold memory of malloc, and the pages of it that are resident, rising.
struct AnonymousPiece {
  AddressRange range;
  std::vector<AddressRange> resident;
};

/// Rising and disjoint. Costs a read of 32 bytes for each resident page that is in no such piece,
/// up to some gigabytes of them.
std::vector<AddressRange> find_glibc_memory(const std::vector<AnonymousPiece>& pieces,
                                            const target::MemoryReader& memory,
                                            Diagnostics& diagnostics);

}  // namespace seep::pipeline
