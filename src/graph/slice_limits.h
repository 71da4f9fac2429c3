// Pointer words that begin no slice: what stands behind them says so.
//
// A slice shows no more elements than it has room for, and its room lies in the object that it
// points to. Where the two words behind a pointer break that, they are something else, mostly the
// length of a string and whatever field comes next. The heap notes them beside the reference
// (snapshot::Window) only where they suit a string that shows a part of its target: enough to tell
// a struct that begins with such a string from one that begins with a slice.
#pragma once

#include <cstdint>
#include <vector>

#include "snapshot/heap.h"

namespace seep::graph {

struct NoSlice {
  snapshot::ObjectId object;
  std::uint64_t offset = 0;  ///< of the pointer word, from the first data byte of the object

  bool operator==(const NoSlice&) const = default;
};

/// By rising object and offset. One pass over the windows and the references before them in the
/// same object.
std::vector<NoSlice> words_of_no_slice(const snapshot::Heap& heap);

}  // namespace seep::graph
