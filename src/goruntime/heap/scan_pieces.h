// How the spans of a heap are cut into pieces that are read one by one, and which of them are not
// read at all.
#pragma once

#include <cstdint>
#include <vector>

#include "goruntime/heap/span_reader.h"
#include "snapshot/heap.h"

namespace seep::goruntime {

/// So much of a heap is read at once: it stays in the processor's cache.
inline constexpr std::uint64_t kRunBytes = std::uint64_t{256} << 10;

/// Some whole spans, or a part of one large object.
struct Piece {
  std::uint32_t first_span = 0;
  std::uint32_t end_span = 0;
  std::uint64_t part_offset = 0;  ///< bytes from the start of the object
  std::uint64_t part_bytes = 0;   ///< 0: whole spans
  std::uint64_t read_bytes = 0;   ///< about what has to be read for it
};

/// In order of address. A span that is longer than what is read at once is cut into parts.
std::vector<Piece> plan_pieces(const HeapSpans& spans);

/// False for spans that hold no pointers, or nothing.
bool has_words_to_read(const snapshot::Span& span, const SpanDetail& detail);

}  // namespace seep::goruntime
