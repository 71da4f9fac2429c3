#include "goruntime/heap/scan_pieces.h"

#include <algorithm>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kPieceBytes = std::uint64_t{4} << 20;
constexpr std::uint32_t kMaxSlotsOfAPiece = 1 << 20;

}  // namespace

bool has_words_to_read(const snapshot::Span& span, const SpanDetail& detail) {
  if (span.pointer_free || detail.alloc_count == 0) return false;
  return detail.pointers != PointerSource::kLargeType || !detail.large_type.is_null();
}

std::vector<Piece> plan_pieces(const HeapSpans& spans) {
  std::vector<Piece> pieces;
  Piece open;
  std::uint64_t slots = 0;
  auto close = [&](std::uint32_t next) {
    open.end_span = next;
    if (open.end_span > open.first_span) pieces.push_back(open);
    open = {.first_span = next, .end_span = next};
    slots = 0;
  };
  std::uint32_t count = static_cast<std::uint32_t>(spans.heap.spans.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    const snapshot::Span& span = spans.heap.spans[i];
    bool read = has_words_to_read(span, spans.details[i]);
    if (read && span.bytes > kRunBytes) {
      close(i);
      for (std::uint64_t at = 0; at < span.slot_bytes; at += kPieceBytes) {
        std::uint64_t bytes = std::min(kPieceBytes, span.slot_bytes - at);
        pieces.push_back({i, i + 1, at, bytes, bytes});
      }
      open = {.first_span = i + 1, .end_span = i + 1};
      continue;
    }
    slots += span.slot_count;
    if (read) open.read_bytes += span.bytes;
    if (open.read_bytes >= kPieceBytes || slots >= kMaxSlotsOfAPiece) close(i + 1);
  }
  close(count);
  return pieces;
}

}  // namespace seep::goruntime
