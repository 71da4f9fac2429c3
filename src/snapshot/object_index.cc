#include "snapshot/object_index.h"

#include <algorithm>
#include <limits>

namespace seep::snapshot {

namespace {

constexpr std::uint64_t kMaxChunks = (std::uint64_t{16} << 40) / ObjectIndex::kChunkBytes;
constexpr std::uint64_t kMostHeaderBytes = 128;

Result<> check_span(const Span& span, Address previous_end) {
  bool whole_pages = span.start.is_aligned(ObjectIndex::kPageBytes) && span.bytes != 0 &&
                     span.bytes % ObjectIndex::kPageBytes == 0 && span.end() > span.start;
  bool slots_fit = span.slot_bytes != 0 && span.slot_count != 0 &&
                   span.slot_count <= span.bytes / span.slot_bytes;
  // Exactness of the reciprocal: Go's own spans of several slots are at most 10 pages long.
  bool small =
      span.slot_count == 1 || (span.bytes <= 16 * ObjectIndex::kPageBytes &&
                               span.slot_count <= std::numeric_limits<std::uint16_t>::max());
  bool header_fits = span.data_offset < std::min<std::uint64_t>(span.slot_bytes, kMostHeaderBytes);
  if (whole_pages && slots_fit && small && header_fits && span.start >= previous_end) return {};
  return fail(ErrorKind::kCorrupt, "a heap span contradicts itself or its neighbour", span.start);
}

std::uint64_t first_chunk_of(const std::vector<Span>& spans) {
  return spans.front().start.value() / ObjectIndex::kChunkBytes;
}

std::uint64_t last_chunk_of(const std::vector<Span>& spans) {
  return (spans.back().end().value() - 1) / ObjectIndex::kChunkBytes;
}

}  // namespace

Result<void> ObjectIndex::check(const std::vector<Span>& spans) {
  Address previous_end;
  for (const Span& span : spans) {
    TRY(check_span(span, previous_end));
    previous_end = span.end();
  }
  if (!spans.empty() && last_chunk_of(spans) - first_chunk_of(spans) >= kMaxChunks) {
    return fail(ErrorKind::kCorrupt, "the heap spans are too far apart to be one heap",
                spans.back().start);
  }
  return {};
}

Result<ObjectIndex> ObjectIndex::build(const std::vector<Span>& spans) {
  ObjectIndex index;
  if (spans.empty()) return index;
  TRY(check(spans));
  index.first_chunk_ = first_chunk_of(spans);
  index.chunks_.resize(last_chunk_of(spans) - index.first_chunk_ + 1);

  for (const Span& span : spans) {
    Page entry;
    entry.first = span.first.value;
    entry.slot_count = static_cast<std::uint16_t>(span.slot_count);
    entry.data_offset = span.data_offset & 0x7f;
    entry.pointer_free = span.pointer_free ? 1 : 0;
    entry.slot_bytes = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(span.slot_bytes, std::numeric_limits<std::uint32_t>::max()));
    if (span.slot_count > 1) {
      entry.reciprocal = std::numeric_limits<std::uint32_t>::max() / entry.slot_bytes + 1;
    }
    for (std::uint64_t page = 0; page < span.bytes / kPageBytes; ++page) {
      std::uint64_t at = span.start.value() / kPageBytes + page;
      std::unique_ptr<Page[]>& chunk = index.chunks_[at / kPagesPerChunk - index.first_chunk_];
      if (!chunk) chunk = std::make_unique<Page[]>(kPagesPerChunk);
      entry.page_in_span = static_cast<std::uint8_t>(std::min<std::uint64_t>(page, kFarPage));
      chunk[at % kPagesPerChunk] = entry;
    }
  }
  return index;
}

}  // namespace seep::snapshot
